"""Correlations of number features, from sums of products of normal scores."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.profiles.joint import GRID_PER_SCORE, JOINT, JointLayout, joint_of
from stream_drift.profiles.profile import Profile

Array = NDArray[np.float64]
CORRELATION, TOGETHER = "correlation", "features together"
LARGEST_Z = 4.0
"""Correlations are taken as at most tanh(4) = 0.9993."""
LOST_EVENTS = 3.0
"""Fisher's z of n events has the variance 1 / (n - 3)."""
LEAST_SPREAD = 1e-9
"""Scores that vary less do not vary but for rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """What every pair of features is compared with, then all together; empty where none count.

    The direction of a pair is Fisher's z of the correlation of its normal scores, less that of
    the reference: its variance is 1 / (n - 3) whatever the correlation, and it stays where it
    is when a feature only shifts or stretches.

    Attributes
    ----------
    joint
        ``None``: no pairs are counted.
    first, second
        Places of the features in the layout, shape (n_pairs + 1,); -1 for all together.
    z
        Fisher's z in the reference, the same shape.
    reference_n
        Reference events in which both have a value, the same shape.
    """

    joint: JointLayout | None
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    z: Array
    reference_n: Array

    @classmethod
    def of(cls, reference: Profile) -> Pairs:
        """The pairs that a reference counted."""
        joint = joint_of(reference.layout)
        if joint is None:
            nobody = np.zeros(0, np.int64)
            return cls(None, nobody, nobody, np.zeros(0), np.zeros(0))
        places = np.array([reference.layout.names.index(name) for name in joint.features])
        first, second = joint.pairs
        sums = joint_sums(reference, joint)
        events, z = correlations(sums, joint)
        return cls(
            joint,
            np.append(places[first], -1),
            np.append(places[second], -1),
            np.append(z, 0.0),
            np.append(events, reference.events),
        )

    def __len__(self) -> int:
        return len(self.z)

    @property
    def exist(self) -> NDArray[np.bool_]:
        """Pairs of features that both vary in the reference."""
        return self.reference_n > LOST_EVENTS

    @property
    def kinds(self) -> list[str]:
        """Correlations, then all together."""
        return [] if self.joint is None else [*[CORRELATION] * self.joint.size, TOGETHER]

    @property
    def members(self) -> NDArray[np.int64]:
        """Places in the layout of the features that have pairs."""
        if self.joint is None:
            return np.zeros(0, np.int64)
        return np.array([self.first[0], *self.second[: len(self.joint.features) - 1]], np.int64)

    def keys(self) -> list[str]:
        """Identity across restarts and references: bins, scores and where z stood."""
        if self.joint is None:
            return []
        ids = [
            hashlib.blake2b(part + np.array(scores, "<i4").tobytes(), digest_size=8).hexdigest()
            for part, scores in zip(self.joint.part_ids, self.joint.scores, strict=True)
        ]
        pairs = zip(*map(np.ndarray.tolist, self.joint.pairs), self.z[:-1], strict=True)
        return [
            *(f"{ids[i]}/{ids[j]}/{CORRELATION} {z:.9f}" for i, j, z in pairs),
            f"{'/'.join(ids)}/{TOGETHER}",
        ]

    def sums(self, profile: Profile) -> Array:
        """What the correlations of a profile are made of; sums add."""
        return np.zeros(0) if self.joint is None else joint_sums(profile, self.joint)

    def measure(self, sums: Array) -> tuple[Array, Array]:
        """Events with both values, and z less that of the reference, shape (n_pairs + 1,).

        Of all together only the events: their mean depends on panes before.
        """
        if self.joint is None:
            return np.zeros(0), np.zeros(0)
        events, z = correlations(sums, self.joint)
        moved = np.where(events > 0, z - self.z[:-1], 0.0)
        return np.append(events, sums[-1]), np.append(moved, 0.0)


def joint_sums(profile: Profile, joint: JointLayout) -> Array:
    """Products of all pairs; per feature scores, their squares and values; events."""
    layout = profile.layout
    bins = np.concatenate([profile.bins_of(layout.names.index(name)) for name in joint.features])
    scores = np.concatenate(joint.scores)
    starts = np.cumsum([0, *map(len, joint.scores[:-1])])
    moments = np.add.reduceat([bins * scores, bins * scores**2, bins], starts, axis=1)
    return np.concatenate([profile.view(JOINT), moments.ravel(), [profile.events]]).astype(float)


def correlations(sums: Array, joint: JointLayout) -> tuple[Array, Array]:
    """Events with both values, and Fisher's z; both 0 where a feature does not vary.

    A missing value scores 0 and adds nothing to the products: they are taken to be those of
    the events with both values, of which there are as many as if values went missing
    independently.
    """
    first, second = joint.pairs
    n_pairs, f = joint.size, len(joint.features)
    products = sums[:n_pairs] / GRID_PER_SCORE**2
    totals, squares, usable = sums[n_pairs:-1].reshape(3, f)
    events = max(float(sums[-1]), 1.0)
    n = np.maximum(usable, 1.0)
    means = totals / GRID_PER_SCORE / n
    variances = squares / GRID_PER_SCORE**2 / n - means**2
    both = usable[first] * usable[second] / events
    moved = products / np.maximum(both, 1.0) - means[first] * means[second]
    scale = np.sqrt(np.maximum(variances[first] * variances[second], 0))
    varies = (scale > LEAST_SPREAD) & (both > 0)
    r = np.clip(moved / np.where(varies, scale, 1.0), -1, 1)
    limit = np.tanh(LARGEST_Z)
    return np.where(varies, both, 0.0), np.where(varies, np.arctanh(np.clip(r, -limit, limit)), 0.0)
