"""Whether nearly everything is rejected: a sign that the configuration does not fit the topic."""

from __future__ import annotations

from dataclasses import dataclass, field

SPAN_MS = 60_000
MIN_RECORDS = 100
MAX_SHARE = 0.9


@dataclass(slots=True)
class _Span:
    start_ms: int
    events: int = 0
    rejected: int = 0


@dataclass(slots=True)
class RejectWatch:
    """Judges each topic by its last minute of records."""

    _spans: dict[str, _Span] = field(default_factory=dict)
    _bad: dict[str, str] = field(default_factory=dict)

    def note(self, topic: str, n_events: int, n_rejected: int, now_ms: int) -> None:
        """Count one batch."""
        span = self._spans.setdefault(topic, _Span(now_ms))
        if now_ms - span.start_ms > SPAN_MS:
            span = self._spans[topic] = _Span(now_ms)
        span.events += n_events
        span.rejected += n_rejected
        total = span.events + span.rejected
        if total < MIN_RECORDS:
            return
        share = span.rejected / total
        if share > MAX_SHARE:
            self._bad[topic] = (
                f"more than {MAX_SHARE:.0%} of the latest records of topic {topic!r} are rejected: "
                "does the configuration fit what is on the topic? "
                "See the reasons in the rejects topic and run `stream-drift check --live`"
            )
        else:
            self._bad.pop(topic, None)

    def problems(self) -> list[str]:
        """One sentence per topic that is nearly all rejects."""
        return list(self._bad.values())
