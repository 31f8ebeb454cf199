"""What a policy says at the close of a pane: the only thing that incidents are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stream_drift.detection.strata import Parts

Unit = Literal["sd", "share", "feature"]
Aspect = Literal["distribution", "quality", "performance"]
DriftKind = Literal["data_drift", "concept_drift", "concept_and_data_drift", "performance"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One feature that a policy holds guilty.

    Attributes
    ----------
    feature
        Its name; ``None`` for the model as a whole.
    reasons
        Short terms in order of weight, such as ``"psi 0.31 > 0.2 over 1d"`` or ``"location up"``.
    confirmed
        Whether fresh evidence since the opening stands behind it.
    effect, effect_low, effect_high
        How far, with a 95 % interval, in ``unit``; ``None`` where the feature has no effect size.
    effect_sd
        The bound of the effect nearest to zero, in reference sd or its equivalent, not negative:
        what severity is judged by.
    aspect
        What about the feature changed: its distribution, the quality of its values (missing,
        invalid, new, out of range, volume), or the model's performance.
    since_ms
        When this feature began to move; ``None``: with the incident.
    """

    feature: str | None
    reasons: tuple[str, ...]
    confirmed: bool
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    unit: Unit
    effect_sd: float
    aspect: Aspect = "distribution"
    since_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Onset:
    """When the change began, in ms since the epoch."""

    estimate_ms: int
    earliest_ms: int
    latest_ms: int


@dataclass(frozen=True, slots=True)
class Budget:
    """What stands behind a ``budget`` incident: evidence against its threshold."""

    false_incidents_per_30d: float
    promised: bool
    evidence: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What kind of drift labels show, and why; ``parts`` are those of the error rate."""

    kind: DriftKind
    parts: Parts
    why: str


@dataclass(frozen=True, slots=True)
class Opened:
    """Open an incident of ``policy``; at most one per policy entry is open at a time.

    ``entry`` names what stays open: the policy, or, for a second budget incident while one is
    open, the policy and its opening pane. ``window`` names the trailing window that shows the
    change best; ``None``: the longest.
    """

    entry: str
    policy: str
    pane_end_ms: int
    findings: tuple[Finding, ...]
    onset: Onset
    budget: Budget | None = None
    related_to_entry: str | None = None
    window: str | None = None
    diagnosis: Diagnosis | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """The guilty features or their effects changed while the incident is open."""

    entry: str
    pane_end_ms: int
    findings: tuple[Finding, ...]
    onset: Onset
    budget: Budget | None = None
    window: str | None = None
    diagnosis: Diagnosis | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The incident is over; ``reason`` is ``recovered``, ``accepted`` or ``stale``."""

    entry: str
    pane_end_ms: int
    reason: str


Decision = Opened | Changed | Resolved
