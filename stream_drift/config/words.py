"""A validation error of pydantic in the words of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stream_drift.config.mistakes import nearest

A_MAPPING = "must be a mapping (key: value)"
A_LIST = "must be a list, such as [a, b]"
A_NUMBER = "must be a number"
A_WHOLE_NUMBER = "must be a whole number"

FIXED: Mapping[str, str] = {
    "dict_type": A_MAPPING,
    "finite_number": A_NUMBER,
    "float_parsing": A_NUMBER,
    "float_type": A_NUMBER,
    "frozen_set_type": A_LIST,
    "int_from_float": A_WHOLE_NUMBER,
    "int_parsing": A_WHOLE_NUMBER,
    "int_parsing_size": A_WHOLE_NUMBER,
    "int_type": A_WHOLE_NUMBER,
    "list_type": A_LIST,
    "model_attributes_type": A_MAPPING,
    "model_type": A_MAPPING,
    "too_short": "must have at least one entry",
    "tuple_type": A_LIST,
}


def words_for(kind: str, context: Mapping[str, Any], value: object) -> tuple[str, str | None]:
    """What the value must be, and the one that was probably meant.

    Parameters
    ----------
    kind, context, value
        ``type``, ``ctx`` and ``input`` of one of pydantic's errors.
    """
    match kind:
        case "value_error":
            text, *meant = context["error"].args
            return text, meant[0] if meant else None
        case "literal_error":
            options = re.findall(r"'([^']*)'", str(context["expected"]))
            meant_option = nearest(value, options) if isinstance(value, str) else None
            return f"must be {_either(options)}", meant_option
        case "greater_than":
            return f"must be above {context['gt']:g}", None
        case "greater_than_equal":
            return f"must be at least {context['ge']:g}", None
        case "less_than_equal":
            return f"must be at most {context['le']:g}", None
        case _:
            return FIXED.get(kind, "must be something else"), None


def _either(options: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(options[:-1]), options[-1]]))
