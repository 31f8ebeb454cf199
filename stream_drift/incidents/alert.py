"""The alert event: what stands on the alerts topic. A CloudEvent whose data is `AlertData`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

Status = Literal["open", "resolved"]
Change = Literal[
    "opened",
    "severity",
    "features",
    "confirmed",
    "acknowledged",
    "muted",
    "repeated",
    "resolved",
    "superseded",
]
Severity = Literal["minor", "notice", "major", "severe"]
Kind = Literal[
    "data_quality",
    "data_drift",
    "prediction_drift",
    "concept_drift",
    "concept_and_data_drift",
    "performance",
]

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"


class GuiltyFeature(msgspec.Struct, frozen=True):
    """One feature that changed.

    Attributes
    ----------
    before, after
        Figures of how it was and is; ``before["of"]`` says of what: ``reference`` or ``baseline``
        (live events before the onset).
    words
        The same for a reader, with effect and interval.
    since
        When it began to move, where that is not when the incident began.
    """

    name: str | None
    reasons: tuple[str, ...]
    confirmed: bool
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    unit: Literal["sd", "share", "feature"]
    contribution: float | None
    before: dict[str, Any]
    after: dict[str, Any]
    words: str = ""
    since: str | None = None


class SliceCondition(msgspec.Struct, frozen=True):
    """A feature has this value, lies in this range (``[low, high]``, both included), is missing."""

    feature: str
    op: Literal["=", "in range", "missing"]
    value: str | tuple[float, float] | None


class Slice(msgspec.Struct, frozen=True):
    """A segment of rows that arrived or left: those that meet all conditions.

    Attributes
    ----------
    share_before, share_after
        Of the sampled rows, of which there are ``n_before`` and ``n_after``.
    lift
        How many times as many; ``None`` where there were none before.
    """

    conditions: tuple[SliceCondition, ...]
    share_before: float
    share_after: float
    lift: float | None
    n_before: int
    n_after: int


class OnsetTimes(msgspec.Struct, frozen=True):
    """When the change began, ISO 8601 UTC."""

    estimate: str
    earliest: str
    latest: str


class BudgetState(msgspec.Struct, frozen=True):
    """The promise behind a ``budget`` incident, and the evidence against its threshold."""

    false_incidents_per_30d: float
    promised: bool
    evidence: float
    threshold: float


class ReferenceInfo(msgspec.Struct, frozen=True):
    """Which reference the live data was compared with."""

    id: str
    created_at: str
    n: int


class BaselineInfo(msgspec.Struct, frozen=True):
    """The state of what is normal live."""

    state: str
    since: str | None


class WindowInfo(msgspec.Struct, frozen=True):
    """The window that shows the change."""

    start: str
    end: str
    n: int
    complete: bool


class Recommendation(msgspec.Struct, frozen=True):
    """What to do, why, and the command for it."""

    action: str
    reason: str
    command: str | None


class KindPart(msgspec.Struct, frozen=True):
    """What one cause adds to the model's error rate, with a 95 % interval."""

    value: float
    low: float
    high: float


class KindParts(msgspec.Struct, frozen=True):
    """A change of the error rate, taken apart: other events, or other outcomes of the same."""

    before: float
    after: float
    data: KindPart
    concept: KindPart
    why: str


class AlertData(msgspec.Struct, frozen=True, kw_only=True):
    """The data of an alert; `DESIGN` 9 is its contract. Times are ISO 8601 UTC."""

    incident: str
    monitor: str
    model_version: str | None
    status: Status
    change: Change
    severity: Severity
    kind: Kind
    kind_parts: KindParts | msgspec.UnsetType = msgspec.UNSET
    policy: str
    opened_at: str
    detected_at: str
    onset: OnsetTimes
    resolved_at: str | None
    related_to: str | None
    budget: BudgetState | None
    features: tuple[GuiltyFeature, ...]
    slices: tuple[Slice, ...] = ()
    reference: ReferenceInfo
    baseline: BaselineInfo | None
    window: WindowInfo | None
    recommendation: Recommendation
    summary: str
    dedup_key: str
    links: dict[str, str]
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class Alert:
    """A message about an incident.

    Attributes
    ----------
    id
        ``<incident>/<sequence>``: the same wherever and however often it is derived.
    time_ms
        End of the pane that it speaks of.
    """

    id: str
    type: str
    source: str
    time_ms: int
    data: AlertData


def iso(time_ms: int) -> str:
    """ISO 8601 in UTC with milliseconds only where there are any."""
    moment = datetime.fromtimestamp(time_ms // 1000, UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    rest = time_ms % 1000
    return f"{text}.{rest:03d}Z" if rest else f"{text}Z"


def incident_id(monitor: str, policy: str, opening_pane_end_ms: int) -> str:
    """The same for the same monitor, policy and opening pane, live and in replay."""
    text = f"{monitor}\0{policy}\0{opening_pane_end_ms}"
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def round_floats(value: Any) -> Any:
    """Floats to 6 significant digits; what is not finite becomes null. Containers are copied."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if abs(value) < float("inf") else None
    if isinstance(value, dict):
        return {key: round_floats(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [round_floats(item) for item in value]
    return value


def data_json(alert: Alert) -> bytes:
    """The data alone, as it stands in the value of a binary-mode record."""
    return msgspec.json.encode(round_floats(msgspec.to_builtins(alert.data)))


def headers(alert: Alert) -> list[tuple[str, bytes]]:
    """The CloudEvents attributes as Kafka headers (binary content mode)."""
    attributes = {f"ce_{name}": value for name, value in _attributes(alert).items()}
    named = {**attributes, "content-type": CONTENT_TYPE}
    return [(name, value.encode()) for name, value in named.items()]


def structured_json(alert: Alert) -> bytes:
    """The whole CloudEvent as one JSON object (structured content mode)."""
    event = {
        **_attributes(alert),
        "datacontenttype": CONTENT_TYPE,
        "data": msgspec.Raw(data_json(alert)),
    }
    return msgspec.json.encode(event)


def _attributes(alert: Alert) -> dict[str, str]:
    return {
        "specversion": SPEC_VERSION,
        "id": alert.id,
        "source": alert.source,
        "type": alert.type,
        "subject": alert.data.incident,
        "time": iso(alert.time_ms),
    }


def data_schema() -> dict[str, Any]:
    """JSON Schema of the data."""
    return msgspec.json.schema(AlertData)
