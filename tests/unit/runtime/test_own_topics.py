from __future__ import annotations

import itertools

from stream_drift.runtime.own_topics import OwnTopics, log_key, monitor_of, partition_of
from tests.golden.log.examples import RECORDS


def test_topics_share_the_prefix() -> None:
    own = OwnTopics("drift")
    assert [own.profiles, own.state, own.alerts, own.rejects] == [
        "drift.profiles", "drift.state", "drift.alerts", "drift.rejects",
    ]  # fmt: skip


def test_a_monitor_keeps_its_partition() -> None:
    assert [partition_of("hotel", n) for n in (1, 4, 12)] == [0, 1, 1]


def test_a_key_tells_whose_record_it_is() -> None:
    assert {monitor_of(log_key("hotel", record)) for record in RECORDS.values()} == {"hotel"}
    assert [monitor_of(key) for key in (None, b"", b"\xff/x")] == ["", "", "\ufffd"]


def test_records_of_different_things_have_different_keys() -> None:
    different = ("snapshot", "snapshot_empty", "ledger", "lost", "progress", "command")
    keys = [log_key("hotel", RECORDS[name]) for name in different]
    assert all(one != other for one, other in itertools.combinations(keys, 2))
