"""Whether the process is alive and ready."""

from __future__ import annotations

from structlog.testing import capture_logs

from stream_drift.metrics import PROCESS_READY
from stream_drift.runtime.health import NOTHING_STARTED, Health


def fine() -> None:
    return None


def stuck() -> str:
    return "no poll for 61 s"


def joining() -> str:
    return "has no partitions yet"


def broken() -> str:
    raise KeyError


def test_nothing_added_is_alive_but_not_ready() -> None:
    assert Health().alive_problems() == []
    assert Health().ready_problems() == [NOTHING_STARTED]


def test_all_fine_is_no_problem() -> None:
    health = Health()
    health.add("profile", fine, fine)
    assert health.alive_problems() == health.ready_problems() == []


def test_problems_name_their_part() -> None:
    health = Health()
    health.add("profile", fine, joining)
    health.add("detect", stuck, fine)
    assert health.alive_problems() == ["detect: no poll for 61 s"]
    assert health.ready_problems() == [
        "profile: has no partitions yet",
        "detect: no poll for 61 s",
    ]


def test_part_that_is_not_alive_is_not_asked_whether_it_is_ready() -> None:
    health = Health()
    health.add("profile", stuck, joining)
    assert health.ready_problems() == ["profile: no poll for 61 s"]


def test_check_that_raises_is_a_problem() -> None:
    health = Health()
    health.add("profile", fine, broken)
    with capture_logs() as logs:
        assert health.ready_problems() == [
            "profile: its health check failed (KeyError); the log says why"
        ]
    assert len(logs) == 1


def test_problems_come_and_go() -> None:
    problems = ["rebalancing"]
    health = Health()
    health.add("profile", fine, lambda: problems[0] if problems else None)
    assert health.ready_problems() == ["profile: rebalancing"]
    problems.clear()
    assert health.ready_problems() == []


def test_readiness_is_a_metric_per_part() -> None:
    health = Health()
    health.add("profile", fine, joining)
    health.add("detect", fine, fine)
    health.add("notify", stuck, fine)
    assert list(health.samples()) == [
        (PROCESS_READY, ("profile",), 0.0),
        (PROCESS_READY, ("detect",), 1.0),
        (PROCESS_READY, ("notify",), 0.0),
    ]
