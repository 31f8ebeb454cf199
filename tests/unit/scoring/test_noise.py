"""What the scores do on simulated samples: debiased at rest, honest about what they do not know.

Every bound below is at least three standard errors of its simulation away from what is meant.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2 as chi2_law
from scipy.stats import norm

from stream_drift.scoring.bins import fine_bins
from stream_drift.scoring.chi2 import chi2
from stream_drift.scoring.counts import Counts, Floats, Score, counts
from stream_drift.scoring.cramers_v import cramers_v
from stream_drift.scoring.hellinger import hellinger
from stream_drift.scoring.js import js
from stream_drift.scoring.kl import kl
from stream_drift.scoring.ks import ks
from stream_drift.scoring.mean_shift import mean_shift
from stream_drift.scoring.moments import Moments, moments
from stream_drift.scoring.places import places
from stream_drift.scoring.psi import psi
from stream_drift.scoring.variance_ratio import variance_ratio
from tests.unit.scoring.building import one_number, profile

N, M, BINS = 500, 5000, 20
S = 1 / N + 1 / M
EVEN = np.full(BINS, 1 / BINS)
Draw = Callable[[np.random.Generator, int], Floats]


def samples(seed: int, live: Floats, reference: Floats, runs: int = 4000) -> tuple[Counts, Counts]:
    rng = np.random.default_rng(seed)
    return counts(rng.multinomial(N, live, runs)), counts(rng.multinomial(M, reference, runs))


def floored_mean(freedom: int) -> float:
    """Mean of ``max(0, X - freedom)`` for a chi-squared X: what debiasing leaves of noise."""
    x = np.random.default_rng(0).chisquare(freedom, 200_000)
    return float(np.maximum(x - freedom, 0).mean())


def test_debiased_scores_of_clean_data_hold_only_what_the_floor_leaves() -> None:
    live, reference = samples(1, EVEN, EVEN)
    left = floored_mean(BINS - 1)
    assert psi(live, reference).value.mean() / S == pytest.approx(left, rel=0.15)
    assert 2 * kl(live, reference).value.mean() / S == pytest.approx(left, rel=0.15)
    assert 8 * (hellinger(live, reference).value ** 2).mean() / S == pytest.approx(left, rel=0.15)
    nats = js(live, reference).value ** 2 * np.log(2)
    assert 8 * nats.mean() / S == pytest.approx(left, rel=0.15)
    assert chi2(live, reference).value.mean() == pytest.approx(left, rel=0.1)
    assert (cramers_v(live, reference).value == 0).mean() == pytest.approx(
        chi2_law.cdf(BINS - 1, BINS - 1), abs=0.04
    )


@pytest.mark.parametrize("statistic", [chi2, ks])
@pytest.mark.parametrize(
    "law",
    [
        EVEN,
        np.geomspace(1, 1e-4, BINS) / np.geomspace(1, 1e-4, BINS).sum(),
        np.array([0.9985, 0.001, 0.0005]),
    ],
    ids=["even", "skewed", "rare bins"],
)
@pytest.mark.parametrize("level", [0.05, 0.01])
def test_p_values_do_not_fall_below_a_level_more_often_than_it_says(
    statistic: Callable[[Counts, Counts], Score], law: Floats, level: float
) -> None:
    p_values = statistic(*samples(2, law, law)).p_value
    assert p_values is not None
    assert (p_values < level).mean() < level + 4 * np.sqrt(level / 4000)


def test_chi2_uses_the_level_that_it_is_given() -> None:
    p_values = chi2(*samples(3, EVEN, EVEN)).p_value
    assert p_values is not None
    assert (p_values < 0.05).mean() == pytest.approx(0.05, abs=0.012)


def covered(score: Score, truth: float) -> float:
    assert score.low is not None
    assert score.high is not None
    inside: NDArray[np.bool_] = (score.low <= truth) & (truth <= score.high)
    return float(inside.mean())


@pytest.mark.parametrize("shift", [0.1, 0.25, 0.5])
def test_the_interval_of_psi_covers_the_truth(shift: float) -> None:
    cuts = norm.ppf(np.linspace(0, 1, BINS + 1))
    moved = np.diff(norm.cdf(cuts - shift))
    truth = float(((moved - EVEN) * np.log(moved / EVEN)).sum())
    assert covered(psi(*samples(4, moved, EVEN, 2000)), truth) >= 0.93


def together(found: list[Moments]) -> Moments:
    return Moments(
        np.concatenate([x.n for x in found]),
        np.concatenate([x.mean for x in found]),
        np.concatenate([x.variance for x in found]),
        np.concatenate([x.kurtosis for x in found]),
    )


DRAWS: dict[str, tuple[Draw, float]] = {
    "normal": (lambda rng, n: rng.normal(size=n), 1.0),
    "uniform": (lambda rng, n: rng.random(n), 1 / 12),
    "exponential": (lambda rng, n: rng.exponential(size=n), 1.0),
    "student": (lambda rng, n: rng.standard_t(8, n), 8 / 6),
    "lognormal": (
        lambda rng, n: rng.lognormal(0, 0.5, n),
        (np.exp(0.25) - 1) * np.exp(0.25),
    ),
}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("n", [50, 400])
def test_intervals_of_mean_and_variance_cover_a_known_change(name: str, n: int) -> None:
    draw, variance = DRAWS[name]
    rng = np.random.default_rng(5)
    reference_values = draw(rng, 4000)
    layout = one_number(reference_values)
    where, fine = places(layout.numbers), fine_bins(layout)

    def measured(values: Floats) -> Moments:
        counted = profile(layout, {"x": values})
        return moments(counted, fine.counts(counted), where)

    part = layout.numbers[0]
    live = together([measured(1.25 * draw(rng, n) + 0.3) for _ in range(700)])
    reference = together([measured(draw(rng, 4000)) for _ in range(14)] * 50)
    mean = float(draw(rng, 2_000_000).mean())
    shift = (0.25 * mean + 0.3) / np.sqrt(variance)
    unit = np.full(700, np.sqrt(variance) / part.unit)
    assert covered(mean_shift(live, reference, unit), shift) >= 0.93 - (n < 100) * 0.03
    assert covered(variance_ratio(live, reference), 1.25**2) >= 0.93
