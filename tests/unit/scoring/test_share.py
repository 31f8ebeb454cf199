"""Shares and their interval against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from stream_drift.scoring.share import share


@pytest.mark.parametrize(("hits", "events"), [(0, 1), (1, 1), (0, 50), (3, 100), (50, 50), (7, 9)])
def test_the_interval_is_wilsons(hits: int, events: int) -> None:
    score = share(np.array(hits), np.array(events))
    expected = binomtest(hits, events).proportion_ci(0.95, method="wilson")
    assert score.value == score.raw == hits / events
    assert score.low == pytest.approx(expected.low, abs=1e-12)
    assert score.high == pytest.approx(expected.high, abs=1e-12)


def test_the_interval_holds_the_share_also_at_none_and_all() -> None:
    events = np.arange(1, 3000)
    for hits in (np.zeros_like(events), events):
        score = share(hits, events)
        assert score.low is not None
        assert score.high is not None
        assert (score.low >= 0).all()
        assert (score.low <= score.value).all()
        assert (score.value <= score.high).all()
        assert (score.high <= 1).all()


def test_without_events_there_is_no_share() -> None:
    score = share(np.array([0, 1]), np.array([0, 2]))
    assert np.isnan(score.value[0])
    assert score.value[1] == 0.5
