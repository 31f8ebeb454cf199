"""How many features one monitor may put before Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from stream_drift.metrics import Sample


def withhold(samples: Iterable[Sample], max_features: int) -> tuple[list[Sample], dict[str, int]]:
    """Keep the first ``max_features`` features of every monitor, in the order given.

    The model as a whole (an empty feature) and metrics without the label are always kept.

    Returns
    -------
    kept : list of Sample
        In the order given.
    n_withheld : dict
        Series left out per monitor; 0 where there was room for all.

    Examples
    --------
    >>> from stream_drift.metrics import SCORE
    >>> samples = [(SCORE, ("m", name, "psi", "1h"), 0.1) for name in ("", "age", "income")]
    >>> kept, n_withheld = withhold(samples, 1)
    >>> [labels[1] for _, labels, _ in kept], n_withheld
    (['', 'age'], {'m': 1})
    """
    kept: list[Sample] = []
    features: dict[str, set[str]] = {}
    n_withheld: dict[str, int] = {}
    for sample in samples:
        metric, values, _ = sample
        if "feature" in metric.labels:
            monitor = values[metric.labels.index("monitor")]
            feature = values[metric.labels.index("feature")]
            n_withheld.setdefault(monitor, 0)
            if not _has_room(features.setdefault(monitor, set()), feature, max_features):
                n_withheld[monitor] += 1
                continue
        kept.append(sample)
    return kept, n_withheld


def _has_room(known: set[str], feature: str, max_features: int) -> bool:
    if feature and len(known) < max_features:
        known.add(feature)
    return not feature or feature in known
