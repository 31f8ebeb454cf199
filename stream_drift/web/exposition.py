"""What Prometheus gets: asked for at every scrape, and nothing kept in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import structlog
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from stream_drift.metrics import CATALOGUE, SCRAPE_FAILURES, SERIES_WITHHELD, Metric, Sample
from stream_drift.web.cardinality import withhold

PATIENCE_SECONDS = 5.0

Source = Callable[[], Iterable[Sample]]
"""Gives the samples of one part of the program; called from any thread, one scrape at a time."""

_Series = dict[tuple[str, ...], float]
_Family = CounterMetricFamily | GaugeMetricFamily
_FAMILIES: dict[str, type[_Family]] = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily}
_KNOWN = frozenset(CATALOGUE)
_logger = structlog.get_logger("stream_drift.web")


class Exposition:
    """A collector on a registry of its own, beside those of process and interpreter.

    A series that no source gives any more is gone with the next scrape. A source that raises is
    logged and counted, and costs only its own samples. Where a series is given twice, the later
    one stands.

    Attributes
    ----------
    registry
        What to serve.
    max_features
        Of each monitor; counts from the next scrape.
    """

    def __init__(self, sources: Sequence[Source], max_features: int) -> None:
        self._sources = tuple(sources)
        self.max_features = max_features
        self._n_failures = 0
        self._scraping = threading.Lock()
        self.registry = CollectorRegistry(support_collectors_without_names=True)
        self.registry.register(self)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def collect(self) -> list[_Family]:
        """The families that have series, in the order of the catalogue.

        Raises
        ------
        TimeoutError
            Where an earlier scrape hangs in a source, so that its successors do not pile up.
        """
        with self._alone():
            series = _by_metric(self._samples())
        return [_family(metric, series[metric]) for metric in CATALOGUE if metric in series]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._scraping.acquire(timeout=PATIENCE_SECONDS):
            message = f"an earlier scrape has not ended within {PATIENCE_SECONDS:g} s"
            raise TimeoutError(message)
        try:
            yield
        finally:
            self._scraping.release()

    def _samples(self) -> list[Sample]:
        given = [sample for source in self._sources for sample in self._ask(source)]
        kept, n_withheld = withhold(given, self.max_features)
        kept += [(SERIES_WITHHELD, (monitor,), n) for monitor, n in n_withheld.items()]
        return [*kept, (SCRAPE_FAILURES, (), self._n_failures)]

    def _ask(self, source: Source) -> list[Sample]:
        """All samples of a source, or none."""
        try:
            return [_checked(sample) for sample in source()]
        except Exception:
            self._n_failures += 1
            _logger.exception("metrics missing from a scrape", source=repr(source))
            return []


def _checked(sample: Sample) -> Sample:
    """The sample, such that it can be rendered whatever happens."""
    metric, values, value = sample
    if metric not in _KNOWN or len(values) != len(metric.labels):
        message = f"{metric.name}: not in the catalogue, or labels {values} for {metric.labels}"
        raise ValueError(message)
    return (
        metric,
        tuple(str(text).encode(errors="replace").decode() for text in values),
        float(value),
    )


def _by_metric(samples: Iterable[Sample]) -> dict[Metric, _Series]:
    series: dict[Metric, _Series] = {}
    for metric, values, value in samples:
        series.setdefault(metric, {})[values] = value
    return series


def _family(metric: Metric, series: _Series) -> _Family:
    family = _FAMILIES[metric.kind](metric.name, metric.help, labels=metric.labels)
    for values, value in series.items():
        family.add_metric(values, value)
    return family
