from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_drift.engine.profiler import Cut
from stream_drift.runtime.commit_text import decode_commit, encode_commit, monitor_hash

times = st.one_of(st.none(), st.integers(-(2**62), 2**62))
cuts = st.dictionaries(st.text(min_size=1), st.builds(Cut, st.integers(0, 2**62), times))


@given(cuts)
def test_the_cuts_of_all_monitors_come_back(committed: dict[str, Cut]) -> None:
    found = decode_commit(encode_commit("topic id", committed), "topic id")
    assert found == {monitor_hash(monitor): cut for monitor, cut in committed.items()}


def test_cuts_of_another_life_of_the_topic_are_no_cuts() -> None:
    assert decode_commit(encode_commit("one", {"m": Cut(5)}), "other") == {}


@given(st.text())
def test_what_others_committed_is_no_cut(text: str) -> None:
    assert decode_commit(text, "topic id") == {}


@pytest.mark.parametrize("n", [0, 1, 150])
def test_a_hundred_and_fifty_monitors_fit_into_what_kafka_takes(n: int) -> None:
    committed = {f"monitor {i}": Cut(2**62, 2**62) for i in range(n)}
    assert len(encode_commit("id", committed)) <= 4_096
