"""The label join in checkpoints; what waits is kept apart, in records of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stream_drift.engine.label_join import LABEL_NAMES, UNMATCHED, LabelJoin
from stream_drift.engine.waiting import Waiting
from stream_drift.profiles.row_codec import unpack_pane_rows


def pack_join(join: LabelJoin) -> dict[str, Any]:
    """Where it stands, and which panes wait."""
    return {
        "reached": join.reached_ms,
        "labels": join.n_labels,
        "unmatched": [join.n_unmatched[reason] for reason in UNMATCHED],
        "forgotten": join.n_forgotten,
        "waiting": [[start, pane.matured] for start, pane in join.waiting.items()],
    }


def unpack_join(join: LabelJoin, packed: Mapping[str, Any]) -> None:
    """Take up what `pack_join` gave, in a fresh join; `refill_join` is to follow."""
    join.reached_ms, join.n_labels = packed["reached"], packed["labels"]
    join.n_unmatched = dict(zip(UNMATCHED, packed["unmatched"], strict=True))
    join.n_forgotten = packed["forgotten"]
    join.kept = dict(packed["waiting"])


def refill_join(
    join: LabelJoin,
    waiting: Mapping[int, Any],
    labels: Mapping[int, Any],
    labels_closed_ms: int | None,
) -> None:
    """Take up the panes that the checkpoint knows; later ones will come again.

    Parameters
    ----------
    waiting, labels
        Packed panes of predictions and of labels by start.
    labels_closed_ms
        Panes of labels that end by then are part of the checkpoint.
    """
    panes = []
    for start, matured in join.kept.items():
        if start in waiting:
            pane = Waiting.unpack(waiting[start])
            pane.matured = matured
            panes.append(pane)
    upto_ms = labels_closed_ms or 0
    known = sorted(start for start in labels if start + join.pane_ms <= upto_ms)
    join.kept = {}
    join.restore(
        panes,
        ((start, unpack_pane_rows([LABEL_NAMES, *labels[start]], LABEL_NAMES)) for start in known),
    )
