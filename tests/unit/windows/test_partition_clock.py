"""Times are in seconds; ``W`` is where the watermark starts."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from stream_drift.events.record import PartitionId
from stream_drift.windows.log import Progress
from stream_drift.windows.partition_clock import PartitionClock

AT = PartitionId("orders", "id", 0)
W = 1_000_000
HOUR = 3_600


def progress(position: int, watermark: float | None, idle_as_of: float | None = None) -> Progress:
    return Progress(AT, 1, position, ms(watermark), ms(idle_as_of))


def ms(seconds: float | None) -> int | None:
    return None if seconds is None else int(1_000 * seconds)


def advanced(*steps: tuple[float, Progress]) -> PartitionClock:
    clock = PartitionClock()
    for append, record in steps:
        clock.advance(record, int(1_000 * append))
    return clock


def time_of(clock: PartitionClock) -> float | None:
    return None if clock.time_ms is None else clock.time_ms / 1_000


def test_time_is_the_watermark_and_never_falls() -> None:
    clock = advanced((0, progress(5, W)), (5, progress(9, W + 7)), (10, progress(5, W)))
    assert time_of(clock) == W + 7


def test_while_idle_append_time_goes_on_from_the_first_idle_progress() -> None:
    clock = advanced((0, progress(5, W)), (5, progress(5, W, 0)))
    assert time_of(clock) == W
    clock.advance(progress(5, W, 5), 10_000)
    assert time_of(clock) == W
    clock.advance(progress(5, W, 60), 65_000)
    assert time_of(clock) == W + 55


def test_an_event_that_raises_the_watermark_ends_idleness() -> None:
    clock = advanced((0, progress(5, W)), (5, progress(5, W, 0)), (65, progress(5, W, 60)))
    clock.advance(progress(6, W + 70), 70_000)
    assert time_of(clock) == W + 70
    clock.advance(progress(6, W + 70, 70), 75_000)
    clock.advance(progress(6, W + 70, 85), 90_000)
    assert time_of(clock) == W + 80


def test_a_new_reader_does_not_begin_to_wait_anew() -> None:
    idle = [(t, progress(5, W, t - 5)) for t in range(5, 105, 5)]
    reread = [(105, progress(3, W - 50)), (110, progress(5, W)), (115, progress(5, W, 110))]
    clock = advanced((0, progress(5, W)), *idle, *reread)
    assert time_of(clock) == W + 105


def test_idle_stretches_between_events_that_raise_nothing_add_up() -> None:
    clock = advanced(
        (0, progress(5, W)),
        (5, progress(5, W, 0)),
        (65, progress(5, W, 60)),
        (70, progress(6, W)),
        (75, progress(6, W, 70)),
        (135, progress(6, W, 130)),
    )
    assert time_of(clock) == W + 55 + 55


def test_what_a_zombie_says_of_an_earlier_time_changes_nothing() -> None:
    clock = advanced((0, progress(5, W)), (5, progress(5, W, 0)), (65, progress(5, W, 60)))
    before = clock.snapshot()
    clock.advance(progress(5, W, 20), 65_000)
    clock.advance(progress(2, W - 40, 64), 65_000)
    assert clock.snapshot() == before


def frozen_for(seconds: int, gap: int = 5, watermark: float | None = W) -> PartitionClock:
    steps = ((t, progress(5 + t, watermark)) for t in range(gap, seconds + 1, gap))
    return advanced((0, progress(5, watermark)), *steps)


def test_a_watermark_that_stands_for_an_hour_while_records_come_is_left_behind() -> None:
    assert time_of(frozen_for(HOUR)) == W
    assert time_of(frozen_for(HOUR + 60)) == W + 60


def test_silence_between_progress_records_counts_little_towards_standing() -> None:
    assert time_of(frozen_for(3 * HOUR, gap=60)) == W
    assert time_of(frozen_for(4 * HOUR + 600, gap=60)) == W + 600


def test_a_watermark_that_moves_again_is_what_counts() -> None:
    clock = frozen_for(2 * HOUR)
    clock.advance(progress(99_999, W + 2 * HOUR), (2 * HOUR + 5) * 1_000)
    assert time_of(clock) == W + 2 * HOUR
    clock.advance(progress(100_000, W + 2 * HOUR), (2 * HOUR + 10) * 1_000)
    assert time_of(clock) == W + 2 * HOUR


def test_an_empty_partition_is_known_to_be_empty_up_to_a_time() -> None:
    clock = advanced((0, progress(0, None)))
    assert (clock.time_ms, clock.empty_as_of_ms, clock.is_left_out) == (None, None, False)
    clock.advance(progress(0, None, 5), 10_000)
    assert (clock.time_ms, clock.empty_as_of_ms) == (None, 5_000)


def test_a_partition_of_nothing_but_rejects_is_left_out_after_an_hour() -> None:
    assert not frozen_for(HOUR - 5, watermark=None).is_left_out
    assert frozen_for(HOUR + 5, watermark=None).is_left_out


def test_its_first_event_brings_a_partition_back() -> None:
    clock = frozen_for(HOUR + 5, watermark=None)
    clock.advance(progress(99_999, W), 2 * HOUR * 1_000)
    assert not clock.is_left_out
    assert time_of(clock) == W


records = st.lists(
    st.tuples(
        st.integers(0, 30_000),
        st.integers(0, 20),
        st.one_of(st.none(), st.integers(0, 500_000)),
        st.one_of(st.none(), st.integers(0, 600_000)),
    ),
    max_size=30,
)


@given(records)
def test_a_clock_never_falls_and_comes_back_from_a_checkpoint(
    drafts: list[tuple[int, int, int | None, int | None]],
) -> None:
    appends = itertools.accumulate(gap for gap, *_ in drafts)
    clock, times = PartitionClock(), [-1]
    for append, (_, position, watermark, idle) in zip(appends, drafts, strict=True):
        record = Progress(AT, 1, position, watermark, idle)
        other = PartitionClock.restore(clock.snapshot())
        clock.advance(record, append)
        other.advance(record, append)
        assert other == clock
        times.append(-1 if clock.time_ms is None else clock.time_ms)
    assert times == sorted(times)
