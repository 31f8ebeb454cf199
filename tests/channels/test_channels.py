"""Each channel keeps its receiver's contract, and judges every answer of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import pytest

from stream_drift.channels.build import build_channel
from stream_drift.channels.http import Endpoint, judge
from stream_drift.channels.webhook import signature
from stream_drift.incidents.alert import Alert, AlertData, structured_json
from stream_drift.runtime.notify.channel import (
    Channel,
    Delivered,
    Outcome,
    Refused,
    Retry,
    Standing,
    StandingChannel,
)
from tests.support.ports import free_port
from tests.support.receiver import Receiver, Reply
from tests.unit.incidents.building import data, feature

NOW_MS = 1_790_200_000_000
SECRETS: Mapping[str, Mapping[str, Any]] = {
    "webhook": {"secret": "hush-webhook"},
    "slack": {},
    "teams": {},
    "pagerduty": {"routing_key": "hush-routing"},
    "opsgenie": {"key": "hush-key"},
    "jira": {"key": "hush-key"},
}
QUEUED = sorted(SECRETS)
BOT = {"token": "hush-token", "channel": "C123"}
OK_SLACK = Reply(200, b'{"ok": true, "ts": "1726.5"}')


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def channel(kind: str, url: str, **options: Any) -> Channel:
    made = build_channel(kind, {"url": url, **SECRETS[kind], **options}, lambda: NOW_MS)
    assert not isinstance(made, StandingChannel)
    return made


def alert(sequence: int = 0, **changes: Any) -> Alert:
    found: AlertData = data(feature("location up"), **changes)
    return Alert(f"{found.incident}/{sequence}", "io.streamdrift.x.v1", "/s", NOW_MS, found)


RESOLVED = {"status": "resolved", "change": "resolved", "resolved_at": "2026-09-21T20:00:00Z"}


# Answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", QUEUED)
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(202), Delivered),
        (Reply(400), Refused),
        (Reply(401), Retry),
        (Reply(404), Retry),
        (Reply(429, headers={"Retry-After": "7"}), Retry),
        (Reply(500), Retry),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), Retry),
        (Reply(0), Retry),
    ],
)
def test_every_answer_is_judged(
    receiver: Receiver, kind: str, reply: Reply, expected: type[Outcome]
) -> None:
    receiver.replies.append(reply)
    outcome = channel(kind, receiver.url + "/hush-path").tell([alert()], None)
    assert isinstance(outcome, expected)
    assert isinstance(outcome, Delivered) or "hush" not in outcome.reason
    if reply.status == 429:
        assert isinstance(outcome, Retry)
        assert outcome.after_seconds == 7
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("kind", QUEUED)
def test_nobody_there_is_a_retry(kind: str) -> None:
    assert isinstance(channel(kind, f"http://127.0.0.1:{free_port()}").tell([alert()], None), Retry)


def test_a_receiver_that_hangs_is_left_in_time(receiver: Receiver) -> None:
    receiver.replies.append(Reply(seconds=30))
    answer = Endpoint(receiver.url, whole_seconds=0.3).post(b"{}", {})
    assert isinstance(answer, Retry)
    assert isinstance(judge("h", answer), Retry)


@pytest.mark.parametrize("kind", QUEUED)
def test_no_secret_shows_in_a_representation(kind: str) -> None:
    assert "hush" not in repr(channel(kind, "http://h/hush-path"))


# What is said -----------------------------------------------------------------------------------


def told(
    receiver: Receiver, kind: str, *alerts: Alert, mark: str | None = None, **options: Any
) -> list[Any]:
    outcome = channel(kind, receiver.url, **options).tell(alerts, mark)
    assert isinstance(outcome, Delivered), outcome
    return [request.json for request in receiver.requests]


def test_a_webhook_gets_the_cloudevent_signed_and_with_its_id(receiver: Receiver) -> None:
    given = alert()
    told(receiver, "webhook", given)
    [request] = receiver.requests
    assert request.body == structured_json(given)
    assert request.headers["idempotency-key"] == request.headers["webhook-id"] == given.id
    seconds = request.headers["webhook-timestamp"]
    expected = signature("hush-webhook", given.id, seconds, request.body)
    assert request.headers["webhook-signature"] == expected


def test_pagerduty_opens_acknowledges_and_resolves_one_alert(receiver: Receiver) -> None:
    changes: list[dict[str, Any]] = [{}, {"change": "acknowledged"}, RESOLVED]
    events = told(receiver, "pagerduty", *(alert(i, **c) for i, c in enumerate(changes)))
    assert [event["event_action"] for event in events] == ["trigger", "acknowledge", "resolve"]
    assert {event["dedup_key"] for event in events} == {"b2d4bc50866cbb4d"}
    payload = events[0]["payload"]
    assert payload["severity"] in {"critical", "error", "warning", "info"}
    assert len(payload["summary"]) <= 1_024
    assert payload["source"] == "hotel-cancellation"
    assert "lead_time" in payload["custom_details"]["text"]


def test_slack_says_it_in_blocks_within_its_limits(receiver: Receiver) -> None:
    many = [alert(i, incident=f"i{i}", monitor="m" * 400) for i in range(40)]
    [message] = told(receiver, "slack", *many)
    assert len(message["blocks"]) <= 50
    for block in message["blocks"]:
        most = 150 if block["type"] == "header" else 3_000
        assert 0 < len(block["text"]["text"]) <= most
        assert block["text"]["type"] == "plain_text"
    assert len(message["text"]) <= 3_000


def test_a_slack_bot_updates_its_message_and_writes_anew_where_that_is_gone(
    receiver: Receiver,
) -> None:
    bot = channel("slack", receiver.url, **BOT)
    gone = Reply(200, b'{"ok": false, "error": "message_not_found"}')
    receiver.replies += [OK_SLACK, OK_SLACK, gone]
    receiver.replies.append(Reply(200, b'{"ok": true, "ts": "99.1"}'))
    assert bot.tell([alert()], None) == Delivered("1726.5")
    assert bot.tell([alert(1)], "1726.5") == Delivered("1726.5")
    assert bot.tell([alert(2)], "1726.5") == Delivered("99.1")
    paths = [request.path for request in receiver.requests]
    assert paths == ["/chat.postMessage", "/chat.update", "/chat.update", "/chat.postMessage"]
    assert receiver.requests[1].json["ts"] == "1726.5"
    assert receiver.requests[0].json["channel"] == "C123"
    assert receiver.requests[0].headers["authorization"] == "Bearer hush-token"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"ok": false, "error": "ratelimited"}', Retry),
        (b'{"ok": false, "error": "invalid_auth"}', Retry),
        (b'{"ok": false, "error": "invalid_blocks"}', Refused),
        (b"<html>", Retry),
    ],
)
def test_a_slack_bot_reads_what_stands_in_the_answer(
    receiver: Receiver, body: bytes, kind: type[Outcome]
) -> None:
    receiver.replies.append(Reply(200, body))
    bot = channel("slack", receiver.url, **BOT)
    assert isinstance(bot.tell([alert()], None), kind)


def test_teams_gets_an_adaptive_card_of_less_than_28_kilobytes(receiver: Receiver) -> None:
    many = [feature("location up", name=f"f{i}" * 40, words="w" * 2_000) for i in range(50)]
    [message] = told(receiver, "teams", Alert("x/0", "t", "/s", NOW_MS, data(*many)))
    assert len(receiver.requests[0].body) < 28_000
    [attachment] = message["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert all(part["type"] == "RichTextBlock" and part["inlines"] for part in card["body"])


@pytest.mark.parametrize("kind", ["opsgenie", "jira"])
def test_opsgenie_and_jira_open_and_close_by_alias(receiver: Receiver, kind: str) -> None:
    opened, _, _ = told(
        receiver, kind, alert(), alert(1, change="acknowledged"), alert(2, **RESOLVED)
    )
    paths = [request.path.split("?")[0] for request in receiver.requests]
    alias = "/v2/alerts/b2d4bc50866cbb4d"
    assert paths == ["/v2/alerts", f"{alias}/acknowledge", f"{alias}/close"]
    assert receiver.requests[0].headers["authorization"] == "GenieKey hush-key"
    assert len(opened["message"]) <= 130
    assert len(opened["description"]) <= 15_000
    assert opened["priority"] in {"P1", "P2", "P3", "P4", "P5"}
    assert opened["alias"] == "b2d4bc50866cbb4d"


@pytest.mark.parametrize(
    "text",
    [
        lambda r: r["payload"]["summary"],
        lambda r: r["payload"]["custom_details"]["text"].splitlines()[0],
    ],
)
def test_a_resolution_says_so_first_and_words_are_those_of_the_message(
    receiver: Receiver, text: Callable[[Any], str]
) -> None:
    [event] = told(receiver, "pagerduty", alert())
    assert text(event)
    resolved = alert(1, **RESOLVED)
    told(receiver, "slack", resolved)
    head = receiver.requests[-1].json["blocks"][0]["text"]["text"]
    assert "✅" in head


def test_alertmanager_gets_stable_labels_and_an_end(receiver: Receiver) -> None:
    made = build_channel("alertmanager", {"urls": (receiver.url,)}, lambda: NOW_MS)
    assert isinstance(made, StandingChannel)
    over = alert(1, **RESOLVED)
    assert made.post(0, [Standing(alert()), Standing(over, NOW_MS)], NOW_MS) == Delivered()
    assert made.post(0, [Standing(alert(2, severity="severe"))], NOW_MS + 60_000) == Delivered()
    first, second = (request.json for request in receiver.requests)
    assert receiver.requests[0].path == "/api/v2/alerts"
    assert first[0]["labels"] == second[0]["labels"]
    assert first[0]["annotations"]["severity"] != second[0]["annotations"]["severity"]
    assert first[0]["endsAt"] > first[0]["startsAt"]
    assert first[1]["endsAt"] == "2026-09-21T20:00:00Z"
    assert msgspec.json.encode(first)
