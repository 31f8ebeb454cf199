"""All published scores: the one place that lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Subject = Literal["number", "category", "model"]

EVIDENCE = "evidence"
"""The one score that comes from a policy and not from a window's counts."""
CLASSIFIER_ACCURACY = "classifier_accuracy"
CLASSIFIER_AUC = "classifier_auc"
CLASSIFIER_CONTRIBUTION = "classifier_contribution"
"""These come from sampled rows."""
MIN_USABLE = 20
"""Fewer usable values in the window or in the reference make a comparison *insufficient*."""


@dataclass(frozen=True, slots=True)
class ScoreInfo:
    """What a published score is.

    Attributes
    ----------
    meaning
        One line for the documentation.
    unit
        Of ``value`` and ``raw``.
    low, high
        The range of ``value``; ``None`` where it has no end.
    applies_to
        Numbers, categories, or the model as a whole.
    min_n
        Events of the window below which the score is insufficient.
    compares
        Whether the reference enters it (and needs as many usable values).
    has
        What it carries beside the value.
    """

    name: str
    meaning: str
    unit: str
    low: float | None
    high: float | None
    applies_to: tuple[Subject, ...]
    min_n: int = MIN_USABLE
    compares: bool = True
    has: Literal["interval", "p_value"] | None = None


_BOTH: tuple[Subject, ...] = ("number", "category")
_NUMBER: tuple[Subject, ...] = ("number",)
_CATEGORY: tuple[Subject, ...] = ("category",)


def _share(name: str, meaning: str, applies_to: tuple[Subject, ...]) -> ScoreInfo:
    return ScoreInfo(name, meaning, "share", 0, 1, applies_to, 1, compares=False, has="interval")


_INFOS = (
    ScoreInfo(
        "mean_shift", "mean live less mean reference", "sd", None, None, _NUMBER, has="interval"
    ),
    ScoreInfo(
        "variance_ratio",
        "variance live over variance reference",
        "ratio",
        0,
        None,
        _NUMBER,
        has="interval",
    ),
    ScoreInfo("psi", "population stability index", "nats", 0, None, _BOTH, has="interval"),
    ScoreInfo("kl", "Kullback-Leibler divergence live from reference", "nats", 0, None, _BOTH),
    ScoreInfo("hellinger", "Hellinger distance", "distance", 0, 1, _BOTH),
    ScoreInfo("js", "Jensen-Shannon distance, base 2", "distance", 0, 1, _BOTH),
    ScoreInfo("chi2", "statistic of homogeneity", "chi-squared", 0, None, _BOTH, has="p_value"),
    ScoreInfo("cramers_v", "association of value and sample", "V", 0, 1, _BOTH),
    ScoreInfo(
        "ks", "greatest gap of the distribution functions", "share", 0, 1, _NUMBER, has="p_value"
    ),
    ScoreInfo("wasserstein", "Wasserstein-1 distance, winsorised", "sd", 0, None, _NUMBER),
    _share("missing", "events without a value", _BOTH),
    _share("invalid", "events with a value of the wrong type", _BOTH),
    _share("not_finite", "events with NaN or an infinity", _NUMBER),
    _share("new", "events with a category unknown to the reference", _CATEGORY),
    _share("out_of_range", "events outside the range of the reference", _NUMBER),
    ScoreInfo("volume", "events", "events", 0, None, ("model",), 0, compares=False),
    ScoreInfo(
        CLASSIFIER_ACCURACY,
        "share of rows that a linear rule rightly calls live or reference, both weighing the same",
        "share",
        0,
        1,
        ("model",),
        has="interval",
    ),
    ScoreInfo(
        CLASSIFIER_AUC,
        "chance that a live row looks more live to that rule than a reference row",
        "share",
        0,
        1,
        ("model",),
        has="interval",
    ),
    ScoreInfo(
        CLASSIFIER_CONTRIBUTION,
        "a feature's share of the distance that the rule sees between live and reference",
        "share",
        None,
        None,
        ("model",),
    ),
    ScoreInfo(
        EVIDENCE,
        "evidence of a change against the live baseline, over what opens an incident",
        "ratio",
        0,
        None,
        ("model",),
        0,
        compares=False,
    ),
)
CATALOGUE: Mapping[str, ScoreInfo] = {info.name: info for info in _INFOS}
"""By name, in published order."""


def scores_for(subject: Subject) -> tuple[ScoreInfo, ...]:
    """The scores of a number, of a category, or of the model, in published order."""
    return tuple(info for info in CATALOGUE.values() if subject in info.applies_to)
