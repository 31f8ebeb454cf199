"""What a person on call reads, the same words in every channel."""

from __future__ import annotations

from dataclasses import dataclass

from stream_drift.incidents.alert import AlertData
from stream_drift.incidents.figures import moment
from stream_drift.incidents.segments import slice_in_words
from stream_drift.incidents.summary import MOST_NAMED, sentence, since, title_line, told_of


@dataclass(frozen=True, slots=True)
class Message:
    """An alert in plain text, in the order in which it is read.

    Attributes
    ----------
    title
        What, how bad, and where.
    since
        When it began, how sure that is, and when it was found.
    features
        The first guilty features, each in one line with effect, interval and direction.
    slices
        Segments of rows that arrived or left, one line each.
    todo
        What to do and why.
    command
        The command for that, or ``None``.
    facts
        What stands behind it: who looks after it, the budget, how much was seen.
    links
        Name and address of pages.
    """

    title: str
    since: str
    features: tuple[str, ...]
    slices: tuple[str, ...]
    todo: str
    command: str | None
    facts: tuple[str, ...]
    links: tuple[tuple[str, str], ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything below the title, one line each."""
        return (
            self.since,
            *self.features,
            *self.slices,
            self.todo,
            *([f"$ {self.command}"] if self.command else []),
            *self.facts,
            *(f"{name}: {address}" for name, address in self.links),
        )

    @property
    def text(self) -> str:
        """Title and lines."""
        return "\n".join((self.title, *self.lines))


def message_of(data: AlertData) -> Message:
    """The words for one alert; they follow from its data alone."""
    more = len(data.features) - MOST_NAMED
    rest = [f"and {more} more feature{'s' * (more > 1)}"] if more > 0 else []
    advice = data.recommendation
    return Message(
        title=title_line(data),
        since=since(data),
        features=(*map(told_of, data.features[:MOST_NAMED]), *rest),
        slices=tuple(f"Rows with {slice_in_words(shown)}" for shown in data.slices),
        todo=f"{sentence(advice.action)}: {advice.reason}",
        command=advice.command,
        facts=tuple(_facts(data)),
        links=tuple(data.links.items()),
    )


def _facts(data: AlertData) -> list[str]:
    facts = []
    if who := data.labels.get("acknowledged_by"):
        facts.append(f"{who} looks after it")
    if until := data.labels.get("muted_until"):
        facts.append(f"Muted until {moment(until)}")
    if data.window is not None:
        facts.append(f"Seen in {data.window.n:,} events; incident {data.incident}")
    else:
        facts.append(f"Incident {data.incident}")
    if data.budget is not None:
        facts.append(_promise(data.budget.false_incidents_per_30d, promised=data.budget.promised))
    return facts


def _promise(false_incidents: float, *, promised: bool) -> str:
    n = f"{false_incidents:g} false incident{'s' * (false_incidents != 1)} per 30 days"
    return f"Opened on a budget of {n}" + (" (not promised yet)" * (not promised))
