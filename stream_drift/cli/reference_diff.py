"""One reference scored against another."""

from __future__ import annotations

from dataclasses import dataclass

from rich.box import SIMPLE
from rich.table import Table

from stream_drift.cli.reference_figures import figure, share
from stream_drift.cli.tables import print_result
from stream_drift.errors import ReferenceFileError
from stream_drift.profiles.layout import Layout
from stream_drift.reference.build import Reference
from stream_drift.reference.fit import fit_reference
from stream_drift.scoring.table import ScoreLine, Scorer

SHOWN = ("psi", "js", "mean_shift", "variance_ratio", "missing", "new", "out_of_range")
_SHARES = {"missing", "new", "out_of_range"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The scores of all features that can be compared, and why the others cannot."""

    old: str
    new: str
    scores: tuple[ScoreLine, ...]
    not_comparable: dict[str, str]


def compare(old: Reference, new: Reference) -> Comparison:
    """Score ``new`` as a window would be scored against ``old``.

    Raises
    ------
    ReferenceFileError
        Where not a single feature can be compared.
    """
    reasons = _not_comparable(old.layout, new.layout)
    numbers = [part.name for part in old.layout.numbers if part.name not in reasons]
    categories = [part.name for part in old.layout.categories if part.name not in reasons]
    if not numbers and not categories:
        message = (
            "the two references have no feature with the same bins: build the new one with "
            "`reference build --edges-from OLD`"
        )
        raise ReferenceFileError(message)
    pane_ms = old.layout.pane_ms
    before = fit_reference(old, numbers, categories, pane_ms)
    after = fit_reference(new, numbers, categories, pane_ms)
    lines = Scorer(before.profile).score(after.profile)
    return Comparison(old.id, new.id, tuple(lines), reasons)


def _not_comparable(old: Layout, new: Layout) -> dict[str, str]:
    before = {part.name: part for part in old.parts}
    after = {part.name: part for part in new.parts}
    reasons = {}
    for name in {**before, **after}:
        if name not in after:
            reasons[name] = "only in the old one"
        elif name not in before:
            reasons[name] = "only in the new one"
        elif type(before[name]) is not type(after[name]):
            reasons[name] = "of another type"
        elif before[name] != after[name]:
            reasons[name] = "other bins: build the new one with --edges-from"
    return reasons


def print_comparison(found: Comparison) -> None:
    """A table for people."""
    table = Table("feature", box=SIMPLE)
    for name in SHOWN:
        table.add_column(name, justify="right")
    rows: dict[str, dict[str, ScoreLine]] = {}
    for line in found.scores:
        if line.feature is not None:
            rows.setdefault(line.feature, {})[line.score] = line
    for feature, lines in rows.items():
        table.add_row(feature, *(_cell(lines.get(name)) for name in SHOWN))
    reasons = (f"{feature}: {reason}" for feature, reason in found.not_comparable.items())
    print_result(f"reference {found.new} against {found.old}", table, *reasons)


def _cell(line: ScoreLine | None) -> str:
    if line is None:
        return ""
    return share(line.value) if line.score in _SHARES else figure(line.value)
