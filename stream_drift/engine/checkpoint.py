"""The detector's state as bytes, and back; closed panes are kept apart from it."""

from __future__ import annotations

from typing import Any

import msgspec

from stream_drift.engine.detector import Detector
from stream_drift.engine.inputs import InputTopic
from stream_drift.errors import WireFormatError
from stream_drift.incidents.book import Incident
from stream_drift.profiles.codec import PackedProfile, pack_profile, unpack_profile
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.row_codec import (
    pack_block_rows,
    pack_pane_rows,
    pack_sources,
    unpack_block_rows,
    unpack_pane_rows,
    unpack_sources,
)
from stream_drift.profiles.rows import BlockRows, PaneRows
from stream_drift.windows.chain import Chain, Newest
from stream_drift.windows.partition_clock import PartitionClock

VERSION = 1

_Newest = list[Any]
_Chain = tuple[int, int | None, bool, int, list[_Newest]]
_Clock = tuple[int, list[int | None]]
_Topic = tuple[str, int, list[_Chain], list[_Clock]]


class _Version(msgspec.Struct):
    version: int


class _State(_Version, omit_defaults=True):
    first_pane: int | None
    closed_until: int | None
    after_close: int
    incomplete: list[int]
    incomplete_before: int | None
    folded: list[tuple[int, PackedProfile]]
    retired: list[str]
    topics: dict[str, _Topic]
    thresholds: dict[str, list[Any]]
    no_data: list[Any] | None
    budget: bytes
    incidents: dict[str, Incident]
    labels: dict[str, str]
    now: int
    rows: list[tuple[int, list[Any]]] = []
    hour: tuple[int, list[Any]] | None = None


def encode_checkpoint(detector: Detector) -> bytes:
    """All that `Detector.apply` builds on, but the closed panes and the rows of past hours."""
    panes, inputs, book = detector.panes, detector.inputs, detector.book
    state = _State(
        version=VERSION,
        first_pane=detector.first_pane_ms,
        closed_until=panes.closed_until_ms,
        after_close=panes.n_after_close,
        incomplete=sorted(panes.incomplete),
        incomplete_before=panes.incomplete_before_ms,
        folded=[(start, pack_profile(p)) for start, p in sorted(panes.folded.items())],
        retired=sorted(inputs.retired),
        topics={name: _pack_topic(topic) for name, topic in sorted(inputs.topics.items())},
        thresholds={t.settings.policy: t.snapshot() for t in detector.thresholds},
        no_data=None if detector.no_data is None else detector.no_data.snapshot(),
        budget=detector.budget.snapshot(),
        incidents=book.open,
        labels=book.labels,
        now=book.now_ms,
        rows=[(start, pack_sources(rows)) for start, rows in sorted(panes.rows.panes.items())],
        hour=_pack_hour(detector),
    )
    return msgspec.msgpack.encode(state)


def restore_checkpoint(detector: Detector, data: bytes) -> list[Incident]:
    """Take up a checkpoint in a fresh detector.

    Returns
    -------
    list of Incident
        Open incidents of policies that the configuration no longer has; they are left behind.

    Raises
    ------
    WireFormatError
        Where the bytes are damaged or of a version that this program does not know; the detector
        is then as fresh as before.
    """
    state = _decode(data)
    layout, panes, inputs = detector.reference.layout, detector.panes, detector.inputs
    folded = {start: unpack_profile(packed, layout) for start, packed in state.folded}
    topics = {name: _unpack_topic(topic, layout) for name, topic in state.topics.items()}
    rows = {start: unpack_sources(packed) for start, packed in state.rows}
    hours = _unpack_hour(state.hour, layout)
    left_behind = _restore_policies(detector, state)
    detector.first_pane_ms = state.first_pane
    panes.closed_until_ms, panes.n_after_close = state.closed_until, state.after_close
    panes.incomplete = set(state.incomplete)
    panes.incomplete_before_ms = state.incomplete_before
    panes.rows.panes, detector.rows.hours = rows, hours
    panes.folded, inputs.topics, inputs.retired = folded, topics, set(state.retired)
    return left_behind


def _decode(data: bytes) -> _State:
    try:
        version = msgspec.msgpack.decode(data, type=_Version).version
        if version == VERSION:
            return msgspec.msgpack.decode(data, type=_State)
    except msgspec.DecodeError as error:
        message = f"damaged checkpoint: {error}"
        raise WireFormatError(message) from error
    message = f"checkpoint of version {version}, this program reads {VERSION}"
    raise WireFormatError(message)


def _restore_policies(detector: Detector, state: _State) -> list[Incident]:
    entries = set(detector.budget.entries) if detector.budget.restore(state.budget) else set()
    for policy in detector.thresholds:
        entries.add(policy.settings.policy)
        if policy.settings.policy in state.thresholds:
            policy.restore(state.thresholds[policy.settings.policy])
    if detector.no_data is not None:
        entries.add("no_data")
        if state.no_data is not None:
            detector.no_data.restore(state.no_data)
    book = detector.book
    book.open = {entry: open_ for entry, open_ in state.incidents.items() if entry in entries}
    book.labels, book.now_ms = state.labels, state.now
    return [incident for entry, incident in state.incidents.items() if entry not in entries]


def _pack_hour(detector: Detector) -> tuple[int, list[Any]] | None:
    """The rows of the hour that is being filled."""
    last = detector.rows.last_hour_ms
    return None if last is None else (last, pack_pane_rows(detector.rows.hours[last]))


def _unpack_hour(hour: tuple[int, list[Any]] | None, layout: Layout) -> dict[int, PaneRows]:
    return {} if hour is None else {hour[0]: unpack_pane_rows(hour[1], layout.names)}


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
