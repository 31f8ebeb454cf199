"""Scores of fixed histograms are those that scipy gave (`make_expected.py`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_drift.scoring.counts import counts
from stream_drift.scoring.ks import ks
from stream_drift.scoring.psi import psi
from stream_drift.scoring.share import share
from stream_drift.scoring.table import HISTOGRAM_SCORES

GOLDEN = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in GOLDEN["cases"]}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = CASES[request.param]
    return found


@pytest.mark.parametrize("name", [*HISTOGRAM_SCORES, "ks"])
def test_raw_scores(case: dict[str, Any], name: str) -> None:
    statistic = {**HISTOGRAM_SCORES, "ks": ks}[name]
    score = statistic(counts(case["live"]), counts(case["reference"]))
    assert score.raw == pytest.approx(case["expected"][name], rel=1e-9)


@pytest.mark.parametrize("name", ["chi2", "ks"])
def test_p_values(case: dict[str, Any], name: str) -> None:
    statistic = {**HISTOGRAM_SCORES, "ks": ks}[name]
    score = statistic(counts(case["live"]), counts(case["reference"]))
    assert score.p_value == pytest.approx(case["expected"][f"{name}_p_value"], rel=1e-6, abs=1e-300)


def test_intervals_of_psi(case: dict[str, Any]) -> None:
    score = psi(counts(case["live"]), counts(case["reference"]))
    low, high = case["expected"]["psi_interval"]
    assert score.low == pytest.approx(low, rel=1e-3, abs=1e-9)
    assert score.high == pytest.approx(high, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize(("hits", "events", "low", "high"), GOLDEN["shares"])
def test_intervals_of_shares(hits: int, events: int, low: float, high: float) -> None:
    score = share(np.array(hits), np.array(events))
    assert score.low == pytest.approx(low, abs=1e-12)
    assert score.high == pytest.approx(high, abs=1e-12)
