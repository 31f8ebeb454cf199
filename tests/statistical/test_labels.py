"""What is said of worse predictions is right, and soon; the tables are made by the benchmark."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.labelled_streams import CAUSES
from benchmarks.labels import LIMITS, false_alarms, kinds, labels_to_alarm, taught

RIGHT = dict(
    zip(
        CAUSES,
        ["no incident", "data_drift", "concept_drift", "data_drift", "concept_and_data_drift"],
        strict=True,
    )
)


@pytest.mark.parametrize("cause", CAUSES)
def test_the_kind_of_drift_is_right(cause: str) -> None:
    assert kinds(cause, 6)[RIGHT[cause]] == 6


@pytest.mark.long
@pytest.mark.parametrize("cause", CAUSES)
def test_the_kind_of_drift_is_right_in_95_of_100_incidents(cause: str) -> None:
    assert kinds(cause, 200)[RIGHT[cause]] >= 190


@pytest.mark.long
def test_more_errors_are_found_in_time_and_clean_labels_open_nothing() -> None:
    start = taught()
    for rate, limit in LIMITS.items():
        assert np.median([labels_to_alarm(start, rate, seed) for seed in range(100)]) <= limit
    assert false_alarms(start, 4_000_000, seed=1) == 0
