"""The domain classifier: how well reference and live rows can be told apart, and by what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.logistic import fit_logistic
from stream_drift.detection.row_columns import RowColumns
from stream_drift.detection.snapshot import freeze, thaw
from stream_drift.profiles.row_codes import Codes, codes_of_rows
from stream_drift.profiles.rows import PaneRows
from stream_drift.reference.build import Reference
from stream_drift.scoring.catalogue import CLASSIFIER_CONTRIBUTION
from stream_drift.scoring.classifier_scores import SIZE, classifier_lines, tally
from stream_drift.scoring.table import ScoreLine
from stream_drift.windows.trailing import HOUR_MS, TrailingSum

Array = NDArray[np.float64]
MOST_ROWS = 4_000
"""The rule is trained on so many of the newest live rows, and as many reference rows."""
LEAST_ROWS = 200
LEAST_NEW_ROWS = 400
"""It is trained again once so many more have come, at most once per hour of event time."""
TRAIN, TEST = 0, 1
"""Reference rows are in no order: even ones train, odd ones test, never both."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A trained rule.

    Attributes
    ----------
    constant, slopes
        A row's score is the constant plus its columns times the slopes; above 0 it looks live.
    contributions
        Per feature its share of the distance between the mean scores of both sides; sum 1.
    """

    constant: float
    slopes: Array
    contributions: Array


@dataclass(slots=True, eq=False)
class _State:
    rule: Rule | None = None
    trained_hour: int = -1
    n_new: int = 0
    pane: NDArray[np.int64] = field(default_factory=lambda: np.zeros(SIZE, np.int64))


class DomainClassifier:
    """Tests a rule on each pane that closes, then trains it on rows up to that pane.

    Parameters
    ----------
    windows
        (name, length in ms) of the trailing windows.

    Notes
    -----
    The rule that a pane is tested with has seen neither its rows nor any reference row that they
    are compared with, so its area under the curve is 0.5 on clean data, whatever it has learned.
    """

    def __init__(self, reference: Reference, windows: Sequence[tuple[str, int]]) -> None:
        self._layout = reference.layout
        self._columns = RowColumns.of(reference.profile)
        codes = np.zeros((0, self._layout.n_features), np.uint16)
        self._codes = codes if reference.rows is None else reference.rows.codes
        self._identity = f"{reference.id} {b''.join(self._layout.ids).hex()}"
        self._sums = {name: TrailingSum(ms, SIZE) for name, ms in windows}
        self._state = _State()
        self._ranked = np.zeros(0)

    def close_pane(self, start_ms: int, end_ms: int, rows: PaneRows) -> None:
        """Test the rule on a pane's rows."""
        state = self._state
        state.n_new += len(rows.rows)
        state.pane = np.zeros(SIZE, np.int64)
        if state.rule is not None and rows.rows:
            codes = codes_of_rows(rows, self._layout)
            state.pane = tally(self._scores(state.rule, codes), self._ranked)
        for total in self._sums.values():
            total.push(start_ms, end_ms, state.pane)

    def wants_rows(self, end_ms: int) -> bool:
        """Whether it is time to train again."""
        state = self._state
        enough = state.n_new >= (LEAST_ROWS if state.rule is None else LEAST_NEW_ROWS)
        known = len(self._codes) >= 2 * LEAST_ROWS
        return known and enough and end_ms // HOUR_MS > state.trained_hour

    def learn(self, end_ms: int, rows: PaneRows) -> None:
        """Train on the newest rows, for the panes to come."""
        if len(rows.rows) < LEAST_ROWS:
            return
        columns, before = self._columns, self._state.rule
        live = codes_of_rows(rows, self._layout)
        reference = self._codes[TRAIN::2][:MOST_ROWS]
        chosen = columns.varies(np.concatenate([live, reference]))
        start = None if before is None else np.append(before.constant, before.slopes[chosen])
        sides = [columns.of_rows(codes, chosen) for codes in (live, reference)]
        constant, found = fit_logistic(sides[0], sides[1], start=start)
        slopes = np.zeros(len(chosen))
        slopes[chosen] = found
        distance = slopes * (columns.means(live) - columns.means(reference))
        by_feature = np.bincount(
            columns.features, weights=distance, minlength=self._layout.n_features
        )
        shares = by_feature / max(float(by_feature.sum()), 1e-12)
        self._take(Rule(constant, slopes, shares))
        self._state.trained_hour, self._state.n_new = end_ms // HOUR_MS, 0

    def _take(self, rule: Rule | None) -> None:
        self._state.rule = rule
        if rule is not None:
            self._ranked = np.sort(self._scores(rule, self._codes[TEST::2]))

    def _scores(self, rule: Rule, codes: Codes) -> Array:
        return rule.constant + self._columns.scores(codes, rule.slopes)

    def pane_lines(self) -> list[ScoreLine]:
        """Scores of the last pane, and what each feature contributes to the rule in force."""
        lines = classifier_lines(self._state.pane, len(self._ranked))
        rule = self._state.rule
        if rule is None:
            return lines
        n = lines[0].n
        return lines + [
            ScoreLine(name, CLASSIFIER_CONTRIBUTION, share, share, "ok", n, None, None, None)
            for name, share in zip(self._layout.names, rule.contributions.tolist(), strict=True)
        ]

    def window_lines(self, name: str) -> list[ScoreLine]:
        """Scores of a trailing window."""
        return classifier_lines(self._sums[name].total, len(self._ranked))

    def snapshot(self) -> bytes:
        """The state; `restore` of it continues as if nothing had happened."""
        state, rule = self._state, self._state.rule
        packed = None if rule is None else [rule.constant, rule.slopes, rule.contributions]
        sums = {name: total.pieces for name, total in self._sums.items()}
        return freeze([self._identity, packed, state.trained_hour, state.n_new, state.pane, sums])

    def restore(self, data: bytes) -> None:
        """Take over a state; the rule of another reference is forgotten, and learned anew."""
        identity, packed, hour, n_new, pane, sums = thaw(data)
        fits = packed is not None and identity == self._identity
        self._state = _State(None, hour if fits else -1, n_new, pane)
        self._take(Rule(*packed) if fits else None)
        self._restore_sums(sums)

    def _restore_sums(self, sums: Mapping[str, list[tuple[int, NDArray[np.int64]]]]) -> None:
        for name, pieces in sums.items():
            if name in self._sums:
                self._sums[name].fill(pieces)
