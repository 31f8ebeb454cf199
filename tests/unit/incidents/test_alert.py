from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.v1.event import CloudEvent

from stream_drift.incidents.alert import (
    Alert,
    data_json,
    data_schema,
    headers,
    iso,
    round_floats,
    structured_json,
)
from stream_drift.runtime.told import alerts_of
from stream_drift.runtime.transport import StoredRecord
from tests.unit.incidents.deciding import (
    book,
    changed,
    command,
    end_of,
    finding,
    moment,
    opened,
    resolved,
)


def life() -> list[Alert]:
    made = book()
    alerts = made.decide([opened(1)], moment(1))
    alerts += made.obey(command("acknowledge"), end_of(1))
    alerts += made.decide([changed(2, finding(None, 0.6))], moment(2))
    return alerts + made.decide([resolved(3)], moment(3))


LIFE = life()


@pytest.mark.parametrize("alert", LIFE, ids=lambda alert: alert.data.change)
def test_every_alert_keeps_to_the_schema(alert: Alert) -> None:
    validator = jsonschema.Draft202012Validator(data_schema())
    validator.check_schema(data_schema())
    validator.validate(json.loads(data_json(alert)))


def test_the_schema_refuses_what_is_no_alert() -> None:
    data = json.loads(data_json(LIFE[0]))
    for broken in ({**data, "severity": "bad"}, {**data, "features": 3}, {"incident": "x"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, data_schema())


@pytest.mark.parametrize("alert", LIFE, ids=lambda alert: alert.data.change)
def test_an_independent_reader_understands_the_record(alert: Alert) -> None:
    message = KafkaMessage(dict(headers(alert)), alert.data.incident.encode(), data_json(alert))
    event = from_binary_event(message)
    assert isinstance(event, CloudEvent)
    assert event.get_id() == alert.id
    assert event.get_subject() == alert.data.incident
    assert event.get_type() == alert.type
    assert event.get_source() == "/streamdrift/streamdrift/monitors/hotel"
    assert event.get_specversion() == "1.0"
    assert event.get_datacontenttype() == "application/json"
    moment = event.get_time()
    assert moment is not None
    assert round(moment.timestamp() * 1_000) == alert.time_ms
    assert event.get_data() == json.loads(data_json(alert))


def test_one_json_object_holds_the_same_event() -> None:
    for alert in LIFE:
        event: dict[str, Any] = json.loads(structured_json(alert))
        assert event.pop("data") == json.loads(data_json(alert))
        assert event.pop("datacontenttype") == "application/json"
        assert {f"ce_{name}": value for name, value in event.items()} == {
            name: value.decode() for name, value in headers(alert) if name != "content-type"
        }


def test_an_alert_is_read_back_from_its_record() -> None:
    records = [
        StoredRecord(i, 0, b"", data_json(alert), headers(alert)) for i, alert in enumerate(LIFE)
    ]
    foreign = [
        StoredRecord(90, 0, None, None, ()),
        StoredRecord(91, 0, None, b"text", ()),
        StoredRecord(92, 0, None, b"{}", headers(LIFE[0])),
    ]
    found = list(alerts_of([*records, *foreign]))
    assert [(a.id, a.time_ms, data_json(a)) for a in found] == [
        (a.id, a.time_ms, data_json(a)) for a in LIFE
    ]


def test_no_number_is_endless_and_none_is_longer_than_six_digits() -> None:
    assert round_floats({"a": [1 / 3, float("nan"), float("-inf"), 7, None, (1e-9 / 3,)]}) == {
        "a": [0.333333, None, None, 7, None, [3.33333e-10]]
    }


def test_times_show_milliseconds_only_where_there_are_any() -> None:
    assert [iso(0), iso(1_760_000_400_120)] == ["1970-01-01T00:00:00Z", "2025-10-09T09:00:00.120Z"]
