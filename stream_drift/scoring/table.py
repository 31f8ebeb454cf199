"""All published scores of a window against a reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from stream_drift.errors import InvariantError
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.profile import Profile
from stream_drift.scoring.bins import coarse_bins, fine_bins
from stream_drift.scoring.catalogue import scores_for
from stream_drift.scoring.chi2 import chi2
from stream_drift.scoring.counts import Counts, Floats, Score
from stream_drift.scoring.cramers_v import cramers_v
from stream_drift.scoring.hellinger import hellinger
from stream_drift.scoring.js import js
from stream_drift.scoring.kl import kl
from stream_drift.scoring.ks import ks
from stream_drift.scoring.mean_shift import mean_shift
from stream_drift.scoring.moments import Moments, moments
from stream_drift.scoring.places import places
from stream_drift.scoring.psi import psi
from stream_drift.scoring.results import ROW, Results, sizes
from stream_drift.scoring.share import share
from stream_drift.scoring.variance_ratio import variance_ratio
from stream_drift.scoring.wasserstein import wasserstein
from stream_drift.scoring.winsor import winsor_widths

Status = Literal["ok", "insufficient"]

HISTOGRAM_SCORES: Mapping[str, Callable[[Counts, Counts], Score]] = {
    "psi": psi,
    "kl": kl,
    "hellinger": hellinger,
    "js": js,
    "chi2": chi2,
    "cramers_v": cramers_v,
}
"""Statistics of two histograms, of numbers and categories alike."""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One published score of one window.

    Attributes
    ----------
    feature
        ``None`` for the model as a whole.
    value, raw
        ``None`` where ``status`` is ``insufficient``; never NaN.
    n
        Events with a usable value; for shares all that could have had one, for ``volume`` all.
    p_value, low, high
        ``None`` where the score has none.
    """

    feature: str | None
    score: str
    value: float | None
    raw: float | None
    status: Status
    n: int
    p_value: float | None
    low: float | None
    high: float | None


class Scorer:
    """Compares windows with one reference; what depends on the reference alone is kept.

    The cost of a comparison does not depend on how many events either side has.
    """

    def __init__(self, reference: Profile) -> None:
        layout = reference.layout
        self._layout = layout
        self._usable = reference.usable()
        self._coarse = [(bins, bins.counts(reference)) for bins in coarse_bins(reference)]
        self._fine = fine_bins(layout)
        self._places = places(layout.numbers)
        self._fine_reference = self._fine.counts(reference)
        self._moments = moments(reference, self._fine_reference, self._places)
        self._unit = _unit(layout, self._moments)
        widths = winsor_widths(self._fine_reference, self._places)
        self._widths = widths / self._unit[:, None]
        self._plan = _plan(layout)

    def score(self, live: Profile) -> list[ScoreLine]:
        """All scores of a window: features in layout order, the model last.

        Raises
        ------
        InvariantError
            If the window was counted on another layout.
        """
        layout = self._layout
        if live.layout is not layout and live.layout.ids != layout.ids:
            message = "a window can be scored only against a reference of its own layout"
            raise InvariantError(message)
        results = Results(layout.n_features)
        self._put_histograms(results, live)
        self._put_numbers(results, live)
        _put_shares(results, live)
        return [*self._lines(results, live), _volume(live)]

    def _put_histograms(self, results: Results, live: Profile) -> None:
        for bins, reference in self._coarse:
            counts = bins.counts(live)
            for name, statistic in HISTOGRAM_SCORES.items():
                results.put(name, bins.features, statistic(counts, reference))

    def _put_numbers(self, results: Results, live: Profile) -> None:
        counts, rows = self._fine.counts(live), self._fine.features
        found = moments(live, counts, self._places)
        results.put("mean_shift", rows, mean_shift(found, self._moments, self._unit))
        results.put("variance_ratio", rows, variance_ratio(found, self._moments))
        results.put("ks", rows, ks(counts, self._fine_reference))
        results.put("wasserstein", rows, wasserstein(counts, self._fine_reference, self._widths))

    def _lines(self, results: Results, live: Profile) -> list[ScoreLine]:
        events = sizes(live)
        cells, n = results.cells(events, self._usable), events.T.tolist()
        lines = []
        for (feature, scores), fields, counted in zip(self._plan, cells, n, strict=True):
            for score, row in scores:
                value, raw, p_value, low, high = fields[row]
                status: Status = "insufficient" if value is None else "ok"
                lines.append(
                    ScoreLine(feature, score, value, raw, status, counted[row], p_value, low, high)
                )
        return lines


def _unit(layout: Layout, reference: Moments) -> Floats:
    """The reference's sd in layout units; where that is 0, max(abs(mean), 1)."""
    centre = np.array([part.centre for part in layout.numbers])
    unit = np.array([part.unit for part in layout.numbers])
    instead = np.fmax(np.abs(centre + unit * reference.mean), 1.0) / unit
    sd = np.sqrt(reference.variance)
    return np.where(sd > 0, sd, instead)


def _plan(layout: Layout) -> list[tuple[str, list[tuple[str, int]]]]:
    """Every feature with the names of its scores and their rows in the results."""
    number = [(info.name, ROW[info.name]) for info in scores_for("number")]
    category = [(info.name, ROW[info.name]) for info in scores_for("category")]
    numbers = [(part.name, number) for part in layout.numbers]
    return numbers + [(part.name, category) for part in layout.categories]


def _put_shares(results: Results, live: Profile) -> None:
    """Shares of all events; each is published only for the features that it applies to."""
    layout, offered, bins = live.layout, live.offered(), live.view("bins")
    every = np.arange(layout.n_features)
    for name in ("missing", "invalid", "not_finite"):
        results.put(name, every, share(live.view(name), offered))
    first, last = layout.bin_starts[:-1], layout.bin_starts[1:] - 1
    n = layout.n_numbers
    outside = bins[first[:n]] + bins[last[:n]]
    results.put("out_of_range", every[:n], share(outside, offered[:n]))
    results.put("new", every[n:], share(bins[last[n:]], offered[n:]))


def _volume(live: Profile) -> ScoreLine:
    events = live.events
    return ScoreLine(
        feature=None,
        score="volume",
        value=float(events),
        raw=float(events),
        status="ok",
        n=events,
        p_value=None,
        low=None,
        high=None,
    )
