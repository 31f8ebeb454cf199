"""Mean, variance and kurtosis of number features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stream_drift.profiles.layout import GRID_PER_SD
from stream_drift.profiles.profile import Profile
from stream_drift.scoring.counts import Counts, Floats
from stream_drift.scoring.kurtosis import kurtosis
from stream_drift.scoring.places import Places


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of one or many samples, all arrays of one shape, in any unit.

    Attributes
    ----------
    n
        Values.
    mean
        NaN where there are none.
    variance
        Of the sample, divided by ``n - 1``; NaN below two values.
    kurtosis
        Fourth central moment over the squared variance (3 for a normal law); NaN where unknown.
    """

    n: Floats
    mean: Floats
    variance: Floats
    kurtosis: Floats


def moments(profile: Profile, fine: Counts, where: Places) -> Moments:
    """Moments of a profile's numbers, in layout units from the layout's centre.

    Parameters
    ----------
    fine
        The profile's numbers on all their bins; the kurtosis comes from these.
    """
    mean, variance = exact_mean(profile), exact_variance(profile)
    return Moments(fine.total, mean, variance, kurtosis(fine, mean, variance, where))


def exact_mean(profile: Profile) -> Floats:
    """Means of the numbers, NaN where there are no values."""
    n = profile.usable()[: profile.layout.n_numbers]
    return np.asarray(profile.view("sums") / np.where(n > 0, n, np.nan) / GRID_PER_SD)


def exact_variance(profile: Profile) -> Floats:
    """Variances of the numbers, by integer arithmetic; NaN below two values.

    Integers, because ``square sum - sum**2 / n`` cancels: a constant has exactly 0.
    """
    sizes = profile.usable()[: profile.layout.n_numbers].tolist()
    sums, squares = profile.view("sums").tolist(), profile.square_sums()
    return np.array(
        [
            (n * square - total * total) / (n * (n - 1) * GRID_PER_SD**2) if n > 1 else np.nan
            for n, total, square in zip(sizes, sums, squares, strict=True)
        ],
        dtype=np.float64,
    )
