"""One monitor's many features do not flood Prometheus."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stream_drift.metrics import EVENTS, SCORE, Sample
from stream_drift.web.cardinality import withhold


def score(monitor: str, feature: str, window: str = "1h") -> Sample:
    return SCORE, (monitor, feature, "psi", window), 0.1


def test_first_features_stay_with_all_of_their_series() -> None:
    samples = [score("m", name, w) for w in ("1h", "1d") for name in ("b", "a", "c")]
    kept, n_withheld = withhold(samples, 2)
    assert kept == [score("m", name, w) for w in ("1h", "1d") for name in ("b", "a")]
    assert n_withheld == {"m": 2}


def test_monitors_have_room_of_their_own() -> None:
    samples = [score("m", "a"), score("n", "b"), score("n", "c")]
    assert withhold(samples, 1) == (samples[:2], {"m": 0, "n": 1})


def test_model_and_metrics_without_features_are_always_kept() -> None:
    samples: list[Sample] = [score("m", ""), score("m", "a"), (EVENTS, ("m", "t"), 7.0)]
    assert withhold(samples, 0) == ([samples[0], samples[2]], {"m": 1})


def test_monitor_without_features_withholds_nothing_and_says_nothing() -> None:
    events: Sample = (EVENTS, ("m", "t"), 7.0)
    assert withhold([events], 0) == ([events], {})


names = st.sampled_from(["", "a", "b", "c", "d"])


@given(
    st.lists(st.builds(score, st.sampled_from(["m", "n"]), names, st.sampled_from(["1h", "1d"]))),
    st.integers(0, 5),
)
def test_kept_and_withheld_are_all_there_was(samples: list[Sample], most: int) -> None:
    kept, n_withheld = withhold(samples, most)
    assert len(kept) + sum(n_withheld.values()) == len(samples)
    assert withhold(kept, most)[0] == kept
    for monitor in n_withheld:
        features = {labels[1] for _, labels, _ in kept if labels[0] == monitor and labels[1]}
        given_features = {labels[1] for _, labels, _ in samples if labels[0] == monitor} - {""}
        assert len(features) == min(most, len(given_features))
