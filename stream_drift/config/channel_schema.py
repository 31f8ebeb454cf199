"""The channels as they are written."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from stream_drift.config.fields import Delay, Instant, Text, written
from stream_drift.config.part import Part
from stream_drift.incidents.alert import Kind, Severity

ChannelType = Literal[
    "alertmanager", "pagerduty", "slack", "teams", "jira", "opsgenie", "webhook", "apprise"
]


class MaintenancePart(Part):
    """A stretch of time in which alerts wait."""

    since: Annotated[Instant, Field(description="From then on alerts wait.")]
    until: Annotated[Instant, Field(description="Then the last word of each incident is told.")]
    monitors: Annotated[
        tuple[Text, ...], Field(description="Of these monitors only; * and ? as in file names.")
    ] = ()


class ChannelPart(Part):
    """One place that incidents are told to. NAME_file reads a secret NAME from a file."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="allow", frozen=True, validate_default=True
    )

    type: Annotated[ChannelType, Field(description="Which kind of channel.")]
    name: Annotated[
        Text | None, Field(description="Its name in groups and metrics; default: the type.")
    ] = None
    url: Annotated[
        Text | None, Field(description="Where to send to (webhook, slack, teams; others: default).")
    ] = None
    urls: Annotated[
        tuple[Text, ...], Field(description="All members of an Alertmanager; services of apprise.")
    ] = ()
    secret: Annotated[Text | None, Field(description="webhook: signs each request.")] = None
    token: Annotated[Text | None, Field(description="slack: the token of a bot.")] = None
    channel: Annotated[Text | None, Field(description="slack: the id of the bot's channel.")] = None
    routing_key: Annotated[Text | None, Field(description="pagerduty: of Events API v2.")] = None
    key: Annotated[Text | None, Field(description="opsgenie, jira: of an API integration.")] = None
    ca: Annotated[Text | None, Field(description="More certificates to trust, as PEM.")] = None
    at_least: Annotated[Severity, Field(description="Milder incidents are not told here.")] = (
        "minor"
    )
    monitors: Annotated[
        tuple[Text, ...], Field(description="Of these monitors only; * and ? as in file names.")
    ] = ()
    kinds: Annotated[tuple[Kind, ...], Field(description="Of these kinds only.")] = ()
    features: Annotated[
        tuple[Text, ...], Field(description="Only with one of these features; * and ? too.")
    ] = ()
    group_wait: Annotated[
        Delay, Field(description="Alerts that come so soon after the first share its message.")
    ] = written("0s")
    repeat_interval: Annotated[
        Delay, Field(description="Reminders of an open incident come no more often than this.")
    ] = written("4h")
    maintenance: Annotated[
        tuple[MaintenancePart, ...], Field(description="When alerts have to wait.")
    ] = ()
