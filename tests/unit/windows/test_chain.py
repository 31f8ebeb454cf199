from __future__ import annotations

from stream_drift.events.record import PartitionId
from stream_drift.profiles.layout import CategoryLayout, Layout
from stream_drift.profiles.profile import Profile
from stream_drift.windows.chain import Chain
from stream_drift.windows.log import Ledger, Lost, Snapshot

AT = PartitionId("orders", "id", 0)
LAYOUT = Layout((), (CategoryLayout("c", (), ()),), 60_000)


def snapshot(block_start: int, upto: int, pane: int = 0) -> Snapshot:
    profile = Profile.empty(LAYOUT)
    profile.additive[0] = upto - block_start
    return Snapshot(AT, block_start, upto, pane, profile)


def ledger(block_start: int, upto: int) -> Ledger:
    return Ledger(AT, block_start, upto, upto - block_start, 0, {}, {0: upto - block_start})


def chain_at(covered: int) -> Chain:
    return Chain(covered)


def test_a_chain_starts_at_the_first_block_that_it_sees() -> None:
    chain = Chain()
    assert chain.reach(70) is None
    assert (chain.covered, chain.is_torn) == (70, False)


def test_of_a_pane_the_snapshot_that_goes_furthest_counts() -> None:
    chain = chain_at(0)
    assert [chain.take_snapshot(snapshot(0, upto)) for upto in (5, 3, 5, 8)] == [
        True, False, False, True,
    ]  # fmt: skip
    assert (chain.newest[0].upto, chain.newest[0].events) == (8, 8)


def test_a_ledger_hands_over_the_block_and_the_next_one_follows() -> None:
    chain = chain_at(0)
    chain.take_snapshot(snapshot(0, 5))
    finished = chain.take_ledger(ledger(0, 5))
    assert finished is not None
    assert finished[0].upto == 5
    assert (chain.covered, chain.newest) == (5, {})
    assert chain.take_snapshot(snapshot(5, 9))


def test_what_starts_inside_covered_ground_is_a_repeat() -> None:
    chain = chain_at(10)
    assert chain.reach(0) is None
    assert not chain.take_snapshot(snapshot(0, 10))
    assert chain.take_ledger(ledger(0, 10)) is None
    assert chain.take_ledger(ledger(5, 30)) is None
    assert chain.take_lost(Lost(AT, 0, 10)) is None
    assert (chain.covered, chain.gaps, chain.newest) == (10, 0, {})


def test_lost_offsets_are_jumped_over_and_drop_the_unfinished_block() -> None:
    chain = chain_at(10)
    chain.take_snapshot(snapshot(10, 15))
    dropped = chain.take_lost(Lost(AT, 10, 40))
    assert dropped is not None
    assert list(dropped) == [0]
    assert (chain.covered, chain.newest, chain.is_torn, chain.gaps) == (40, {}, True, 0)


def test_a_loss_before_the_first_block_is_known_too() -> None:
    chain = Chain()
    assert chain.take_lost(Lost(AT, 0, 40)) == {}
    assert (chain.covered, chain.is_torn) == (40, True)


def test_a_block_beyond_covered_ground_is_gone_to() -> None:
    chain = chain_at(10)
    chain.take_snapshot(snapshot(10, 15))
    dropped = chain.reach(20)
    assert dropped is not None
    assert list(dropped) == [0]
    assert (chain.covered, chain.is_torn, chain.gaps) == (20, True, 1)
    assert chain.take_snapshot(snapshot(20, 25))


def test_a_snapshot_of_covered_and_uncovered_ground_is_seen() -> None:
    chain = chain_at(10)
    assert chain.overlaps(snapshot(5, 11))
    assert not chain.overlaps(snapshot(5, 10))
    assert not chain.overlaps(snapshot(10, 12))
    assert not Chain().overlaps(snapshot(5, 10))
