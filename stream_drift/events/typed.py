"""The fast reading of a record: one msgspec type made from the mapping, nothing else built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from stream_drift.events.columns import MISSING
from stream_drift.events.shape import Shape

Scalar = str | int | float | bool | None


def typed_decoder(shape: Shape) -> Callable[[bytes | None], msgspec.Struct]:
    """A function from the bytes of a record to its values, for records that are as they should be.

    Its structs hold the values of a row of ``shape`` in order. It raises for everything else:
    no JSON, no object, a value of another type, a number that no float can hold. And for
    everything at all if msgspec has no type for the shape: if a key is both a value and an object,
    or has characters that JSON escapes.
    """
    if not _expressible(shape):
        return _refuse
    decode: Callable[[Any], msgspec.Struct] = msgspec.json.Decoder(_struct(shape)).decode
    return decode


def _refuse(record: bytes | None) -> msgspec.Struct:
    raise msgspec.ValidationError


def _expressible(shape: Shape) -> bool:
    keys = shape.keys
    plain = all(key.isprintable() and not {'"', "\\"} & set(key) for key in keys)
    return plain and len(set(keys)) == len(keys) and all(_expressible(s) for _, s in shape.branches)


def _struct(shape: Shape) -> type[msgspec.Struct]:
    fields: list[tuple[str, Any, Any]] = [
        *((key, float | None, MISSING) for key in shape.numbers),
        *((key, Scalar, None) for key in shape.scalars),
        *((key, _struct(branch) | None, None) for key, branch in shape.branches),
    ]
    # The keys may be no Python names: the attributes are numbered, their JSON names are the keys.
    return msgspec.defstruct(
        "Event",
        [(f"v{i}", kind, default) for i, (_, kind, default) in enumerate(fields)],
        rename={f"v{i}": key for i, (key, _, _) in enumerate(fields)},
        gc=False,
    )
