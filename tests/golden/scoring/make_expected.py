"""Write expected.json: scores of fixed histograms as scipy gives them.

Run it by hand, ``python tests/golden/scoring/make_expected.py``, when a case is added; what is
expected never comes from the code under test.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.spatial.distance import jensenshannon
from scipy.stats import binomtest, chi2_contingency, entropy, ks_2samp, kstwobign, ncx2
from scipy.stats.contingency import association

CASES = {
    "clean": ([52, 47, 61, 40], [1020, 980, 1110, 890]),
    "moderate shift": ([14, 30, 55, 80, 71], [510, 490, 500, 505, 495]),
    "large shift": ([5, 12, 30, 900], [4000, 3000, 2000, 1000]),
    "equal samples": ([300, 200, 100], [250, 230, 120]),
    "many bins": (
        [31, 25, 28, 22, 41, 19, 24, 27, 33, 26, 38, 29],
        [251, 248, 253, 250, 247, 252, 249, 250, 251, 249, 250, 250],
    ),
    "empty bin live": ([0, 80, 120], [300, 900, 1100]),
}
SHARES = [(0, 40), (1, 40), (17, 1000), (40, 40), (2500, 10_000)]


def smoothed(histogram: list[int]) -> NDArray[np.float64]:
    """Proportions after half an event was added to every bin."""
    return (np.array(histogram) + 0.5) / (sum(histogram) + 0.5 * len(histogram))


def psi_end(x: float, freedom: int, below: float) -> float:
    """The noncentrality at which the share ``below`` of the law lies below ``x``."""
    gap: Callable[[float], float] = lambda nc: ncx2.cdf(x, freedom, nc) - below  # noqa: E731 - one formula
    return 0.0 if gap(0.0) <= 0 else float(brentq(gap, 0.0, 10 * x + 100, xtol=1e-10))


def values(histogram: list[int]) -> NDArray[np.int64]:
    """One value per event: the number of its bin."""
    return np.repeat(np.arange(len(histogram)), histogram)


def expected(live: list[int], reference: list[int]) -> dict[str, Any]:
    """All raw scores, p-values and the interval of psi."""
    q, p = smoothed(live), smoothed(reference)
    s, freedom = 1 / sum(live) + 1 / sum(reference), len(live) - 1
    psi = float(entropy(q, p) + entropy(p, q))
    table = chi2_contingency([live, reference], correction=False)
    ks = ks_2samp(values(live), values(reference)).statistic
    return {
        "psi": psi,
        "psi_interval": [s * psi_end(psi / s, freedom, below) for below in (0.975, 0.025)],
        "kl": float(entropy(q, p)),
        "hellinger": float(np.sqrt(1 - np.sqrt(q * p).sum())),
        "js": float(jensenshannon(q, p, base=2)),
        "chi2": float(table.statistic),
        "chi2_p_value": float(table.pvalue),
        "cramers_v": float(association(np.array([live, reference]), method="cramer")),
        "ks": float(ks),
        "ks_p_value": float(kstwobign.sf(ks / np.sqrt(s))),
    }


def main() -> None:
    """Write the file beside this script."""
    cases = [
        {"name": name, "live": live, "reference": reference, "expected": expected(live, reference)}
        for name, (live, reference) in CASES.items()
    ]
    shares = []
    for hits, events in SHARES:
        interval = binomtest(hits, events).proportion_ci(0.95, method="wilson")
        shares.append([hits, events, float(interval.low), float(interval.high)])
    text = json.dumps({"cases": cases, "shares": shares}, indent=1)
    Path(__file__).with_name("expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
