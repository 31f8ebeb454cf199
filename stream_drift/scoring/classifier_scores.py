"""How well a rule tells live rows from reference rows that it was not trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from stream_drift.scoring.catalogue import CLASSIFIER_ACCURACY, CLASSIFIER_AUC, MIN_USABLE
from stream_drift.scoring.table import ScoreLine

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
N_RANKS = 64
RANK_GRID = 1 << 20
_N, _LIVE_RIGHT, _REFERENCE_RIGHT, _RANKS, _HISTOGRAM = range(5)
SIZE = _HISTOGRAM + N_RANKS
"""Length of a tally."""
_NORMAL_95 = float(ndtri(0.975))


def tally(live: Array, reference: Array) -> Ints:
    """What the scores of a rule on some live rows add to a window; tallies of rules add too.

    A live row counts by its rank among the reference rows, which means the same whatever the
    rule: the mean rank is the area under the curve.

    Parameters
    ----------
    live
        Scores of live rows, above 0 where they look live, any order.
    reference
        Scores of reference rows, ascending.
    """
    found = np.zeros(SIZE, np.int64)
    below, upto = (np.searchsorted(reference, live, side=side) for side in ("left", "right"))
    ranks = (below + upto) / (2 * len(reference))
    found[_N], found[_LIVE_RIGHT] = len(live), (live > 0).sum()
    right = np.searchsorted(reference, 0, side="right") / len(reference)
    found[_REFERENCE_RIGHT] = round(right * RANK_GRID) * len(live)
    found[_RANKS] = np.rint(ranks * RANK_GRID).astype(np.int64).sum()
    places = np.minimum((ranks * N_RANKS).astype(np.int64), N_RANKS - 1)
    found[_HISTOGRAM:] = np.bincount(places, minlength=N_RANKS)
    return found


def classifier_lines(counts: Ints, n_reference: int) -> list[ScoreLine]:
    """Accuracy and area under the curve of a window's tally, with 95 % intervals.

    Parameters
    ----------
    counts
        Sum of the window's tallies.
    n_reference
        Reference rows that the live ones were compared with; 0: there are none.

    Notes
    -----
    Both sides weigh the same in the accuracy, so that 0.5 is chance. The interval of the area is
    DeLong's, from ranks in 64 steps: variance of the live rows' ranks over their number, plus
    variance over reference rows of the share of live rows above each, over theirs.
    """
    n = int(counts[_N])
    if n < MIN_USABLE or not n_reference:
        return [_line(name, None, 0.0, n) for name in (CLASSIFIER_ACCURACY, CLASSIFIER_AUC)]
    live, reference = counts[_LIVE_RIGHT] / n, counts[_REFERENCE_RIGHT] / RANK_GRID / n
    spread = live * (1 - live) / n + reference * (1 - reference) / n_reference
    accuracy = _line(CLASSIFIER_ACCURACY, (live + reference) / 2, np.sqrt(spread) / 2, n)
    shares = counts[_HISTOGRAM:] / n
    middles = (np.arange(N_RANKS) + 0.5) / N_RANKS
    of_live = shares @ middles**2 - (shares @ middles) ** 2
    above = 1 - np.cumsum(shares) + shares / 2
    of_reference = (above**2).mean() - above.mean() ** 2
    area = counts[_RANKS] / RANK_GRID / n
    error = np.sqrt(of_live / n + of_reference / n_reference)
    return [accuracy, _line(CLASSIFIER_AUC, area, error, n)]


def _line(name: str, value: float | None, error: float, n: int) -> ScoreLine:
    if value is None:
        return ScoreLine(None, name, None, None, "insufficient", n, None, None, None)
    found, half = float(value), _NORMAL_95 * float(error)
    low, high = max(found - half, 0.0), min(found + half, 1.0)
    return ScoreLine(None, name, found, found, "ok", n, None, low, high)
