"""The detector's state as bytes, and back; closed panes are kept apart from it."""

from __future__ import annotations

from typing import Any

import msgspec

from stream_drift.engine.detector import Detector
from stream_drift.engine.inputs import InputTopic
from stream_drift.errors import WireFormatError
from stream_drift.incidents.book import Incident
from stream_drift.profiles.codec import pack_profile, unpack_profile
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.row_codec import (
    pack_block_rows,
    pack_pane_rows,
    pack_sources,
    unpack_block_rows,
    unpack_pane_rows,
    unpack_sources,
)
from stream_drift.profiles.rows import BlockRows
from stream_drift.windows.chain import Chain, Newest
from stream_drift.windows.partition_clock import PartitionClock

VERSION = 1


def encode_checkpoint(detector: Detector) -> bytes:
    """All that `Detector.apply` builds on, but the closed panes and the rows of past hours."""
    panes, inputs, book = detector.panes, detector.inputs, detector.book
    state = {
        "version": VERSION,
        "first_pane": detector.first_pane_ms,
        "closed_until": panes.closed_until_ms,
        "after_close": panes.n_after_close,
        "incomplete": sorted(panes.incomplete),
        "incomplete_before": panes.incomplete_before_ms,
        "folded": [[start, pack_profile(p)] for start, p in sorted(panes.folded.items())],
        "rows": [[start, pack_sources(rows)] for start, rows in sorted(panes.rows.panes.items())],
        "hour": _pack_hour(detector),
        "retired": sorted(inputs.retired),
        "topics": {name: _pack_topic(topic) for name, topic in sorted(inputs.topics.items())},
        "thresholds": {t.settings.policy: t.snapshot() for t in detector.thresholds},
        "no_data": None if detector.no_data is None else detector.no_data.snapshot(),
        "budget": detector.budget.snapshot(),
        "incidents": book.open,
        "labels": book.labels,
        "now": book.now_ms,
    }
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
        Where the bytes are damaged or of a version that this program does not know.
    """
    try:
        state = msgspec.msgpack.decode(data)
    except msgspec.DecodeError as error:
        message = f"damaged checkpoint: {error}"
        raise WireFormatError(message) from error
    if state.get("version") != VERSION:
        message = f"checkpoint of version {state.get('version')}, this program reads {VERSION}"
        raise WireFormatError(message)
    layout, panes, inputs = detector.reference.layout, detector.panes, detector.inputs
    detector.first_pane_ms = state["first_pane"]
    panes.closed_until_ms, panes.n_after_close = state["closed_until"], state["after_close"]
    panes.incomplete = set(state["incomplete"])
    panes.incomplete_before_ms = state["incomplete_before"]
    panes.folded = {start: unpack_profile(packed, layout) for start, packed in state["folded"]}
    panes.rows.panes = {start: unpack_sources(rows) for start, rows in state.get("rows", [])}
    if (hour := state.get("hour")) is not None:
        detector.rows.hours = {hour[0]: unpack_pane_rows(hour[1], layout.names)}
    inputs.retired = set(state["retired"])
    inputs.topics = {name: _unpack_topic(t, layout) for name, t in state["topics"].items()}
    return _restore_policies(detector, state)


def _restore_policies(detector: Detector, state: dict[str, Any]) -> list[Incident]:
    entries = set()
    for policy in detector.thresholds:
        entries.add(policy.settings.policy)
        if policy.settings.policy in state["thresholds"]:
            policy.restore(state["thresholds"][policy.settings.policy])
    if detector.no_data is not None:
        entries.add("no_data")
        if state["no_data"] is not None:
            detector.no_data.restore(state["no_data"])
    if detector.budget.restore(state["budget"]):
        entries |= detector.budget.entries
    incidents = msgspec.convert(state["incidents"], dict[str, Incident])
    detector.book.open = {k: v for k, v in incidents.items() if k in entries}
    detector.book.labels, detector.book.now_ms = state["labels"], state["now"]
    return [incident for entry, incident in incidents.items() if entry not in entries]


def _pack_hour(detector: Detector) -> list[Any] | None:
    """The rows of the hour that is being filled."""
    last = detector.rows.last_hour_ms
    return None if last is None else [last, pack_pane_rows(detector.rows.hours[last])]


def _pack_topic(topic: InputTopic) -> list[Any]:
    chains = [
        [
            number,
            chain.covered,
            chain.is_torn,
            chain.gaps,
            [_pack_newest(pane, newest) for pane, newest in sorted(chain.newest.items())],
        ]
        for number, chain in sorted(topic.chains.items())
    ]
    clocks = [[number, clock.snapshot()] for number, clock in sorted(topic.clocks.items())]
    return [topic.topic_id, topic.n_partitions, chains, clocks]


def _pack_newest(pane: int, newest: Newest) -> list[Any]:
    """Without a place for rows where there are none."""
    profile = None if newest.profile is None else pack_profile(newest.profile)
    rows = [pack_block_rows(newest.rows)] if newest.rows.names else []
    return [pane, newest.upto, newest.events, profile, *rows]


def _unpack_topic(packed: list[Any], layout: Layout) -> InputTopic:
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


def _unpack_newest(newest: list[Any], layout: Layout) -> dict[int, Newest]:
    return {
        pane: Newest(
            upto,
            None if packed is None else unpack_profile(packed, layout),
            events,
            unpack_block_rows(rows[0]) if rows else BlockRows(),
        )
        for pane, upto, events, packed, *rows in newest
    }
