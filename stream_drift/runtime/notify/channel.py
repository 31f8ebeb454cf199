"""What a channel is to the notify role: a place that takes alerts, or says why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from stream_drift.incidents.alert import Alert


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it.

    Attributes
    ----------
    mark
        What the channel wants to be given with the next alert of this incident, such as the id
        of the message to update: printable, and short enough for a hundred to be committed.
    """

    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Not taken now, or by mistake of a configuration that somebody will correct.

    Attributes
    ----------
    reason
        For logs and health pages: no secrets, and the same words for the same trouble.
    after_seconds
        The receiver's own wish (``Retry-After``).
    """

    reason: str
    after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The receiver does not want this very message, and will not want it later."""

    reason: str


Outcome = Delivered | Retry | Refused


class Channel(Protocol):
    """Takes every alert once it has taken the one before; only one thread calls it."""

    def tell(self, alerts: Sequence[Alert], mark: str | None) -> Outcome:
        """Tell of alerts in one message.

        Returns within its own time-outs and raises nothing that a receiver or network can cause.

        Parameters
        ----------
        alerts
            One, or several of one group, oldest first.
        mark
            Of the first alert's incident, from an earlier `Delivered`.
        """


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident as it stands: its last alert, and until when its end is still told."""

    alert: Alert
    until_ms: int | None = None


@runtime_checkable
class StandingChannel(Protocol):
    """Is told again and again what stands, at every one of its members."""

    @property
    def members(self) -> Sequence[str]:
        """Their addresses, fit for logs."""

    def post(self, member: int, standing: Sequence[Standing], now_ms: int) -> Outcome:
        """Tell one member of all that stands; as `Channel.tell` returns and raises."""
