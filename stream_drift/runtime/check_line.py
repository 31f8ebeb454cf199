"""One thing that ``check`` looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckLine:
    """What was found about a subject.

    Attributes
    ----------
    ok
        ``None`` for a warning: worth knowing, nothing fails.
    subject
        What was looked at, such as ``topic hotel.bookings``.
    remedy
        What to do where it is not ok, if possible as a command.
    """

    ok: bool | None
    subject: str
    text: str
    remedy: str | None = None
