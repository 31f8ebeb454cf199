"""What each kind of channel needs, and what it has no use for."""

from __future__ import annotations

from collections.abc import Iterator

from stream_drift.config.channel_schema import ChannelPart, ChannelType
from stream_drift.config.finding import Finding
from stream_drift.config.mistakes import Path, nearest, one_of
from stream_drift.config.secret_files import UNREAD

NEEDED: dict[ChannelType, tuple[tuple[str, ...], ...]] = {
    "alertmanager": (("urls",), ("url",)),
    "apprise": (("urls",),),
    "jira": (("key",),),
    "opsgenie": (("key",),),
    "pagerduty": (("routing_key",),),
    "slack": (("url",), ("token", "channel")),
    "teams": (("url",),),
    "webhook": (("url",),),
}
"""Per type the sets of keys of which one must be given whole."""
POSSIBLE: dict[ChannelType, tuple[str, ...]] = {
    "jira": ("url",),
    "opsgenie": ("url",),
    "pagerduty": ("url",),
    "slack": ("url",),
    "webhook": ("secret",),
}
OF_A_TYPE = ("url", "urls", "secret", "token", "channel", "routing_key", "key")
"""Keys that only some types know."""


def channel_rules(channels: tuple[ChannelPart, ...]) -> Iterator[Finding]:
    """All findings about the channels."""
    names: dict[str, int] = {}
    for i, channel in enumerate(channels):
        base: Path = ("channels", i)
        yield from _unknown(channel, base)
        yield from _needed(channel, base)
        yield from _addresses(channel, base)
        name = channel_name(channel)
        if name in names:
            text = f"channels[{names[name]}] is called {name!r} too: give one of them a 'name'"
            yield Finding((*base, "name") if channel.name else base, text)
        names.setdefault(name, i)


def channel_name(channel: ChannelPart) -> str:
    """The name in consumer groups and metrics."""
    return channel.name or channel.type


def _unknown(channel: ChannelPart, base: Path) -> Iterator[Finding]:
    known = sorted(type(channel).model_fields)
    for key in channel.model_extra or {}:
        meant = nearest(key, known)
        hint = f"did you mean {meant!r}?" if meant else one_of(key, known)
        yield Finding((*base, key), f"unknown key, {hint}")


def _needed(channel: ChannelPart, base: Path) -> Iterator[Finding]:
    sets = NEEDED[channel.type]
    given = {key for key in OF_A_TYPE if getattr(channel, key)}
    if not any(given.issuperset(keys) for keys in sets):
        wanted = ", or ".join(" and ".join(keys) for keys in sets)
        yield Finding(base, f"a channel of type {channel.type} needs {wanted}")
    useful = {key for keys in sets for key in keys} | set(POSSIBLE.get(channel.type, ()))
    for key in sorted(given - useful):
        yield Finding((*base, key), f"a channel of type {channel.type} has no use for {key!r}")


def _addresses(channel: ChannelPart, base: Path) -> Iterator[Finding]:
    if channel.type == "apprise":
        return
    for key, urls in (("url", [channel.url] if channel.url else []), ("urls", channel.urls)):
        if any(not url.startswith(("http://", "https://")) and url != UNREAD for url in urls):
            yield Finding((*base, key), "must begin with http:// or https://")
