"""The level that each hour of the day is used to, on weekdays and at weekends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.spells import block_noise

Array = NDArray[np.float64]
N_HOURS = 24
N_CELLS = 2 * N_HOURS
HOUR_MS = 3_600_000
_FRIDAY = 4
_CHANCE = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Season:
    """Live level per cell and direction.

    Attributes
    ----------
    levels
        Shape (48, k): weekday hours, then weekend hours.
    remainder
        Variance of what the estimate may still miss within a cell, shape (k,).
    seasonal
        How much of the pattern is there, 0 to 1, shape (k,).
    jump
        Variance of the error that the step between weekdays and weekends may have, shape (k,).
    """

    levels: Array
    remainder: Array
    seasonal: Array
    jump: Array

    @classmethod
    def flat(cls, level: Array) -> Season:
        """The same level at all hours."""
        zero = np.zeros(len(level))
        return cls(np.tile(level, (N_CELLS, 1)), zero, zero, zero)

    @property
    def pattern(self) -> Array:
        """Levels less the mean of their kind of day, shape (48, k)."""
        by_kind = self.levels.reshape(2, N_HOURS, -1)
        return np.asarray((by_kind - by_kind.mean(axis=1, keepdims=True)).reshape(N_CELLS, -1))

    def at(self, start_ms: int, span_ms: int, zone: tzinfo) -> Array:
        """Level of a stretch of time; short ones lie on a line between the middles of hours."""
        middle = start_ms + span_ms / 2
        if span_ms >= HOUR_MS:
            return np.asarray(self.levels[cell_of(middle, zone)])
        before = _local(middle - HOUR_MS / 2, zone)
        share = (before.minute * 60 + before.second) / 3600
        left, right = _cell(before), cell_of(middle + HOUR_MS / 2, zone)
        return np.asarray((1 - share) * self.levels[left] + share * self.levels[right])


def cell_of(time_ms: float, zone: tzinfo) -> int:
    """The hour of a weekday (0 to 23) or of a weekend day (24 to 47).

    Examples
    --------
    >>> from datetime import UTC
    >>> cell_of(0, UTC), cell_of(2 * 86_400_000, UTC)  # 1970 began on a Thursday
    (0, 24)
    """
    return _cell(_local(time_ms, zone))


def is_weekend(start_ms: int, span_ms: int, zone: tzinfo) -> bool:
    """Whether the middle of a stretch of time lies on a Saturday or Sunday."""
    return cell_of(start_ms + span_ms / 2, zone) >= N_HOURS


def _local(time_ms: float, zone: tzinfo) -> datetime:
    # Adding to the epoch also serves times that the platform's conversion refuses.
    epoch = datetime.fromtimestamp(0, tz=zone)
    return (epoch.astimezone(tz=_UTC) + timedelta(milliseconds=time_ms)).astimezone(zone)


_UTC = datetime.fromisoformat("1970-01-01T00:00:00+00:00").tzinfo


def _cell(local: datetime) -> int:
    return local.hour + N_HOURS * (local.weekday() > _FRIDAY)


def estimate_season(means: Array, cells: NDArray[np.int64], blocks: Sequence[int]) -> Season:
    """Pattern of the day, and how weekends differ, as far as the data carry them.

    Every part is shrunk towards the simpler one by how much of it noise alone would show
    (positive-part James-Stein): hours towards their neighbours, the day towards a flat one, the
    weekend towards the weekday.

    Parameters
    ----------
    means
        Means of hours (or longer blocks), NaN where there was none, shape (n_blocks, k).
    cells, blocks
        The cell and the index of each block.

    Returns
    -------
    Cells without any block take what their neighbours and the other days suggest.
    """
    hours, weekend = cells % N_HOURS, cells >= N_HOURS
    grand = _mean(means)
    offsets, clear, jump = _weekend_offsets(means - grand, hours, weekend, blocks)
    rest = means - grand - offsets[weekend.astype(int)]
    noise = _variance_within(rest, cells)
    pattern, kept, missed = _pattern(rest, hours, noise)
    rest = rest - pattern[hours]
    levels = np.empty((N_CELLS, means.shape[1]))
    remainder = missed
    for kind, inside in enumerate((~weekend, weekend)):
        own, _, own_missed = _pattern(rest[inside], hours[inside], noise)
        levels[kind * N_HOURS : (kind + 1) * N_HOURS] = grand + offsets[kind] + pattern + own
        remainder = remainder + own_missed * inside.mean() if inside.any() else remainder
    return Season(levels, remainder, np.maximum(kept, clear), jump)


def _mean(values: Array) -> Array:
    ok = np.isfinite(values)
    return np.asarray(np.where(ok, values, 0).sum(axis=0) / np.maximum(ok.sum(axis=0), 1))


def _grouped(values: Array, group: NDArray[np.int64], n: int) -> tuple[Array, Array]:
    """Mean (0 where empty) and number of values per group, shapes (n, k)."""
    ok = np.isfinite(values)
    sums, counts = np.zeros((n, values.shape[1])), np.zeros((n, values.shape[1]))
    np.add.at(sums, group, np.where(ok, values, 0))
    np.add.at(counts, group, ok)
    return sums / np.maximum(counts, 1), counts


def _variance_within(values: Array, cells: NDArray[np.int64]) -> Array:
    means, counts = _grouped(values, cells, N_CELLS)
    squares = np.nansum((values - means[cells]) ** 2, axis=0)
    spare = np.maximum(counts - 1, 0).sum(axis=0)
    return np.asarray(squares / np.maximum(spare, 1))


def _weekend_offsets(
    values: Array, hours: NDArray[np.int64], weekend: NDArray[np.bool_], blocks: Sequence[int]
) -> tuple[Array, Array, Array]:
    """Level of weekdays and of weekends (2, k), how sure it is, and variance of their distance.

    The noise is that of spells: neighbouring hours repeat one another. A difference of two
    standard errors counts as chance: a wrong step at each weekend would be worse than none.
    """
    kind = weekend.astype(int)
    levels, counts = _grouped(values, kind, 2)
    if not (weekend.any() and (~weekend).any()):
        return 0 * levels, 0 * levels[0], 0 * levels[0]
    by_hour, _ = _grouped(values, hours, N_HOURS)
    rest = values - by_hour[hours] - levels[kind]
    noise = block_noise(rest, blocks) * (1 / np.maximum(counts, 1)).sum(axis=0)
    gap = levels[1] - levels[0]
    kept = np.maximum(0, 1 - _CHANCE * noise / np.maximum(gap**2, 1e-300))
    return levels * kept, kept, noise


def _pattern(values: Array, hours: NDArray[np.int64], noise: Array) -> tuple[Array, Array, Array]:
    """Level per hour (24, k), the share of it kept, and the variance it may miss."""
    raw, counts = _grouped(values, hours, N_HOURS)
    smooth = _smooth(raw, counts)
    error = noise / np.maximum(_mean(np.where(counts > 0, counts, np.nan)), 1)
    rough = np.where(counts > 0, raw - smooth, 0)
    crisp = _kept(rough, 0.375 * error)
    # Neighbouring hours share their wander, so smoothing is not taken to have reduced it.
    kept = _kept(smooth, error)
    return kept * (smooth + crisp * rough), kept, kept * error * (0.375 + 0.625 * crisp)


def _smooth(raw: Array, counts: Array) -> Array:
    """Circular 1-2-1 mean over hours that have been seen."""
    total, weight = np.zeros_like(raw), np.zeros_like(raw)
    for shift, share in ((-1, 1), (0, 2), (1, 1)):
        seen = np.roll(counts > 0, shift, axis=0)
        total += share * seen * np.roll(raw, shift, axis=0)
        weight += share * seen
    return total / np.maximum(weight, 1)


def _kept(values: Array, error: Array) -> Array:
    """Share of a pattern that is more than noise."""
    size = (values**2).mean(axis=0)
    return np.asarray(np.maximum(0, 1 - error / np.maximum(size, 1e-300)))
