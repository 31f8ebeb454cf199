"""A test message says that it is one, opens and ends, and tells why it did not arrive."""

from __future__ import annotations

from typing import Any

import pytest

from stream_drift.channels.trial import MONITOR, trial_lines
from stream_drift.runtime import clock
from stream_drift.runtime.check_line import CheckLine
from tests.support.receiver import Receiver, Reply

OPTIONS: dict[str, dict[str, Any]] = {
    "alertmanager": {},
    "jira": {"key": "hush"},
    "opsgenie": {"key": "hush"},
    "pagerduty": {"routing_key": "hush"},
    "slack": {},
    "teams": {},
    "webhook": {"secret": "hush"},
}


def lines(kind: str, url: str) -> list[CheckLine]:
    options = {"url": f"{url}/hush", **OPTIONS[kind]}
    return list(trial_lines("channel 0", kind, options, clock.now_ms))


@pytest.mark.parametrize("kind", OPTIONS)
def test_a_channel_that_takes_it_is_ok(kind: str) -> None:
    with Receiver() as receiver:
        [line] = lines(kind, receiver.url)
    assert line.ok
    assert len(receiver.requests) == 2
    assert MONITOR in str(receiver.requests[0].json)


@pytest.mark.parametrize("kind", OPTIONS)
@pytest.mark.parametrize("n_taken", [0, 1])
def test_a_channel_that_does_not_take_it_fails_with_the_reason(kind: str, n_taken: int) -> None:
    with Receiver() as receiver:
        receiver.replies += [Reply()] * n_taken + [Reply(401)]
        [line] = lines(kind, receiver.url)
    assert line.ok is False
    assert "HTTP 401" in line.text
    assert "hush" not in f"{line}"


def test_each_test_is_an_incident_of_its_own_with_one_end() -> None:
    with Receiver() as receiver:
        for _ in range(2):
            lines("webhook", receiver.url)
    said = [(r.json["data"]["incident"], r.json["data"]["status"]) for r in receiver.requests]
    assert [status for _, status in said] == ["open", "resolved"] * 2
    assert len(set(said)) == 4


def test_every_member_of_an_alertmanager_has_its_line() -> None:
    with Receiver() as one, Receiver() as two:
        two.replies.append(Reply(503))
        options = {"urls": [one.url, two.url]}
        found = [line.ok for line in trial_lines("c", "alertmanager", options, clock.now_ms)]
    assert found == [True, False]
