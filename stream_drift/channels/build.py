"""From the name of a channel and its options to what carries alerts there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from stream_drift.channels import opsgenie, pagerduty, slack
from stream_drift.channels.alertmanager import Alertmanager
from stream_drift.channels.apprise_urls import Apprise
from stream_drift.channels.http import Endpoint
from stream_drift.channels.opsgenie import Opsgenie
from stream_drift.channels.pagerduty import PagerDuty
from stream_drift.channels.slack import SlackBot, SlackWebhook
from stream_drift.channels.teams import Teams
from stream_drift.channels.webhook import Webhook
from stream_drift.runtime.notify.channel import Channel, StandingChannel


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says of a channel; may hold secrets."""

    values: Mapping[str, object] = field(repr=False)

    def text(self, key: str) -> str | None:
        """One option."""
        value = self.values.get(key)
        return None if value is None else str(value)

    def needed(self, key: str) -> str:
        """One option that the configuration's rules have seen to."""
        return str(self.values[key])

    def texts(self, key: str) -> tuple[str, ...]:
        """A list."""
        value = self.values.get(key, ())
        return tuple(map(str, value)) if isinstance(value, list | tuple) else ()

    def endpoint(self, url: str) -> Endpoint:
        """An address with the certificates to trust there."""
        return Endpoint(url, self.text("ca"))


def build_channel(
    kind: str, values: Mapping[str, object], now_ms: Callable[[], int]
) -> Channel | StandingChannel:
    """Make a channel; sends nothing.

    Raises
    ------
    ConfigError
        Where an optional library is not installed or does not understand an address.
    """
    return _BUILDERS[kind](Options(values), now_ms)


Clock = Callable[[], int]


def _alertmanager(options: Options, _: Clock) -> Alertmanager:
    urls = options.texts("urls") or (options.needed("url"),)
    return Alertmanager(tuple(map(options.endpoint, urls)))


def _pagerduty(options: Options, _: Clock) -> PagerDuty:
    endpoint = options.endpoint(options.text("url") or pagerduty.URL)
    return PagerDuty(endpoint, options.needed("routing_key"))


def _slack(options: Options, _: Clock) -> SlackBot | SlackWebhook:
    url = options.text("url")
    if url is not None and options.text("token") is None:
        return SlackWebhook(options.endpoint(url))
    api = options.endpoint(url or slack.API)
    return SlackBot(api, options.needed("token"), options.needed("channel"))


def _teams(options: Options, _: Clock) -> Teams:
    return Teams(options.endpoint(options.needed("url")))


def _opsgenie(options: Options, _: Clock) -> Opsgenie:
    url = options.text("url") or opsgenie.OPSGENIE
    return Opsgenie(options.endpoint(url), options.needed("key"))


def _jira(options: Options, _: Clock) -> Opsgenie:
    return Opsgenie(options.endpoint(options.text("url") or opsgenie.JIRA), options.needed("key"))


def _webhook(options: Options, now_ms: Clock) -> Webhook:
    endpoint = options.endpoint(options.needed("url"))
    return Webhook(endpoint, now_ms, options.text("secret"))


def _apprise(options: Options, _: Clock) -> Apprise:
    return Apprise(options.texts("urls"))


_BUILDERS: Mapping[str, Callable[[Options, Clock], Channel | StandingChannel]] = {
    "alertmanager": _alertmanager,
    "apprise": _apprise,
    "jira": _jira,
    "opsgenie": _opsgenie,
    "pagerduty": _pagerduty,
    "slack": _slack,
    "teams": _teams,
    "webhook": _webhook,
}
