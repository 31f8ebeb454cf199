"""A guilty feature in words: how it was and how it is in its own units, and how far that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stream_drift.incidents.alert import GuiltyFeature
from stream_drift.incidents.figures import number, pair, percent, signed

Side = Mapping[str, Any]
ALL_EVENTS, MODEL = "all events", "the model"
CATEGORY = "category "
CORRELATION = "correlation with "
RARE, NEW = "(rare)", "(new)"
NAMES = {RARE: "rare values", NEW: "values that the reference does not know"}
MOST_NEW = 3


def words_of(feature: GuiltyFeature) -> str:
    """What happened to a feature, its name not included.

    The words follow from the first reason; where before and after are not known, the reason
    itself stands there. A limit that was crossed is told too.
    """
    reason = feature.reasons[0] if feature.reasons else "changed"
    said = _change(reason, feature.before, feature.after)
    limit = reason if said and "(limit " in reason else ""
    return "; ".join(filter(None, [_and(said or reason, _effect(feature, reason)), limit]))


def title_of(feature: GuiltyFeature) -> str:
    """Its name, also where it is the model or all of its events."""
    if feature.name is not None:
        return feature.name
    reason = feature.reasons[0] if feature.reasons else ""
    return ALL_EVENTS if reason.startswith(("volume", "no event")) or not reason else MODEL


def _and(first: str, second: str) -> str:
    return f"{first}, {second}" if second else first


def _change(reason: str, before: Side, after: Side) -> str:
    """Before and after of what the reason speaks of; empty where that is not known."""
    if reason.startswith(CORRELATION):
        return ""  # the reason says all
    if reason.startswith(CATEGORY):
        category = reason.removeprefix(CATEGORY).rsplit(" ", 1)[0]
        return _share(category.strip("'\""), before, after)
    kind = next((kind for kind in _CHANGES if reason.startswith(kind)), None)
    if kind is not None:
        return _CHANGES[kind](kind, before, after)
    return _mean("", before, after) or _most_moved(before, after)


def _mean(kind: str, before: Side, after: Side) -> str:
    del kind
    return _moved("mean", before, after, "mean")


def _spread(kind: str, before: Side, after: Side) -> str:
    del kind
    return _moved("sd", before, after, "spread (sd)")


def _shape(kind: str, before: Side, after: Side) -> str:
    """Quartiles say more of a shape than a coefficient does."""
    sides = [_quantiles(side) for side in (before, after)]
    return f"{kind} changed: 5, 50, 95 % of values below {sides[0]} → {sides[1]}" * all(sides)


def _quantiles(side: Side) -> str:
    found = side.get("quantiles")
    return " / ".join(number(found[q]) for q in ("0.05", "0.5", "0.95")) if found else ""


def _tail(kind: str, before: Side, after: Side) -> str:
    at = "0.05" if kind.startswith("low") else "0.95"
    sides = [side.get("quantiles", {}).get(at) for side in (before, after)]
    if None in sides:
        return ""
    return f"{kind}: {100 * float(at):g} % of values below {pair(sides[0], sides[1])}"


def _outside(kind: str, before: Side, after: Side) -> str:
    found = [side.get("out_of_range") for side in (before, after)]
    return f"{kind} {pair(found[0], found[1], percent)}" if None not in found else ""


def _missing(kind: str, before: Side, after: Side) -> str:
    return _moved(kind, before, after, kind, percent)


def _invalid(kind: str, before: Side, after: Side) -> str:
    del kind
    found = [side.get("invalid", 0.0) + side.get("not_finite", 0.0) for side in (before, after)]
    return f"invalid {pair(found[0], found[1], percent)}" if "n" in after else ""


def _rare(kind: str, before: Side, after: Side) -> str:
    del kind
    return _share(RARE, before, after)


def _new(kind: str, before: Side, after: Side) -> str:
    del kind
    names = list(after.get("new", {}))
    share = after.get("shares", {}).get(NEW)
    if share is None:
        return ""
    if len(names) == 1:
        return f"new value {names[0]!r} {percent(share)}"
    listed = f" ({', '.join(repr(name) for name in names[:MOST_NEW])})" if names else ""
    return f"new values{listed} {pair(before.get('shares', {}).get(NEW, 0.0), share, percent)}"


def _volume(kind: str, before: Side, after: Side) -> str:
    del kind
    return _moved("events_per_hour", before, after, "events per hour")


_CHANGES: Mapping[str, Callable[[str, Side, Side], str]] = {
    "location": _mean,
    "mean_shift": _mean,
    "variance": _spread,
    "skew": _shape,
    "shape": _shape,
    "low tail": _tail,
    "high tail": _tail,
    "out of range": _outside,
    "out_of_range": _outside,
    "missing": _missing,
    "invalid": _invalid,
    "not_finite": _invalid,
    "rare categories": _rare,
    "new": _new,
    "volume": _volume,
}
"""By the beginning of a reason, how before and after are told."""


def _moved(
    key: str, before: Side, after: Side, name: str, show: Callable[..., str] = number
) -> str:
    sides = before.get(key), after.get(key)
    return f"{name} {pair(sides[0], sides[1], show)}" if None not in sides else ""


def _share(category: str, before: Side, after: Side) -> str:
    sides = [side.get("shares", {}).get(category) for side in (before, after)]
    name = NAMES.get(category, repr(category))
    return f"{name} {pair(sides[0], sides[1], percent)}" if None not in sides else ""


def _most_moved(before: Side, after: Side) -> str:
    """The category whose share moved most."""
    old, new = before.get("shares", {}), after.get("shares", {})
    both = [name for name in new if name in old]
    if not both:
        return ""
    return _share(max(both, key=lambda name: abs(new[name] - old[name])), before, after)


def _effect(feature: GuiltyFeature, reason: str) -> str:
    """Size and interval, with its unit."""
    if feature.effect is None:
        return ""
    before, factor, after = _unit(feature, reason)
    size = f"{before}{signed(factor * feature.effect)}{after}"
    if feature.effect_low is None or feature.effect_high is None:
        return size
    low, high = (signed(factor * bound) for bound in (feature.effect_low, feature.effect_high))
    return f"{size} ({low} to {high})"


def _unit(feature: GuiltyFeature, reason: str) -> tuple[str, float, str]:
    """What stands before an effect, what it is multiplied by, and what stands behind it."""
    if feature.unit == "share":
        return "", 100, " %" if reason.startswith("volume") else " pp"
    is_mean = reason.startswith(("location", "mean_shift")) or "mean" in feature.after
    is_other = reason.startswith(OTHER_SHAPES)
    if feature.unit == "sd":
        return ("effect ", 1, "") if is_other or not is_mean else ("", 1, " sd")
    return "", 1, ""


OTHER_SHAPES = ("variance", "skew", "shape", CORRELATION, "features together")
"""Their effects are in sd of their own, which is not that of the feature."""
