"""Open panes and input partitions in checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from stream_drift.engine.inputs import InputTopic
from stream_drift.engine.intake import Intake
from stream_drift.profiles.codec import PackedProfile, pack_profile, unpack_profile
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.row_codec import (
    pack_block_rows,
    pack_sources,
    unpack_block_rows,
    unpack_sources,
)
from stream_drift.profiles.rows import BlockRows
from stream_drift.windows.chain import Chain, Newest
from stream_drift.windows.partition_clock import PartitionClock

_Newest = list[Any]
_Chain = tuple[int, int | None, bool, int, list[_Newest]]
_Clock = tuple[int, list[int | None]]
_Topic = tuple[str, int, list[_Chain], list[_Clock]]


class IntakeState(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What an `Intake` holds, packed."""

    closed_until: int | None
    after_close: int
    incomplete: list[int]
    incomplete_before: int | None
    folded: list[tuple[int, PackedProfile]]
    retired: list[str]
    topics: dict[str, _Topic]
    rows: list[tuple[int, list[Any]]] = []


def pack_intake(intake: Intake) -> IntakeState:
    """Open panes and input partitions as plain values."""
    panes, inputs = intake.panes, intake.inputs
    return IntakeState(
        closed_until=panes.closed_until_ms,
        after_close=panes.n_after_close,
        incomplete=sorted(panes.incomplete),
        incomplete_before=panes.incomplete_before_ms,
        folded=[(start, pack_profile(p)) for start, p in sorted(panes.folded.items())],
        retired=sorted(inputs.retired),
        topics={name: _pack_topic(topic) for name, topic in sorted(inputs.topics.items())},
        rows=[(start, pack_sources(rows)) for start, rows in sorted(panes.rows.panes.items())],
    )


def unpack_intake(intake: Intake, state: IntakeState, layout: Layout) -> Callable[[], None]:
    """What to call to take up what `pack_intake` gave; all that can fail was done before."""
    panes, inputs = intake.panes, intake.inputs
    folded = {start: unpack_profile(packed, layout) for start, packed in state.folded}
    topics = {name: _unpack_topic(topic, layout) for name, topic in state.topics.items()}
    rows = {start: unpack_sources(packed) for start, packed in state.rows}

    def take_up() -> None:
        panes.closed_until_ms, panes.n_after_close = state.closed_until, state.after_close
        panes.incomplete = set(state.incomplete)
        panes.incomplete_before_ms = state.incomplete_before
        panes.folded, panes.rows.panes = folded, rows
        inputs.topics, inputs.retired = topics, set(state.retired)

    return take_up


def _pack_topic(topic: InputTopic) -> _Topic:
    chains = [
        (
            number,
            chain.covered,
            chain.is_torn,
            chain.gaps,
            [_pack_newest(pane, newest) for pane, newest in sorted(chain.newest.items())],
        )
        for number, chain in sorted(topic.chains.items())
    ]
    clocks = [(number, clock.snapshot()) for number, clock in sorted(topic.clocks.items())]
    return topic.topic_id, topic.n_partitions, chains, clocks


def _pack_newest(pane: int, newest: Newest) -> _Newest:
    """Without a place for rows where there are none."""
    profile = None if newest.profile is None else pack_profile(newest.profile)
    rows = [pack_block_rows(newest.rows)] if newest.rows.names else []
    return [pane, newest.upto, newest.events, profile, *rows]


def _unpack_topic(packed: _Topic, layout: Layout) -> InputTopic:
    topic_id, n_partitions, chains, clocks = packed
    return InputTopic(
        topic_id,
        n_partitions,
        {
            number: Chain(covered, _unpack_newest(newest, layout), is_torn, gaps)
            for number, covered, is_torn, gaps, newest in chains
        },
        {number: PartitionClock.restore(values) for number, values in clocks},
    )


def _unpack_newest(newest: list[_Newest], layout: Layout) -> dict[int, Newest]:
    return {
        pane: Newest(
            upto,
            None if packed is None else unpack_profile(packed, layout),
            events,
            unpack_block_rows(rows[0]) if rows else BlockRows(),
        )
        for pane, upto, events, packed, *rows in newest
    }
