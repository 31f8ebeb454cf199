"""The catalogue of metrics, and the page that explains it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stream_drift import metrics
from stream_drift.metrics import CATALOGUE, Metric
from stream_drift.scoring.catalogue import CATALOGUE as SCORES
from stream_drift.scoring.catalogue import ScoreInfo

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"

# Labels whose values come from configuration or code, never from events; `model_version` is one
# of the few that events may carry.
LABELS = {
    "channel",
    "outcome",
    "monitor",
    "feature",
    "score",
    "window",
    "policy",
    "severity",
    "model_version",
    "reference",
    "topic",
    "partition",
    "reason",
    "shift",
    "role",
    "state",
    "version",
    "python",
    "librdkafka",
}


def section(heading: str) -> list[str]:
    """The rows of the table under a heading of the page."""
    text = PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("|")][2:]


def metric_row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "–"
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.help} |"


def score_row(info: ScoreInfo) -> str:
    ends = ["–" if end is None else f"{end:g}" for end in (info.low, info.high)]
    subjects = ", ".join(info.applies_to)
    return f"| `{info.name}` | {subjects} | {info.unit} | {ends[0]} | {ends[1]} | {info.meaning} |"


def test_page_lists_exactly_the_metrics_there_are() -> None:
    assert section("All metrics") == [metric_row(metric) for metric in CATALOGUE]


def test_page_lists_exactly_the_scores_there_are() -> None:
    assert section("All scores") == [score_row(info) for info in SCORES.values()]


def test_page_mentions_no_metric_that_is_not_there() -> None:
    mentioned = set(re.findall(r"streamdrift_\w+", PAGE.read_text()))
    assert mentioned == {metric.name for metric in CATALOGUE}


def test_every_metric_of_the_module_is_in_the_catalogue() -> None:
    named = {value.name for value in vars(metrics).values() if isinstance(value, Metric)}
    assert sorted(named) == sorted(metric.name for metric in CATALOGUE)


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_metric_is_named_as_prometheus_wants(metric: Metric) -> None:
    assert re.fullmatch(r"streamdrift(_[a-z]+)+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert len(set(metric.labels)) == len(metric.labels)
    assert set(metric.labels) <= LABELS
    assert metric.help.endswith(".")
    assert "feature" not in metric.labels or metric.labels[0] == "monitor"
    if "timestamp" in metric.name:
        assert metric.name.endswith("_timestamp_seconds")
