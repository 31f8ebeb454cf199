"""The table of directions: every way in which a monitor's input may change.

A direction has mean 0 and variance 1 under the reference. *Shapes* (location, scale, skew, tail
weight of a number) take a value in every bin; *shares* (tails, categories, missing, ...) are
indicators; *volume* is the number of events. In every array the shapes come first, four for each
number in layout order, then the shares, then volume.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.legendre import N_SHAPES
from stream_drift.detection.number_cells import NumberCells
from stream_drift.detection.settings import BudgetSettings, SmallestEffect
from stream_drift.detection.shares import Share, list_shares
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import Profile

Array = NDArray[np.float64]
Group = Literal["features", "prediction", "quality"]

SHAPE_KINDS = ("location", "scale", "skew", "shape")
VOLUME = "volume"
KIND_WEIGHTS = {"location": 4.0, "scale": 4.0}
"""Most changes of a number show in its location or its scale; other directions weigh 1."""
GROUP_WEIGHTS: dict[Group, float] = {"features": 0.40, "prediction": 0.20, "quality": 0.10}
"""The rest of the weight waits for joint and performance directions; features have it now."""
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
        Index of the direction's feature in the layout; -1 for volume.
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
    features: NDArray[np.int64]
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
    shares = list_shares(reference, cells)
    features = [i for i in range(layout.n_numbers) for _ in range(N_SHAPES)]
    features += [share.feature for share in shares] + [-1]
    kinds = [*SHAPE_KINDS * layout.n_numbers, *(share.kind for share in shares), VOLUME]
    places = np.array(features)
    quality = [False] * (N_SHAPES * layout.n_numbers) + [share.quality for share in shares]
    groups = [
        _group(layout, feature, is_quality=is_quality)
        for feature, is_quality in zip(features, [*quality, True], strict=True)
    ]
    exists = np.append(cells.exists.ravel(), np.ones(len(shares) + 1, bool))
    usable = reference.usable().astype(float)
    ones = np.ones(N_SHAPES * layout.n_numbers)
    share_units = np.array([share.unit for share in shares])
    share_rates = np.array([share.rate for share in shares])
    units = np.concatenate([ones, share_units, [1.0]])
    return Directions(
        layout=layout,
        cells=cells,
        shares=shares,
        features=places,
        kinds=tuple(kinds),
        keys=tuple(_key(layout, f, kind) for f, kind in zip(features, kinds, strict=True)),
        groups=tuple(groups),
        quality=np.array([*quality, True]),
        weights=_weights(layout, places, groups, exists * _by_kind(kinds), settings.importance),
        floors=_floors(layout, places, kinds, units, settings),
        units=units,
        null_share=np.concatenate([0 * ones, [share.null_share for share in shares], [0.0]]),
        lowest=np.concatenate([cells.lowest, -share_rates / share_units, [-VOLUME_REACH]]),
        highest=np.concatenate([cells.highest, (1 - share_rates) / share_units, [VOLUME_REACH]]),
        spread=np.concatenate([ones, share_rates * (1 - share_rates) / share_units**2, [1.0]]),
        reference_n=np.concatenate(
            [usable[places[: len(ones)]], [share.reference_n for share in shares], [1.0]]
        ),
    )


def _by_kind(kinds: Sequence[str]) -> Array:
    return np.array([KIND_WEIGHTS.get(kind, 1.0) for kind in kinds])


def _key(layout: Layout, feature: int, kind: str) -> str:
    return kind if feature < 0 else f"{layout.ids[feature].hex()}/{kind}"


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
        if own is not None:
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
