"""A call that never comes back ends the process."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import AbstractContextManager, closing

import pytest

from stream_drift.kafka.connection import KafkaLog
from stream_drift.kafka.embedded import EmbeddedBroker
from stream_drift.runtime.clock import now_ms
from stream_drift.runtime.watchdog import EXIT_CODE, CallInProgress, Watchdog


class Scene:
    """A watchdog with a clock in hand that ends nothing but takes notes."""

    def __init__(self, limit_seconds: float = 10) -> None:
        self.now = 100.0
        self.codes: list[int] = []
        self.dumped: list[CallInProgress] = []
        self.watchdog = Watchdog(
            limit_seconds, self.codes.append, self.dumped.append, lambda: self.now
        )


def test_a_call_within_its_time_is_left_alone() -> None:
    scene = Scene()
    with scene.watchdog.guard("poll"):
        scene.now += 10
        scene.watchdog.check()
    scene.now += 1000
    scene.watchdog.check()
    assert scene.codes == []


def test_a_stuck_call_is_named_and_ends_the_process() -> None:
    scene = Scene()
    with scene.watchdog.guard("commit"):
        scene.now += 10.5
        scene.watchdog.check()
    assert scene.dumped == [CallInProgress("commit", 10.5)]
    assert scene.codes == [EXIT_CODE] == [70]


def test_the_longest_call_is_told() -> None:
    scene = Scene()
    assert scene.watchdog.longest() is None
    with scene.watchdog.guard("poll"):
        scene.now += 3
        assert scene.watchdog.longest() == CallInProgress("poll", 3)
    assert scene.watchdog.longest() is None


def test_an_inner_call_hides_the_outer_one_until_it_returns() -> None:
    scene = Scene()
    with scene.watchdog.guard("poll"):
        scene.now += 6
        with scene.watchdog.guard("commit"):
            scene.now += 6
            assert scene.watchdog.longest() == CallInProgress("commit", 6)
            scene.watchdog.check()
            assert scene.codes == []
        assert scene.watchdog.longest() == CallInProgress("poll", 12)


def test_a_call_that_raises_has_ended() -> None:
    scene = Scene()
    with pytest.raises(ZeroDivisionError), scene.watchdog.guard("poll"):
        assert 1 / 0
    assert scene.watchdog.longest() is None


def test_every_thread_is_watched() -> None:
    scene = Scene()
    inside, leave = threading.Event(), threading.Event()

    def hang() -> None:
        with scene.watchdog.guard("flush"):
            inside.set()
            leave.wait()

    other = threading.Thread(target=hang)
    other.start()
    inside.wait()
    scene.now += 60
    with scene.watchdog.guard("poll"):
        assert scene.watchdog.longest() == CallInProgress("flush", 60)
    leave.set()
    other.join()


def test_its_thread_looks_by_itself_and_stops() -> None:
    ended = threading.Event()
    watchdog = Watchdog(0.05, lambda _: ended.set(), lambda _: None)
    watchdog.start()
    with watchdog.guard("poll"):
        assert ended.wait(10)
    watchdog.stop()
    watchdog.stop()


def test_a_process_that_hangs_ends_with_its_stacks_on_stderr() -> None:
    program = """
import threading
from stream_drift.runtime.watchdog import Watchdog
watchdog = Watchdog(0.1)
watchdog.start()
with watchdog.guard("commit"):
    threading.Event().wait()
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=60, check=False
    )
    assert ended.returncode == EXIT_CODE
    assert b"'commit' has not returned" in ended.stderr
    assert b"most recent call first" in ended.stderr


def test_clients_announce_their_calls() -> None:
    watchdog = Watchdog()
    seen: list[str] = []

    def guard(call: str) -> AbstractContextManager[None]:
        seen.append(call)
        return watchdog.guard(call)

    with EmbeddedBroker() as broker:
        kafka = {"bootstrap.servers": broker.bootstrap}
        with closing(KafkaLog(kafka, "x", now_ms, guard)) as log, closing(log.writer()) as writer:
            assert writer.flush(1)
            log.admin.topics(["a"])
    assert set(seen) >= {"flush", "metadata", "close"}
