"""Location, scale and shape of a histogram as orthonormal directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

N_SHAPES = 4
_RANK_TOLERANCE = 1e-6
LARGEST_SHIFT = 5.0
_RANK_AT_LARGEST = float(2 * ndtr(LARGEST_SHIFT / np.sqrt(2)) - 1)


def mid_ranks(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share below each bin plus half of its own.

    Examples
    --------
    >>> mid_ranks(np.array([.5, .25, .25])).tolist()
    [0.25, 0.625, 0.875]
    """
    return np.cumsum(shares) - shares / 2


def shapes(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Polynomials of the mid-rank of degree 1 to 4, orthonormal under ``shares``.

    The first term rises with the values (location), the second with their spread (scale); the
    squares of their means are the first terms of the Anderson-Darling statistic.

    Parameters
    ----------
    shares
        Reference share of each bin, shape (n_bins,), sum 1.

    Returns
    -------
    Shape (4, n_bins). Degrees that the bins cannot tell apart are zero: k bins with events carry
    k - 1 directions. Bins without events in the reference take the value of the nearest extreme.

    Examples
    --------
    >>> phi = shapes(np.full(20, .05))
    >>> bool(np.allclose(phi @ phi.T / 20, np.eye(4)))
    True
    """
    rank = 2 * mid_ranks(shares) - 1
    powers = np.vander(rank, N_SHAPES + 1, increasing=True)
    found = np.zeros((N_SHAPES, len(shares)))
    basis: list[NDArray[np.float64]] = []
    for degree in range(N_SHAPES + 1):
        term = powers[:, degree].copy()
        for _ in range(2):  # twice is enough: the second pass removes what rounding left
            for other in basis:
                term -= (shares * term * other).sum() * other
        size = np.sqrt((shares * term**2).sum())
        if size < _RANK_TOLERANCE:
            break
        basis.append(term / size)
        if degree:
            found[degree - 1] = _within_support(basis[-1], shares)
    return found


def _within_support(term: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    seen = term[shares > 0]
    return np.clip(term, seen.min(), seen.max())


def shift_in_sd(location: float) -> float:
    """The shift of a normal variable that moves the mean of the location term so far, in sd.

    Ranks are bounded and the term with them (by the square root of 3); beyond 5 sd all shifts
    look alike.

    Examples
    --------
    >>> round(shift_in_sd(0.244), 2), round(shift_in_sd(-1.7), 1), shift_in_sd(3)
    (0.25, -3.3, 5.0)
    """
    rank = location / np.sqrt(3)
    if abs(rank) >= _RANK_AT_LARGEST:
        return float(np.copysign(LARGEST_SHIFT, location))
    return float(np.sqrt(2) * ndtri((1 + rank) / 2))
