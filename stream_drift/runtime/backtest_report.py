"""What a backtest found, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from scipy.special import gammaincinv

from stream_drift.detection.settings import DAY_MS

MONTH_DAYS = 30
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of event time (ms)."""

    start_ms: int
    end_ms: int

    @property
    def days(self) -> float:
        """Its length."""
        return (self.end_ms - self.start_ms) / DAY_MS


@dataclass(frozen=True, slots=True)
class Delays:
    """How long one policy took to find one shift, feature by feature.

    Attributes
    ----------
    found_ms
        From the onset to the end of the pane whose alert named the feature; ``None``: the
        history ended before.
    open_before
        Features that an incident of this policy had named already at the onset: not judged.
    """

    found_ms: tuple[int | None, ...] = ()
    open_before: int = 0

    def plus(self, delays_ms: Mapping[str, int | None], policy: str) -> Delays:
        """With one more feature; a policy that is left out had named it before."""
        if policy in delays_ms:
            return Delays((*self.found_ms, delays_ms[policy]), self.open_before)
        return Delays(self.found_ms, self.open_before + 1)

    @property
    def n_found(self) -> int:
        """Features in which the shift was found."""
        return sum(ms is not None for ms in self.found_ms)

    @property
    def median_ms(self) -> int | None:
        """The median over the judged features; ``None``: in half of them or more it was not found.

        Examples
        --------
        >>> Delays((10, 30, None)).median_ms, Delays((10, None)).median_ms
        (30, None)
        """
        known = sorted(ms for ms in self.found_ms if ms is not None)
        n_missed = len(self.found_ms) - len(known)
        if n_missed >= len(known):
            return None
        return round(median([*known, *[known[-1]] * n_missed]))


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """What one policy did: incidents on the clean test part, and delays by name of the shift."""

    incidents: int
    delays: Mapping[str, Delays]


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """The outcome for one monitor.

    Attributes
    ----------
    learned, tested
        The two parts of the history.
    onset_ms
        Where shifts begin.
    stage, reasons, audit_factor
        Of the baseline after the first part, as `BaselineState` has them.
    numbers, categories
        The features that were shifted.
    policies
        By name, the budget first.
    """

    events: int
    panes: int
    learned: Span
    tested: Span
    onset_ms: int
    stage: str
    reasons: tuple[str, ...]
    audit_factor: float
    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    policies: Mapping[str, PolicyResult]


def per_month(incidents: int, days: float) -> tuple[float, float]:
    """Incidents per 30 days, and the rate that they rule out anything above (95 %, Poisson).

    Examples
    --------
    >>> [round(rate, 1) for rate in per_month(0, 10)]  # the rule of three: 3 / 10 a day
    [0.0, 9.0]
    """
    most = float(gammaincinv(incidents + 1, _CONFIDENCE))
    return incidents / days * MONTH_DAYS, most / days * MONTH_DAYS
