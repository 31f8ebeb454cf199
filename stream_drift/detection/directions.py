"""The table of directions: every way in which a monitor's input may change.

A direction has mean 0 and variance 1 under the reference. *Shapes* (location, scale, skew, tail
weight of a number) take a value in every bin; *shares* (tails, categories, missing, ...) are
indicators; *pairs* are correlations of two numbers, and all numbers together (`Contrast`);
*volume* is the number of events. In every array the shapes come first, four for each number in
layout order, then the shares, then the pairs and all together, then volume.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.legendre import N_SHAPES
from stream_drift.detection.number_cells import NumberCells
from stream_drift.detection.pairs import CORRELATION, LARGEST_Z, TOGETHER, Pairs
from stream_drift.detection.settings import BudgetSettings, SmallestEffect
from stream_drift.detection.shares import Share, list_shares
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import Profile

Array = NDArray[np.float64]
Group = Literal["features", "prediction", "quality", "joint"]

SHAPE_KINDS = ("location", "scale", "skew", "shape")
VOLUME = "volume"
KIND_WEIGHTS = {"location": 4.0, "scale": 4.0}
"""Most changes of a number show in its location or its scale; other directions weigh 1."""
GROUP_WEIGHTS: dict[Group, float] = {
    "features": 0.40,
    "prediction": 0.20,
    "quality": 0.10,
    "joint": 0.15,
}
"""The rest of the weight waits for performance directions; features have it now."""
TOGETHER_SHARE = 1 / 3
"""Of the group's weight, for all numbers together; pairs have the rest."""
PREDICTION_FEATURES = ("prediction", "score")
VOLUME_FLOOR = 0.2
"""A change of volume by 20 % (log ratio .2) is worth an incident."""
VOLUME_REACH = 4.0
VOLUME_REACH_LOG = 1.0
"""Volume enters the bets clipped at 4 predictive sd or a factor of e, whichever is further."""


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """The table; all arrays have one entry per direction unless said.

    Attributes
    ----------
    features
        Index of the direction's feature in the layout; -1 for volume and all together.
    partners
        The same, but for pairs the other feature.
    kinds
        What changes, such as ``location`` or ``category 'XX'``.
    keys
        Identity across restarts and references: layout id and kind.
    quality
        Whether it is about the quality of the data, and may open an incident while learning.
    weights
        Share of the evidence, sum 1.
    floors
        The smallest effect worth an incident, in the direction's own sd.
    units
        What one sd of the direction is in shares of events; 1 for shapes and volume.
    null_share
        Share of events up to which an indicator is normal anyway; 0 where the reference decides.
    lowest, highest
        Extremes of the direction's values.
    spread
        Variance within the reference, 1 but for indicators rarer than their unit.
    reference_n
        Reference events behind the direction's centre.
    """

    layout: Layout
    cells: NumberCells
    shares: tuple[Share, ...]
    pairs: Pairs
    features: NDArray[np.int64]
    partners: NDArray[np.int64]
    kinds: tuple[str, ...]
    keys: tuple[str, ...]
    groups: tuple[Group, ...]
    quality: NDArray[np.bool_]
    weights: Array
    floors: Array
    units: Array
    null_share: Array
    lowest: Array
    highest: Array
    spread: Array
    reference_n: Array

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def n_shapes(self) -> int:
        """Shapes, the first directions."""
        return N_SHAPES * self.layout.n_numbers

    @property
    def first_pair(self) -> int:
        """Where the pairs begin, behind the shares."""
        return self.n_shapes + len(self.shares)

    def touching(self, features: Iterable[int]) -> NDArray[np.bool_]:
        """Pairs in which one of these features is."""
        wanted = list(features)
        found = np.isin(self.features, wanted) | np.isin(self.partners, wanted)
        found[: self.first_pair] = False
        return np.asarray(found & (self.features >= 0))

    @property
    def together(self) -> NDArray[np.int64]:
        """The direction of all numbers together, if there is one, shape (0,) or (1,)."""
        return np.arange(self.volume - bool(len(self.pairs)), self.volume)

    def by_feature(self, values: Array) -> Array:
        """Sums over the directions of each feature, the model's first, shape (n_features + 1,).

        What stands for a pair counts one half for each of its features.
        """
        size = self.layout.n_features + 1
        halves = [
            np.bincount(places + 1, weights=values / 2, minlength=size)
            for places in (self.features, self.partners)
        ]
        return np.asarray(halves[0] + halves[1])

    @property
    def volume(self) -> int:
        """The index of volume, the last direction."""
        return len(self) - 1

    def identity(self) -> bytes:
        """Equal only for tables whose evidence means the same."""
        digest = hashlib.blake2b("\0".join(self.keys).encode(), digest_size=16)
        for values in (self.cells.phi, self.units, self.lowest, self.weights, self.floors):
            digest.update(values.tobytes())
        return digest.digest()

    def identities(self) -> tuple[bytes, ...]:
        """Per direction, equal only where its mean is of the same thing in the same unit."""
        pane, phi = str(self.layout.pane_ms), self.cells.phi
        shapes = phi.reshape(self.n_shapes, phi.shape[-1])
        found = []
        for i, key in enumerate(self.keys):
            digest = hashlib.blake2b(f"{pane}\0{key}".encode(), digest_size=8)
            digest.update(self.units[i : i + 1].tobytes() + self.lowest[i : i + 1].tobytes())
            if i < self.n_shapes:
                digest.update(shapes[i, : self.cells.n_cells[i // N_SHAPES]].tobytes())
            found.append(digest.digest())
        return tuple(found)

    def feature_name(self, direction: int) -> str | None:
        """Its feature; ``None`` for the model as a whole."""
        feature = int(self.features[direction])
        return None if feature < 0 else self.layout.names[feature]


def direction_table(reference: Profile, settings: BudgetSettings) -> Directions:
    """All directions that the reference can tell apart.

    A feature without usable reference values has no directions but those of data quality.
    """
    layout = reference.layout
    cells = NumberCells.of(reference)
    shares, pairs = list_shares(reference, cells), Pairs.of(reference)
    places, partners = _places(layout, shares, pairs)
    kinds = [*SHAPE_KINDS * layout.n_numbers, *(share.kind for share in shares)]
    keys = [f"{layout.ids[f].hex()}/{kind}" for f, kind in zip(places, kinds, strict=False)]
    kinds += [*pairs.kinds, VOLUME]
    quality, groups = _groups(layout, shares, len(pairs))
    exists = np.concatenate([cells.exists.ravel(), np.ones(len(shares)), pairs.exist, [1.0]])
    zero, one, some = np.zeros(len(cells.lowest)), np.ones(len(cells.lowest)), np.ones(len(pairs))
    unit = np.array([share.unit for share in shares])
    rate = np.array([share.rate for share in shares])
    null = np.array([share.null_share for share in shares])
    units = _column(one, unit, some, 1.0)
    known = reference.usable().astype(float)[places[: len(one)]]
    return Directions(
        layout=layout,
        cells=cells,
        shares=shares,
        pairs=pairs,
        features=places,
        partners=partners,
        kinds=tuple(kinds),
        keys=(*keys, *pairs.keys(), VOLUME),
        groups=groups,
        quality=quality,
        weights=_weights(layout, places, groups, exists * _by_kind(kinds), settings.importance),
        floors=_floors(layout, places, kinds, units, settings),
        units=units,
        null_share=_column(zero, null, 0 * some, 0.0),
        lowest=_column(cells.lowest, -rate / unit, -2 * LARGEST_Z * some, -VOLUME_REACH),
        highest=_column(cells.highest, (1 - rate) / unit, 2 * LARGEST_Z * some, VOLUME_REACH),
        spread=_column(one, rate * (1 - rate) / unit**2, some, 1.0),
        reference_n=_column(
            known, np.array([share.reference_n for share in shares]), pairs.reference_n, 1.0
        ),
    )


def _column(shapes: Array, shares: Array, pairs: Array, volume: float) -> Array:
    """One value per direction."""
    return np.concatenate([shapes, shares, pairs, [volume]]).astype(float)


def _places(
    layout: Layout, shares: Sequence[Share], pairs: Pairs
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The feature of every direction, and its partner."""
    alone = [i for i in range(layout.n_numbers) for _ in range(N_SHAPES)]
    alone += [share.feature for share in shares]
    both = [np.array([*alone, *places.tolist(), -1]) for places in (pairs.first, pairs.second)]
    return both[0], both[1]


def _groups(
    layout: Layout, shares: Sequence[Share], n_pairs: int
) -> tuple[NDArray[np.bool_], tuple[Group, ...]]:
    """Which directions are about quality, and the group of each."""
    alone = [(i, False) for i in range(layout.n_numbers) for _ in range(N_SHAPES)]
    alone += [(share.feature, share.quality) for share in shares]
    joint: Group = "joint"
    groups = [_group(layout, feature, is_quality=quality) for feature, quality in alone]
    quality = np.array([*(q for _, q in alone), *[False] * n_pairs, True])
    return quality, (*groups, *[joint] * n_pairs, "quality")


def _by_kind(kinds: Sequence[str]) -> Array:
    return np.array([KIND_WEIGHTS.get(kind, 1.0) for kind in kinds])


def _group(layout: Layout, feature: int, *, is_quality: bool) -> Group:
    if is_quality:
        return "quality"
    return "prediction" if layout.names[feature] in PREDICTION_FEATURES else "features"


def _weights(
    layout: Layout,
    features: NDArray[np.int64],
    groups: Sequence[Group],
    claims: Array,
    importance: Mapping[str, float],
) -> Array:
    """Each group's share, split among its features by importance, then by directions' claims."""
    members = np.array(groups)
    found = np.zeros(len(features))
    present = [group for group in GROUP_WEIGHTS if claims[members == group].any()]
    absent = 1 - sum(GROUP_WEIGHTS[group] for group in present)
    heir: Group = next(group for group in ("features", "prediction", "quality") if group in present)
    by_feature = np.array([*(importance.get(name, 1.0) for name in layout.names), 1.0])
    for group in present:
        inside = claims * (members == group)
        rivals = np.bincount(features + 1, weights=inside, minlength=layout.n_features + 1)
        share = inside * by_feature[features] / np.maximum(rivals[features + 1], 1)
        if group == "joint":
            share = inside / max(inside[:-2].sum(), 1)  # all pairs alike
            share[-2] = TOGETHER_SHARE / (1 - TOGETHER_SHARE) if inside[-2] else 0
        weight = GROUP_WEIGHTS[group] + (absent if group == heir else 0)
        found += weight * share / share.sum()
    return found


def _floors(
    layout: Layout,
    features: NDArray[np.int64],
    kinds: Sequence[str],
    units: Array,
    settings: BudgetSettings,
) -> Array:
    found = np.full(len(features), settings.smallest_effect_sd)
    found[-1] = VOLUME_FLOOR
    for i, (feature, kind) in enumerate(zip(features[:-1], kinds[:-1], strict=True)):
        own = settings.smallest_effects.get(layout.names[feature])
        if own is not None and kind not in (CORRELATION, TOGETHER):
            found[i] = _floor(own, layout, int(feature), kind, units[i], found[i])
    return found


def _floor(
    own: SmallestEffect, layout: Layout, feature: int, kind: str, unit: float, otherwise: float
) -> float:
    """A feature's own floor in the direction's sd, where its unit fits the direction."""
    if own.unit == "sd":
        return own.value
    if own.unit == "share":
        return otherwise if kind in SHAPE_KINDS else own.value / unit
    return own.value / layout.numbers[feature].unit if kind == "location" else otherwise
