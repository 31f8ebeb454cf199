"""The configuration as it is written: every key, its default, and what it means.

These models check one key at a time; `stream_drift.config.rules` checks keys against each other.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from stream_drift.config.channel_schema import ChannelPart
from stream_drift.config.fields import (
    CategoryText,
    Delay,
    Duration,
    EffectSize,
    FeatureName,
    FieldPath,
    History,
    Instant,
    KafkaValue,
    Length,
    MonitorName,
    Name,
    Pane,
    Rate,
    Scalar,
    SdSize,
    Text,
    TimeZone,
    Topic,
    Version,
    Window,
    as_key,
    written,
)
from stream_drift.config.part import Part
from stream_drift.config.settings import Importance, Kind, Privacy, ReloadFrom, Role, Task


class WherePart(Part):
    """Which records of a topic are events of this monitor."""

    field: Annotated[FieldPath, Field(description="The field to look at.")]
    equals: Annotated[CategoryText, Field(description="The value that it must have.")]


class InputPart(Part):
    """One topic that the monitor reads."""

    topic: Annotated[Topic, Field(description="The Kafka topic.")]
    format: Annotated[
        Literal["json"], Field(description="How its records are written: one JSON object each.")
    ] = "json"
    carries: Annotated[frozenset[Role], Field(min_length=1, description="What its events hold.")]
    event_id: Annotated[
        FieldPath | None,
        Field(description="The field with the event's id. Without it: topic, partition, offset."),
    ] = None
    time: Annotated[
        FieldPath | None,
        Field(description="The field with the event's time. Without it: the record's timestamp."),
    ] = None
    where: Annotated[
        WherePart | None, Field(description="Read only some records: several models in a topic.")
    ] = None


class FeaturePart(Part):
    """One watched column."""

    type: Annotated[Kind, Field(description="number, or category for everything else.")]
    path: Annotated[
        FieldPath | None,
        Field(description="Where it stands in the event; by default the feature's name."),
    ] = None
    importance: Annotated[
        Importance, Field(description="Its weight among the features of the model.")
    ] = "normal"
    smallest_effect: Annotated[
        EffectSize | None,
        Field(description="No smaller change opens an incident: 5 in its units, or '0.05 sd'."),
    ] = None


class PredictionPart(Part):
    """Where the model's prediction stands in the event."""

    value: Annotated[FieldPath | None, Field(description="The predicted class or number.")] = None
    score: Annotated[
        FieldPath | None, Field(description="The score behind it, such as a probability.")
    ] = None
    task: Annotated[Task, Field(description="What the model predicts.")]
    positive: Annotated[
        CategoryText | None, Field(description="The class that counts as positive (binary).")
    ] = None


class MatchPart(Part):
    """How labels that know no event id find their prediction."""

    entity: Annotated[FieldPath, Field(description="The field that both sides share.")]
    take: Annotated[
        Literal["last_before"], Field(description="Which prediction of the entity is meant.")
    ] = "last_before"


class LabelPart(Part):
    """Where the truth stands, when it counts and how it is joined."""

    value: Annotated[FieldPath, Field(description="The true class or number.")]
    matures_after: Annotated[
        Delay, Field(description="A prediction is judged once its label had this long to come.")
    ] = written("2d")
    horizon: Annotated[
        Duration, Field(description="Labels that come later than this change nothing.")
    ] = written("35d")
    join_rows: Annotated[
        int, Field(ge=1, description="At most so many rows wait for their label.")
    ] = 1_000_000
    match: Annotated[
        MatchPart | None, Field(description="For labels that know only an entity.")
    ] = None
    for_: Annotated[
        Literal["positives"] | None,
        Field(alias="for", description="Only events predicted positive ever get a label."),
    ] = None


class SamplesPart(Part):
    """A share of the events, kept row by row."""

    rate: Annotated[
        Rate, Field(description="The share of events kept, by the hash of their id.")
    ] = written("1/16")
    key_file: Annotated[
        Text | None,
        Field(description="A file with the key that hides ids. Without it they are pseudonyms."),
    ] = None


class ThresholdPart(Part):
    """Open an incident when a score stays beyond a limit."""

    score: Annotated[Text, Field(description="A published score.")]
    of: Annotated[Text, Field(description="A feature, '*' for all, prediction, score or model.")]
    above: Annotated[
        float | None, Field(allow_inf_nan=False, description="The score must not be above this.")
    ] = None
    below: Annotated[
        float | None, Field(allow_inf_nan=False, description="The score must not be below this.")
    ] = None
    window: Annotated[Text, Field(description="One of the monitor's windows, or pane.")]
    for_: Annotated[
        int, Field(alias="for", ge=1, description="For so many closed panes in a row.")
    ] = 1


class LearningPart(Part):
    """Where the baseline comes from."""

    length: Annotated[
        Length | None, Field(description="Learn from the live stream for so long, or none.")
    ] = None
    history: Annotated[
        History | None,
        Field(description="Replay history: a file, files by topic, or since and until."),
    ] = None
    since: Annotated[Instant | None, Field(description="Replay the topics from here.")] = None
    until: Annotated[Instant | None, Field(description="Replay the topics up to here.")] = None


class DetectionPart(Part):
    """When a change is worth an incident."""

    false_incidents_per_30d: Annotated[
        float, Field(gt=0, allow_inf_nan=False, description="The budget, over all features.")
    ] = 1.0
    smallest_effect: Annotated[
        SdSize, Field(description="No smaller change opens an incident, in reference sd.")
    ] = written("0.05")
    learning: Annotated[
        LearningPart,
        BeforeValidator(as_key("length"), json_schema_input_type=str | LearningPart),
        Field(description="What is normal: learned for 14d, from history, or none."),
    ] = written("14d")
    thresholds: Annotated[
        tuple[ThresholdPart, ...], Field(description="Fixed limits on published scores.")
    ] = ()
    no_data_for: Annotated[
        Duration | None, Field(description="Open an incident when no event came for so long.")
    ] = None
    repeat_interval: Annotated[
        Duration, Field(description="How often an open incident is told again.")
    ] = written("4h")


class VersionPart(Part):
    """The model version: a text, or the field that holds it."""

    version: Annotated[Version | None, Field(description="The version itself.")] = None
    field: Annotated[FieldPath | None, Field(description="The field that holds it.")] = None


class MonitorPart(Part):
    """One watch: a model, the topics it writes, and what is watched in them."""

    model_version: Annotated[
        VersionPart | None,
        BeforeValidator(as_key("version"), json_schema_input_type=Scalar | VersionPart | None),
        Field(description="The model's version, or {field: path} where events tell it."),
    ] = None
    reference: Annotated[
        Text, Field(description="The reference snapshot, made by: stream-drift reference build.")
    ]
    pane: Annotated[
        Pane, Field(description="The smallest slice of event time; it divides a day.")
    ] = written("5m")
    windows: Annotated[
        tuple[Window, ...],
        Field(description="Trailing stretches that scores are computed over; multiples of pane."),
    ] = written(["1h", "1d"])
    lateness: Annotated[
        Delay, Field(description="How far behind the newest event one may come and count.")
    ] = written("10m")
    timezone: Annotated[
        TimeZone, Field(description="Where the model's users live: days and weekends are theirs.")
    ] = written("UTC")
    samples: Annotated[
        SamplesPart, Field(description="Which rows are kept for joins, slices and exports.")
    ] = written({})
    inputs: Annotated[
        tuple[InputPart, ...], Field(min_length=1, description="The topics that it reads.")
    ]
    features: Annotated[
        dict[
            FeatureName,
            Annotated[
                FeaturePart,
                BeforeValidator(as_key("type"), json_schema_input_type=Kind | FeaturePart),
            ],
        ],
        Field(description="The watched columns: name: type, or name: {path, type, …}."),
    ] = {}  # noqa: RUF012 - pydantic copies defaults
    prediction: Annotated[
        PredictionPart | None, Field(description="Where the model's prediction stands.")
    ] = None
    label: Annotated[LabelPart | None, Field(description="Where the truth stands.")] = None
    detection: Annotated[DetectionPart, Field(description="What opens an incident.")] = written({})
    joint: Annotated[
        bool, Field(description="Watch how number features move together; needs two of them.")
    ] = True
    privacy: Annotated[
        Privacy, Field(description="strict: no samples, no values of events anywhere.")
    ] = "standard"


class HttpPart(Part):
    """Where metrics, health and pages are served."""

    address: Annotated[Text, Field(description="The address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, description="The port; 0 is a free one.")] = 9464
    max_features: Annotated[
        int, Field(ge=0, description="At most so many features of a monitor have metrics.")
    ] = 200
    reload: Annotated[ReloadFrom, Field(description="From where POST /-/reload is obeyed.")] = (
        "loopback"
    )


class ConfigPart(Part):
    """The configuration of stream-drift."""

    name: Annotated[
        Name, Field(description="The prefix of its own topics and consumer groups.")
    ] = "streamdrift"
    kafka: Annotated[
        dict[str, KafkaValue],
        Field(description="Handed to librdkafka unchanged; NAME_file reads a secret from a file."),
    ] = {}  # noqa: RUF012 - pydantic copies defaults
    monitors: Annotated[
        dict[MonitorName, MonitorPart], Field(min_length=1, description="The watches, by name.")
    ]
    channels: Annotated[
        tuple[ChannelPart, ...], Field(description="Where incidents are told.")
    ] = ()
    http: Annotated[HttpPart, Field(description="Metrics, health and pages.")] = written({})
