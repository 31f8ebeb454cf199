"""A sample of the reference's rows: which bins their values fall in."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream_drift.errors import WireFormatError
from stream_drift.profiles.layout import Layout
from stream_drift.profiles.row_codes import Codes

MAX_ROWS = 20_000
_BYTE_BINS = 256


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceRows:
    """Rows in an order that is none: any stretch, and every other row, is a fair sample.

    Attributes
    ----------
    codes
        See `Codes`.
    """

    codes: Codes

    def __len__(self) -> int:
        return len(self.codes)

    def of(self, features: list[int]) -> ReferenceRows:
        """Only these features, in this order."""
        return ReferenceRows(self.codes[:, features])


def chosen_rows(n_events: int) -> NDArray[np.int64]:
    """The places of the events whose rows are kept, in the order in which they are kept."""
    order = np.argsort(_mixed(np.arange(n_events, dtype=np.uint64)), kind="stable")
    return np.asarray(order[:MAX_ROWS].astype(np.int64))


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64."""
    with np.errstate(over="ignore"):
        mixed = (values + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def encode_rows(rows: ReferenceRows, layout: Layout) -> str:
    """The rows as text: feature by feature, packed, in base 85."""
    columns = [
        rows.codes[:, i].astype(_type(part.n_bins)).tobytes() for i, part in enumerate(layout.parts)
    ]
    return base64.b85encode(zlib.compress(b"".join(columns), 9)).decode()


def decode_rows(text: str, layout: Layout) -> ReferenceRows:
    """What `encode_rows` wrote.

    Raises
    ------
    WireFormatError
        Where the text does not hold whole rows of these features.
    """
    types = [np.dtype(_type(part.n_bins)) for part in layout.parts]
    try:
        data = zlib.decompress(base64.b85decode(text))
        width = sum(kind.itemsize for kind in types)
        n = len(data) // width if width else 0
        stops = np.cumsum([n * kind.itemsize for kind in types])
        columns = [
            np.frombuffer(data, kind, n, int(stop) - n * kind.itemsize)
            for kind, stop in zip(types, stops, strict=True)
        ]
        codes = np.array(columns, np.uint16).reshape(len(types), n).T
    except (ValueError, zlib.error) as error:
        message = f"the sample of rows is damaged: {error}"
        raise WireFormatError(message) from error
    return ReferenceRows(codes)


def _type(n_bins: int) -> str:
    """One byte holds a bin and what is none, as long as there are few bins."""
    return "<u1" if n_bins < _BYTE_BINS else "<u2"
