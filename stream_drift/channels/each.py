"""For receivers that take one alert per request."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stream_drift.incidents.alert import Alert
from stream_drift.runtime.notify.channel import Delivered, Outcome


def tell_each(alerts: Sequence[Alert], send: Callable[[Alert], Outcome]) -> Outcome:
    """Send them in order up to the first that is not taken; what became of the last one sent."""
    outcome: Outcome = Delivered()
    for alert in alerts:
        outcome = send(alert)
        if not isinstance(outcome, Delivered):
            break
    return outcome
