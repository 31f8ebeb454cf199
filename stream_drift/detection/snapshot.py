"""The policy's state as bytes: plain values, arrays, and the state classes of this folder."""

from __future__ import annotations

import zlib
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec
import numpy as np

from stream_drift.detection.audit import Audit
from stream_drift.detection.baseline import Baseline, Schedule
from stream_drift.detection.clean_panes import Block, CleanPanes
from stream_drift.detection.contrast import Contrast
from stream_drift.detection.docket import Docket
from stream_drift.detection.episode import Episode, Guilt
from stream_drift.detection.evidence import Evidence
from stream_drift.detection.measure import Tally
from stream_drift.detection.model import Model
from stream_drift.detection.newcomers import Newcomers
from stream_drift.detection.noise import Noise
from stream_drift.detection.performance_state import (
    Learning,
    Normal,
    PerformanceEpisode,
    PerformanceState,
    PerformanceWealth,
)
from stream_drift.detection.season import Season
from stream_drift.detection.strata import Strata
from stream_drift.detection.transfer import Frame
from stream_drift.detection.wander import Wander
from stream_drift.errors import WireFormatError

CLASSES: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        Audit,
        Baseline,
        Block,
        CleanPanes,
        Contrast,
        Docket,
        Episode,
        Evidence,
        Frame,
        Guilt,
        Learning,
        Model,
        Newcomers,
        Noise,
        Normal,
        PerformanceEpisode,
        PerformanceState,
        PerformanceWealth,
        Schedule,
        Season,
        Strata,
        Tally,
        Wander,
    )
}
_TAG = "~"
_ARRAY, _SET = "array", "set"


def freeze(value: object) -> bytes:
    """Bytes from which `thaw` makes an equal value."""
    return zlib.compress(msgspec.msgpack.encode(_plain(value)), level=1)


def thaw(data: bytes) -> Any:
    """The value of `freeze`.

    Raises
    ------
    WireFormatError
        If the bytes are of something else.
    """
    try:
        return _revive(msgspec.msgpack.decode(zlib.decompress(data)))
    except (zlib.error, msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        message = f"a snapshot of evidence cannot be read: {error}"
        raise WireFormatError(message) from error


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {_TAG: _ARRAY, "t": value.dtype.str, "s": value.shape, "b": value.tobytes()}
    if isinstance(value, set):
        return {_TAG: _SET, "b": sorted(value)}
    if is_dataclass(value):
        named = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {_TAG: type(value).__name__, **named}
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _revive(value: Any) -> Any:
    if isinstance(value, list):
        return [_revive(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    tag = value.get(_TAG)
    if tag is None:
        return {key: _revive(inner) for key, inner in value.items()}
    if tag == _ARRAY:
        return np.frombuffer(value["b"], value["t"]).reshape(value["s"]).copy()
    if tag == _SET:
        return set(value["b"])
    cls = CLASSES[tag]
    found = cls.__new__(cls)
    for field in fields(cls):
        object.__setattr__(found, field.name, _revive(value[field.name]))
    return found
