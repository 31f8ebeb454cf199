"""What a scrape holds."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator

import pytest
from prometheus_client import generate_latest
from prometheus_client.exposition import choose_encoder
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse
from structlog.testing import capture_logs

from stream_drift.metrics import (
    CATALOGUE,
    EVENTS,
    MONITOR_INFO,
    SCORE,
    SCRAPE_FAILURES,
    SERIES_WITHHELD,
    Metric,
    Sample,
)
from stream_drift.web import exposition as exposition_module
from stream_drift.web.exposition import Exposition
from tests.support.promtool import check_metrics

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def one_of_each() -> Iterator[Sample]:
    for metric in CATALOGUE:
        if metric not in (SERIES_WITHHELD, SCRAPE_FAILURES):
            yield metric, tuple(f"some {label}" for label in metric.labels), 1.5


def rendered(*sources: Callable[[], Iterable[Sample]], max_features: int = 200) -> str:
    return generate_latest(Exposition(sources, max_features).registry).decode()


def series_of(text: str) -> Series:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in parse(text)
        for sample in family.samples
    }


def value_of(text: str, metric: Metric, *labels: str) -> float | None:
    key = (metric.name, frozenset(zip(metric.labels, labels, strict=True)))
    return series_of(text).get(key)


def test_every_metric_of_the_catalogue_is_exposed_and_clean() -> None:
    text = rendered(one_of_each)
    check_metrics(text)
    found = {sample.name for family in parse(text) for sample in family.samples}
    assert {metric.name for metric in CATALOGUE} <= found
    for metric in CATALOGUE:
        assert f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} {metric.kind}\n" in text


def test_openmetrics_is_clean_too() -> None:
    encode, content_type = choose_encoder("application/openmetrics-text;version=1.0.0")
    text = encode(Exposition([one_of_each], 200).registry).decode()
    families = parse_openmetrics(text)  # type: ignore[no-untyped-call]  # the library's lack
    expected = {metric.name.removesuffix("_total") for metric in CATALOGUE}
    assert content_type.startswith("application/openmetrics-text")
    assert expected <= {family.name for family in families}


def test_process_and_interpreter_are_exposed() -> None:
    text = rendered()
    assert "\nprocess_resident_memory_bytes " in text
    assert "\npython_info{" in text


def test_metrics_without_series_are_left_out() -> None:
    text = rendered()
    assert SCORE.name not in text
    assert value_of(text, SCRAPE_FAILURES) == 0


def test_label_values_survive_whatever_they_hold() -> None:
    odd = 'a"b\\c\nd{é}'
    text = rendered(lambda: [(MONITOR_INFO, ("m", odd, "\ud800"), 1.0)])
    assert value_of(text, MONITOR_INFO, "m", odd, "?") == 1


def test_values_may_be_extreme() -> None:
    values = [0.1, 1e300, -(2.0**53), math.inf, -math.inf]
    text = rendered(
        lambda: [(SCORE, ("m", str(i), "psi", "1h"), value) for i, value in enumerate(values)]
    )
    assert [value_of(text, SCORE, "m", str(i), "psi", "1h") for i in range(5)] == values


def test_retired_series_are_gone_with_the_next_scrape() -> None:
    samples: list[Sample] = [(EVENTS, ("m", "t"), 1.0), (EVENTS, ("n", "t"), 2.0)]
    exposed = Exposition([lambda: samples], 200)
    assert value_of(generate_latest(exposed.registry).decode(), EVENTS, "n", "t") == 2
    del samples[1]
    text = generate_latest(exposed.registry).decode()
    assert value_of(text, EVENTS, "m", "t") == 1
    assert value_of(text, EVENTS, "n", "t") is None


def test_source_that_fails_half_way_costs_its_own_samples_only() -> None:
    def failing() -> Iterator[Sample]:
        yield EVENTS, ("half", "t"), 1.0
        message = "lost its thread"
        raise RuntimeError(message)

    exposed = Exposition([failing, lambda: [(EVENTS, ("m", "t"), 7.0)]], 200)
    with capture_logs() as logs:
        generate_latest(exposed.registry)
        text = generate_latest(exposed.registry).decode()
    assert value_of(text, EVENTS, "m", "t") == 7
    assert value_of(text, EVENTS, "half", "t") is None
    assert value_of(text, SCRAPE_FAILURES) == 2
    assert [log["log_level"] for log in logs] == ["error", "error"]


@pytest.mark.parametrize(
    "wrong",
    [
        (EVENTS, ("m",), 1.0),
        (EVENTS, ("m", "t", "more"), 1.0),
        (EVENTS, ("m", "t"), None),
        (Metric("streamdrift_unlisted", "gauge", (), "Not in the catalogue."), (), 1.0),
    ],
)
def test_sample_that_cannot_be_rendered_is_a_failure_of_its_source(wrong: Sample) -> None:
    with capture_logs():
        text = rendered(lambda: [wrong], lambda: [(EVENTS, ("n", "t"), 7.0)])
    assert value_of(text, EVENTS, "n", "t") == 7
    assert value_of(text, SCRAPE_FAILURES) == 1


def test_withheld_series_are_counted_per_monitor() -> None:
    samples: list[Sample] = [
        (SCORE, (monitor, feature, "psi", window), 0.1)
        for monitor, features in (("m", "abc"), ("n", "a"))
        for feature in features
        for window in ("1h", "1d")
    ]
    text = rendered(lambda: samples, max_features=1)
    assert value_of(text, SERIES_WITHHELD, "m") == 4
    assert value_of(text, SERIES_WITHHELD, "n") == 0
    assert value_of(text, SCORE, "m", "a", "psi", "1d") == 0.1
    assert value_of(text, SCORE, "m", "b", "psi", "1d") is None


def test_scrapes_behind_one_that_hangs_give_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposition_module, "PATIENCE_SECONDS", 0.05)
    hangs, released = threading.Event(), threading.Event()

    def hanging() -> list[Sample]:
        hangs.set()
        assert released.wait(20)
        return []

    exposed = Exposition([hanging], 200)
    first = threading.Thread(target=exposed.collect)
    first.start()
    assert hangs.wait(20)
    with pytest.raises(TimeoutError, match="earlier scrape"):
        exposed.collect()
    released.set()
    first.join(20)
    assert exposed.collect()
