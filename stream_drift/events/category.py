"""The canonical text of a category value: what makes two values the same category."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from hashlib import blake2b

MAX_TEXT = 200
"""Longer texts are cut to ``KEPT_TEXT`` characters and a hash of the whole."""
KEPT_TEXT = 160

_MAX_PLAIN = 1e21  # whole floats below print as digits, as JavaScript prints them
_ENDS_OF_ALIASES = frozenset("0eE")  # of "17.0", "True", "FALSE"
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)\.0")
_BOOLEANS = ("true", "false")
_LONGEST_BOOLEAN = len("false")


def category_text(value: object) -> str:
    """The text under which a value is counted.

    Equal for values that mean the same category, and its own text: ``f(f(x)) == f(x)``. A whole
    number written as ``17.0`` never comes out with its ``.0``.

    Parameters
    ----------
    value
        ``str``, ``bool``, ``int`` or ``float``.

    Raises
    ------
    TypeError
        For anything else: missing and invalid values have no text.

    Examples
    --------
    >>> [category_text(value) for value in (17, 17.0, "17", "17.0", True, "TRUE")]
    ['17', '17', '17', '17', 'true', 'true']
    >>> [category_text(value) for value in ("007", "1.10", 0.5, 1e300)]
    ['007', '1.10', '0.5', '1e+300']
    """
    if isinstance(value, str):
        if value[-1:] in _ENDS_OF_ALIASES or len(value) > MAX_TEXT or not value.isascii():
            return _canonical(value)
        return value
    if isinstance(value, bool):
        return _BOOLEANS[not value]
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, int):
        return _bounded(str(value))
    raise TypeError(value.__class__.__name__)


def are_plain(values: Sequence[object]) -> bool:
    """Whether all values are texts that surely are their own category text.

    Much cheaper than to ask for the texts; false also where it cannot tell.
    """
    try:
        joined = "\n".join(values)  # type: ignore[arg-type] # whether it fails is the question
    except TypeError:
        return False
    lengths = set(map(len, values))  # type: ignore[arg-type] # all are texts, or join() had failed
    if not lengths or min(lengths) <= _LONGEST_BOOLEAN or max(lengths) > MAX_TEXT:
        return False
    return joined.isascii() and ".0\n" not in joined and not joined.endswith(".0")


def _canonical(text: str) -> str:
    if len(text) > MAX_TEXT or not text.isascii():
        return _bounded(_without_lone_surrogates(text))
    if _WHOLE.fullmatch(text):
        return str(int(text[:-2]))
    lower = text.lower()
    return lower if lower in _BOOLEANS else text


def _without_lone_surrogates(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _bounded(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return text
    return f"{text[:KEPT_TEXT]}…{blake2b(text.encode(), digest_size=16).hexdigest()}"


def _float_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value.is_integer() and abs(value) < _MAX_PLAIN:
        return str(int(value))
    return repr(value)
