"""Co-moments of normal scores: how number features move together, as whole numbers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import Profile

JOINT = "joint"
MAX_FEATURES = 64
GRID_PER_SCORE = 128
LARGEST_SCORE = 4
"""Normal scores are rounded to 1/128 and clipped at 4: a product fits 18 bits, so that float64
adds those of 2**35 events without rounding."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class JointLayout:
    """The products of every pair of number features, summed over events.

    Attributes
    ----------
    features
        Names; at most `MAX_FEATURES`.
    scores
        Of every feature the score of each of its bins, in whole 1/128: the normal quantile of
        the reference's mid-rank. A value that is no usable number scores 0 and adds nothing.
    part_ids
        The layout ids of the features.
    """

    features: tuple[str, ...]
    scores: tuple[tuple[int, ...], ...]
    part_ids: tuple[bytes, ...]
    name: str = field(default=JOINT, init=False)

    @cached_property
    def pairs(self) -> tuple[Ints, Ints]:
        """First and second feature of every pair, in the order of the sums."""
        first, second = np.triu_indices(len(self.features), 1)
        return first.astype(np.int64), second.astype(np.int64)

    @property
    def size(self) -> int:
        """How many pairs."""
        return len(self.features) * (len(self.features) - 1) // 2

    @cached_property
    def identity(self) -> bytes:
        """Equal only where sums may be merged: the same features, bins and scores."""
        digest = hashlib.blake2b(digest_size=8)
        for name, scores, part in zip(self.features, self.scores, self.part_ids, strict=True):
            digest.update(part + name.encode() + b"\0" + np.array(scores, "<i4").tobytes())
        return digest.digest()

    def scores_by_cell(self, layout: Layout) -> NDArray[np.float64]:
        """The score of every cell of the additive vector, 0 where it is no bin of these."""
        found = np.zeros(layout.slices["squares_low"].stop)
        start = layout.slices["bins"].start
        for name, scores in zip(self.features, self.scores, strict=True):
            first = start + layout.bin_starts[layout.names.index(name)]
            found[first : first + len(scores)] = scores
        return found

    def products(self, scores: NDArray[np.float64]) -> Ints:
        """Sums over events of the products of all pairs.

        Parameters
        ----------
        scores
            Whole numbers, shape (n_features, n_events).
        """
        return np.asarray((scores @ scores.T)[self.pairs].astype(np.int64))


def joint_layout(reference: Profile, features: tuple[str, ...]) -> JointLayout | None:
    """Pairs of these number features, scored by the reference; ``None``: there is no pair."""
    if len(features) < 2:  # noqa: PLR2004 # a pair
        return None
    layout = reference.layout
    places = [layout.names.index(name) for name in features]
    scores = tuple(tuple(normal_scores(reference.bins_of(i)).tolist()) for i in places)
    return JointLayout(features, scores, tuple(layout.ids[i] for i in places))


def normal_scores(bins: Ints) -> Ints:
    """The score of every bin in whole 1/128, from the reference's counts."""
    shares = bins / max(int(bins.sum()), 1)
    ranks = np.cumsum(shares) - shares / 2
    limit = LARGEST_SCORE * GRID_PER_SCORE
    with np.errstate(divide="ignore"):
        scores = np.rint(ndtri(np.clip(ranks, 0, 1)) * GRID_PER_SCORE)
    return np.asarray(np.clip(scores, -limit, limit).astype(np.int64))


def joint_of(layout: Layout) -> JointLayout | None:
    """The pairs that a layout counts, where it does."""
    return next((extra for extra in layout.extras if isinstance(extra, JointLayout)), None)
