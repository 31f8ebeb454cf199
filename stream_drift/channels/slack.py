"""Slack: an incoming webhook, or a bot that keeps one message per incident up to date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from stream_drift.channels.http import Endpoint, judge, post_json
from stream_drift.channels.words import body, cut, grouped, marked, title
from stream_drift.incidents.alert import Alert, AlertData
from stream_drift.runtime.notify.channel import Delivered, Outcome, Refused, Retry

API = "https://slack.com/api"
MOST_HEADER = 150
MOST_SECTION = 3_000
MOST_BLOCKS = 50
MESSAGE_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


def blocks(data: AlertData) -> list[dict[str, Any]]:
    """One incident as blocks: plain text, so that nothing in a value is taken for markup."""
    head = cut(f"{marked(data)} {title(data, MOST_HEADER)}", MOST_HEADER)
    text = body(data, MOST_SECTION)
    return [
        {"type": "header", "text": {"type": "plain_text", "text": head}},
        {"type": "section", "text": {"type": "plain_text", "text": text}},
    ]


def message(alerts: Sequence[Alert]) -> dict[str, Any]:
    """What both ways of sending have in common; ``text`` is for notifications."""
    told = grouped(alerts)
    return {
        "text": cut("; ".join(title(data, MOST_HEADER) for data in told), MOST_SECTION),
        "blocks": [block for data in told for block in blocks(data)][:MOST_BLOCKS],
    }


@dataclass(frozen=True, slots=True)
class SlackWebhook:
    """Keeps `Channel`."""

    endpoint: Endpoint

    def tell(self, alerts: Sequence[Alert], mark: str | None) -> Outcome:
        """One message for all of them."""
        del mark
        return post_json(self.endpoint, message(alerts))


@dataclass(frozen=True, slots=True)
class SlackBot:
    """Keeps `Channel`; ``token`` may write to ``room``, the id of a Slack channel."""

    api: Endpoint
    token: str = field(repr=False)
    room: str

    def tell(self, alerts: Sequence[Alert], mark: str | None) -> Outcome:
        """Write a message, or bring the one of this incident (``mark``) up to date."""
        outcome = self._call("chat.update", alerts, mark) if mark else None
        if outcome is None:
            outcome = self._call("chat.postMessage", alerts, None)
        return outcome or Retry(f"{self.api.host}: no answer that says anything")

    def _call(self, method: str, alerts: Sequence[Alert], mark: str | None) -> Outcome | None:
        """``None`` where the message to update is no longer there."""
        content = message(alerts) | {"channel": self.room}
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json; charset=utf-8",
        }
        sent = msgspec.json.encode(content | ({"ts": mark} if mark else {}))
        answer = self.api.at(f"/{method}").post(sent, headers)
        outcome = judge(self.api.host, answer)
        if isinstance(answer, Retry) or not isinstance(outcome, Delivered):
            return outcome
        return _read(self.api.host, answer.body)


def _read(host: str, text: bytes) -> Outcome | None:
    try:
        answer = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Retry(f"{host}: the answer is no JSON")
    if answer.get("ok"):
        return Delivered(str(answer.get("ts", "")) or None)
    reason = str(answer.get("error", "no reason given"))
    if reason in MESSAGE_GONE:
        return None
    if reason.startswith("invalid_blocks") or reason in {"msg_too_long", "no_text"}:
        return Refused(f"{host} refuses the message: {reason}")
    return Retry(f"{host} does not take it: {reason}")
