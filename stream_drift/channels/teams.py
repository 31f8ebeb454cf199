"""Microsoft Teams: an Adaptive Card to a workflow's webhook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stream_drift.channels.http import Endpoint, post_json
from stream_drift.channels.words import body, grouped, marked, title
from stream_drift.incidents.alert import Alert, AlertData
from stream_drift.runtime.notify.channel import Outcome

CARD = "application/vnd.microsoft.card.adaptive"
MOST_TITLE = 300
MOST_TEXT = 20_000
"""A message may have 28 KB; with several incidents each gets its part."""


def card(told: Sequence[AlertData]) -> dict[str, Any]:
    """Text in plain runs, which Teams does not read as Markdown."""
    parts: list[dict[str, Any]] = []
    for data in told:
        head = f"{marked(data)} {title(data, MOST_TITLE)}"
        parts.append(_text(head, weight="Bolder", size="Medium"))
        lines = body(data, MOST_TEXT // len(told)).splitlines()
        parts += [_text(line) for line in lines]
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": parts,
    }


def _text(text: str, **style: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


@dataclass(frozen=True, slots=True)
class Teams:
    """Keeps `Channel`."""

    endpoint: Endpoint

    def tell(self, alerts: Sequence[Alert], mark: str | None) -> Outcome:
        """One card for all of them."""
        del mark
        content = {"contentType": CARD, "contentUrl": None, "content": card(grouped(alerts))}
        return post_json(self.endpoint, {"type": "message", "attachments": [content]})
