"""What ``check --live`` says of clocks, groups, channels and references."""

from __future__ import annotations

import socket

import pytest

from stream_drift.kafka.admin import GroupState
from stream_drift.kafka.live_state import clock_line, group_text
from stream_drift.runtime.check_line import CheckLine
from stream_drift.runtime.memory.log import MemoryLog
from stream_drift.runtime.reachable import reach_lines
from tests.support.ports import free_port

NOW_MS = 1_760_000_000_000
TOPIC = "x.profiles"


def clock(brokers_ms: int | None, *, runs: bool = True) -> CheckLine:
    """What is said at `NOW_MS` where the newest record was appended at ``brokers_ms``."""
    times = [] if brokers_ms is None else [brokers_ms - 60_000, brokers_ms]
    broker = iter(times)
    log = MemoryLog(lambda: next(broker))
    log.create_topic(TOPIC, 2)
    for number in range(len(times)):
        log.append((TOPIC, number), b"x", create_time_ms=0)
    return clock_line(log.scanner(), TOPIC, lambda: NOW_MS, runs=runs)


@pytest.mark.parametrize(
    ("brokers_ms", "runs", "ok", "said", "remedy"),
    [
        (NOW_MS + 12_000, True, False, "ahead of ours by 12.0 s or more", "timedatectl"),
        (NOW_MS + 1_500, True, True, "within 2 s", None),
        (NOW_MS - 7_000, True, True, "within 7 s", None),
        (NOW_MS - 3_600_000, True, None, "3,600 s old", "our clock is ahead, or nobody appends"),
        (NOW_MS - 3_600_000, False, None, "3,600 s old", "while the service runs"),
        (None, False, None, "is empty", "while the service runs"),
    ],
)
def test_our_clock_is_held_against_the_brokers(
    *, brokers_ms: int | None, runs: bool, ok: bool | None, said: str, remedy: str | None
) -> None:
    line = clock(brokers_ms, runs=runs)
    assert line.ok is ok
    assert said in line.text
    assert (remedy or "None") in str(line.remedy)


def test_a_topic_that_is_not_there_only_keeps_clocks_from_being_compared() -> None:
    line = clock_line(MemoryLog(lambda: 0).scanner(), TOPIC, lambda: NOW_MS, runs=False)
    assert line.ok is None
    assert "does not exist" in line.text


def test_members_and_lag_of_a_group_are_counted() -> None:
    log = MemoryLog(lambda: NOW_MS)
    log.create_topic("in", 2)
    for number in (0, 1, 1, 1):
        log.append(("in", number), b"x")
    state = GroupState(1, {("in", 0): 1, ("in", 1): 1})
    assert group_text(log.scanner(), state) == "1 member; 2 records behind in 2 partitions"
    assert group_text(log.scanner(), GroupState(2, {})) == "2 members; nothing read yet"


def test_a_channel_is_reached_without_sending_anything() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        options = {"urls": [f"http://127.0.0.1:{port}/secret", f"http://127.0.0.1:{port}/other"]}
        assert list(reach_lines("channel 0 (webhook)", options)) == [
            CheckLine(ok=True, subject="channel 0 (webhook)", text=f"127.0.0.1:{port} listens")
        ]
        peer, _ = server.accept()
        with peer:
            assert peer.recv(1) == b""


def test_a_channel_that_cannot_be_reached_is_told_without_its_path() -> None:
    port = free_port()
    [line] = reach_lines("c", {"url": f"http://user:hunter2@127.0.0.1:{port}/hunter2"})
    assert line.ok is False
    assert line.text == f"127.0.0.1:{port} cannot be reached (Connection refused)"
    assert "firewall" in str(line.remedy)


def test_a_channel_without_an_address_is_not_tried() -> None:
    [line] = reach_lines("c", {"routing_key": "k", "retries": 3})
    assert (line.ok, line.remedy) == (None, None)
