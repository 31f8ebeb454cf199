from __future__ import annotations

import msgspec
import pytest

from stream_drift.incidents.alert import Alert, data_json, incident_id, iso
from stream_drift.incidents.book import Incident, IncidentBook
from tests.unit.incidents.deciding import (
    PANE_MS,
    POLICY,
    book,
    changed,
    command,
    end_of,
    finding,
    moment,
    opened,
    resolved,
)

ID = incident_id("hotel", POLICY, end_of(1))


def story(alerts: list[Alert]) -> list[tuple[str, str]]:
    return [(alert.id.removeprefix(ID), alert.data.change) for alert in alerts]


def open_book() -> IncidentBook:
    made = book()
    made.decide([opened(1)], moment(1))
    return made


def test_an_incident_is_opened_updated_and_resolved_under_one_id() -> None:
    made = book()
    alerts = made.decide([opened(1)], moment(1))
    alerts += made.decide([changed(2)], moment(2))
    alerts += made.decide([changed(3, finding(), finding("lead"))], moment(3))
    alerts += made.decide([resolved(4)], moment(4))
    assert story(alerts) == [("/1", "opened"), ("/2", "features"), ("/3", "resolved")]
    assert [alert.type.split(".")[3] for alert in alerts] == ["opened", "updated", "resolved"]
    assert [alert.time_ms for alert in alerts] == [end_of(1), end_of(3), end_of(4)]
    assert made.open == {}


def test_its_id_follows_from_monitor_policy_and_opening_pane() -> None:
    ids = {
        incident_id(monitor, policy, end)
        for monitor in ("a", "b") for policy in ("budget", "no_data") for end in (0, PANE_MS)
    }  # fmt: skip
    assert len(ids) == 8
    assert incident_id("hotel", "budget", 1_760_000_400_000) == "81cb1ff237e7720a"


def test_nothing_is_told_while_nothing_changes() -> None:
    assert open_book().decide([changed(2)], moment(2)) == []


def test_an_open_incident_is_repeated_after_the_interval() -> None:
    made = open_book()
    told = [made.decide([changed(pane)], moment(pane)) for pane in range(2, 10)]
    assert [len(alerts) for alerts in told] == [0, 0, 0, 1, 0, 0, 0, 1]
    assert told[3][0].data.change == "repeated"


def test_any_alert_puts_the_repeat_off() -> None:
    made = open_book()
    made.decide([changed(4, finding("lead"))], moment(4))
    assert made.decide([changed(5, finding("lead"))], moment(5)) == []
    assert len(made.decide([changed(8, finding("lead"))], moment(8))) == 1


@pytest.mark.parametrize(
    ("effect_sd", "severity"), [(0.05, "minor"), (0.1, "notice"), (0.25, None), (0.5, "severe")]
)
def test_another_severity_is_told(effect_sd: float, severity: str | None) -> None:
    alerts = open_book().decide([changed(2, finding(effect_sd=effect_sd))], moment(2))
    assert [(a.data.change, a.data.severity) for a in alerts] == (
        [] if severity is None else [("severity", severity)]
    )


def test_what_is_not_open_is_neither_changed_nor_resolved() -> None:
    assert book().decide([changed(2), resolved(3)], moment(3)) == []


def test_an_alert_tells_when_it_was_found_and_of_which_window() -> None:
    (alert,) = book().decide([opened(1)], moment(1, delay_ms=7_000))
    data = alert.data
    assert (data.opened_at, data.detected_at) == (iso(end_of(1)), iso(end_of(1) + 7_000))
    assert data.window is not None
    assert (data.window.n, data.status, data.resolved_at) == (900, "open", None)


def test_after_its_end_it_tells_when_that_was() -> None:
    (alert,) = open_book().decide([resolved(4)], moment(4))
    assert (alert.data.status, alert.data.resolved_at) == ("resolved", iso(end_of(4)))


def test_an_acknowledgement_is_told_and_stays() -> None:
    made = open_book()
    (told,) = made.obey(command("acknowledge", incident=ID), 99)
    assert (story([told]), told.data.labels) == (
        [("/2", "acknowledged")],
        {"acknowledged_by": "eve"},
    )
    (over,) = made.decide([resolved(2)], moment(2))
    assert over.data.labels == {"acknowledged_by": "eve"}


def test_a_mute_is_told_and_ends_by_event_time() -> None:
    made = open_book()
    (told,) = made.obey(command("mute", for_ms=str(2 * PANE_MS)), 99)
    assert told.data.labels == {"muted_until": iso(end_of(3))}
    (muted,) = made.decide([changed(2, finding("lead"))], moment(2))
    assert "muted_until" in muted.data.labels
    (over,) = made.decide([changed(3, finding("adr"))], moment(3))
    assert over.data.labels == {}


def test_a_deployment_is_named_from_then_on() -> None:
    made = open_book()
    assert made.obey(command("mark-deploy", version="4"), 99) == []
    (alert,) = made.decide([resolved(2)], moment(2))
    assert alert.data.labels == {"deployed_version": "4"}


@pytest.mark.parametrize(
    "word",
    [
        command("acknowledge", incident="another"),
        command("dance"),
        command("mute"),
        command("mute", for_ms="ten"),
        command("mute", for_ms="-5"),
        command("mute", for_ms="9" * 5_000),
    ],
)
def test_a_command_that_means_nothing_changes_nothing(word: object) -> None:
    made = open_book()
    before = made.open[POLICY].sequence
    assert made.obey(word, 99) == []  # type: ignore[arg-type] # parametrized as objects
    assert made.open[POLICY].sequence == before


def test_an_open_incident_comes_back_from_a_checkpoint() -> None:
    made, other = open_book(), book()
    packed = msgspec.msgpack.encode(made.open)
    other.open = msgspec.msgpack.decode(packed, type=dict[str, Incident])
    for mine in (made, other):
        mine.decide([changed(2, finding("lead"))], moment(2))
    one, two = (mine.decide([resolved(3)], moment(3))[0] for mine in (made, other))
    assert (one.id, data_json(one)) == (two.id, data_json(two))
