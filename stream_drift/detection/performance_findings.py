"""What a performance incident says: how far, before and after, and what kind of drift it is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.decision import Diagnosis, Finding
from stream_drift.detection.performance_directions import Figure, PerformanceDirections
from stream_drift.detection.performance_state import Normal, PerformanceEpisode
from stream_drift.detection.strata import Part, Parts, parts_of

Ints = NDArray[np.int64]
Z = 1.96


def finding(table: PerformanceDirections, normal: Normal, episode: PerformanceEpisode) -> Finding:
    """One finding for the model: its leading direction sized, all of them as reasons."""
    reasons = []
    # The error leads where it is guilty: everybody knows what it means.
    guilty = dict(sorted(episode.guilty.items(), key=lambda item: item[0] != 0))
    for i, (n, total) in guilty.items():
        figure, after = table.figures[i], total / n
        before, now = (_shown(figure, mean) for mean in (normal.rate[i], after))
        reasons.append(f"{table.kinds[i]} {before} → {now}")
    leading, (n, total) = next((i, sums.tolist()) for i, sums in guilty.items())
    figure, sd = table.figures[leading], float(normal.sd[leading])
    rise = total / n - float(normal.rate[leading])
    dispersion = float(normal.dispersion[leading])
    half = Z * sd * math.sqrt(dispersion * (1 / n + 1 / float(normal.n[leading])))
    low, high = sorted(figure.factor * end for end in (rise - half, rise + half))
    return Finding(
        feature=None,
        reasons=tuple(reasons),
        confirmed=len(episode.recent) > 0,
        effect=figure.factor * rise,
        effect_low=low,
        effect_high=high,
        unit="share" if figure.is_share else "feature",
        effect_sd=max(0.0, rise - half) / sd,
        aspect="performance",
    )


def _shown(figure: Figure, mean: float) -> str:
    value = figure.offset + figure.factor * float(mean)
    return f"{100 * value:.3g} %" if figure.is_share else f"{value:.3g}"


def diagnosis(normal: Normal, tables: Sequence[Ints]) -> Diagnosis | None:
    """Data or concept, from the panes since the onset; ``None`` where strata cannot tell."""
    if normal.strata is None or not tables:
        return None
    live = np.sum(tables, axis=0)
    parts = parts_of(normal.strata.table, live, float(normal.dispersion[0]))
    data, concept = (part.low > parts.least for part in (parts.data, parts.concept))
    if data and concept:
        return Diagnosis("concept_and_data_drift", parts, _why(parts))
    if concept:
        return Diagnosis("concept_drift", parts, _why(parts))
    return Diagnosis("data_drift" if data else "performance", parts, _why(parts))


def _why(parts: Parts) -> str:
    rise = 100 * (parts.after - parts.before)
    return (
        f"of {rise:+.1f} pp error, {_said(parts.data)} comes from other events than before and "
        f"{_said(parts.concept)} from other outcomes of the same"
    )


def _said(part: Part) -> str:
    return f"{100 * part.value:+.1f} pp ({100 * part.low:+.1f} to {100 * part.high:+.1f})"
