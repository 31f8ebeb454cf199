"""What a user may set about the `budget` policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Literal

DAY_MS = 86_400_000
IMPORTANCE = {"high": 5.0, "normal": 1.0, "low": 0.2}


@dataclass(frozen=True, slots=True)
class SmallestEffect:
    """The change of one feature that is worth an incident.

    ``unit`` is ``sd`` (of the reference), ``feature`` (the feature's own units, for its mean) or
    ``share`` (of events, for categories and for missing values).
    """

    value: float
    unit: Literal["sd", "share", "feature"] = "sd"


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """Settings of the `budget` policy of one monitor.

    Attributes
    ----------
    false_incidents_per_30d
        Expected false incidents that the user puts up with, over all features together.
    smallest_effect_sd
        The floor where a feature has none of its own, in reference sd.
    smallest_effects
        Per feature its own floor.
    importance
        Per feature its share of the evidence's weight, relative to 1.
    learning_ms
        Span of the live baseline; ``None`` for no baseline: the reference is the centre.
    zone
        Where the day begins, for the daily and weekly season.
    performance_share
        Part of the budget that is kept for performance, which has a policy of its own.
    """

    false_incidents_per_30d: float = 1.0
    smallest_effect_sd: float = 0.05
    smallest_effects: Mapping[str, SmallestEffect] = field(default_factory=dict)
    importance: Mapping[str, float] = field(default_factory=dict)
    learning_ms: int | None = 14 * DAY_MS
    zone: tzinfo = UTC
    performance_share: float = 0.0

    def threshold(self, pane_ms: int) -> float:
        """The mixture that opens an incident: panes in 30 days over the budget.

        Examples
        --------
        >>> BudgetSettings().threshold(300_000)
        8640.0
        """
        share = 1.0 - self.performance_share
        return 30 * DAY_MS / pane_ms / self.false_incidents_per_30d / share
