"""The detector's state as bytes, and back; closed panes are kept apart from it."""

from __future__ import annotations

from typing import Any

import msgspec

from stream_drift.detection.performance_budget import POLICY
from stream_drift.engine.detector import Detector
from stream_drift.engine.intake_state import IntakeState, pack_intake, unpack_intake
from stream_drift.engine.join_state import pack_join, unpack_join
from stream_drift.errors import WireFormatError
from stream_drift.incidents.book import Incident
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.row_codec import pack_pane_rows, unpack_pane_rows
from stream_drift.profiles.rows import PaneRows

VERSION = 1


class _Version(msgspec.Struct):
    version: int


class _Join(msgspec.Struct):
    state: dict[str, Any]
    intake: IntakeState


class _State(IntakeState, kw_only=True, omit_defaults=True):
    version: int
    first_pane: int | None
    thresholds: dict[str, list[Any]]
    no_data: list[Any] | None
    budget: bytes
    incidents: dict[str, Incident]
    labels: dict[str, str]
    now: int
    hour: tuple[int, list[Any]] | None = None
    join: _Join | None = None
    performance: bytes | None = None
    domain: bytes = b""


def encode_checkpoint(detector: Detector) -> bytes:
    """All that `Detector.apply` builds on, but the closed panes and the rows of past hours."""
    book, join, policy = detector.book, detector.performance.join, detector.performance.policy
    state = _State(
        version=VERSION,
        first_pane=detector.first_pane_ms,
        **msgspec.structs.asdict(pack_intake(detector.data)),
        thresholds={t.settings.policy: t.snapshot() for t in detector.thresholds},
        no_data=None if detector.no_data is None else detector.no_data.snapshot(),
        budget=detector.budget.snapshot(),
        domain=detector.domain.snapshot(),
        incidents=book.open,
        labels=book.labels,
        now=book.now_ms,
        hour=_pack_hour(detector),
        performance=None if policy is None else policy.snapshot(),
        join=None if join is None else _Join(pack_join(join), pack_intake(detector.labels)),
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
    layout, join = detector.reference.layout, detector.performance.join
    hours = _unpack_hour(state.hour, layout)
    intakes = [unpack_intake(detector.data, state, layout)]
    if join is not None and state.join is not None:
        intakes.append(unpack_intake(detector.labels, state.join.intake, layout))
        unpack_join(join, state.join.state)
    left_behind = _restore_policies(detector, state)
    for take_up in intakes:
        take_up()
    detector.first_pane_ms, detector.rows.hours = state.first_pane, hours
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
    if state.domain:
        detector.domain.restore(state.domain)
    entries = set(detector.budget.entries) if detector.budget.restore(state.budget) else set()
    for policy in detector.thresholds:
        entries.add(policy.settings.policy)
        if policy.settings.policy in state.thresholds:
            policy.restore(state.thresholds[policy.settings.policy])
    if detector.no_data is not None:
        entries.add("no_data")
        if state.no_data is not None:
            detector.no_data.restore(state.no_data)
    book, judge = detector.book, detector.performance.policy
    if judge is not None and state.performance is not None and judge.restore(state.performance):
        entries.add(POLICY)
    book.open = {entry: open_ for entry, open_ in state.incidents.items() if entry in entries}
    book.labels, book.now_ms = state.labels, state.now
    return [incident for entry, incident in state.incidents.items() if entry not in entries]


def _pack_hour(detector: Detector) -> tuple[int, list[Any]] | None:
    """The rows of the hour that is being filled."""
    last = detector.rows.last_hour_ms
    return None if last is None else (last, pack_pane_rows(detector.rows.hours[last]))


def _unpack_hour(hour: tuple[int, list[Any]] | None, layout: Layout) -> dict[int, PaneRows]:
    return {} if hour is None else {hour[0]: unpack_pane_rows(hour[1], layout.names)}
