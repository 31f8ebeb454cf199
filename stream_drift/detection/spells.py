"""Means over spells of several blocks: what slow wander does not average out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SHORT, LONG = 6, 24
"""Blocks in a spell: six hours, and a day."""
_LEAST_SPELLS = 4


def spell_variance(residuals: Array, blocks: Sequence[int], length: int) -> tuple[Array, Array]:
    """Mean square of spell means, and the number of spells, per direction.

    Parameters
    ----------
    residuals
        Block means around their centre, shape (n_blocks, k), NaN where there were none.
    blocks
        Index of each block.
    length
        Blocks in a spell; spells with fewer than half of them are left out.

    Returns
    -------
    Zero where there are fewer than four spells: too few to say.
    """
    places, group = np.unique(np.array(blocks) // length, return_inverse=True)
    sums = np.zeros((len(places), residuals.shape[1]))
    counts = np.zeros_like(sums)
    known = np.isfinite(residuals)
    np.add.at(sums, group, np.where(known, residuals, 0))
    np.add.at(counts, group, known)
    full = counts >= length / 2
    n = full.sum(axis=0)
    square = np.where(full, (sums / np.maximum(counts, 1)) ** 2, 0).sum(axis=0)
    enough = n >= _LEAST_SPELLS
    return np.where(enough, square / np.maximum(n - 1, 1), 0), np.where(enough, n, 1)


def block_noise(residuals: Array, blocks: Sequence[int]) -> Array:
    """Variance that one block adds to the mean of many, correlation included."""
    short, _ = spell_variance(residuals, blocks, SHORT)
    long, _ = spell_variance(residuals, blocks, LONG)
    return np.maximum(short * SHORT, long * LONG)
