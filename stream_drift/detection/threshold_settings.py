"""One entry of ``thresholds``: the settings of the threshold policy."""

from __future__ import annotations

from dataclasses import dataclass

PANE_WINDOW = "pane"
"""The window of a threshold that looks at each closed pane alone."""


@dataclass(frozen=True, slots=True)
class ThresholdSettings:
    """Open an incident when a score stays beyond a limit.

    Attributes
    ----------
    score
        A published score name.
    of
        As configured: a feature, ``*``, ``prediction``, ``score`` or ``model``.
    above, below
        The limit; exactly one of them is given.
    window, window_ms
        As configured, and its length; ``pane`` is one pane long.
    n_panes
        Consecutive closed panes with a complete window that must lie beyond the limit (``for``).
    features
        What ``of`` stands for, in layout order: the features that have this score; empty where
        it is the model as a whole.
    """

    score: str
    of: str
    above: float | None
    below: float | None
    window: str
    window_ms: int
    n_panes: int
    features: tuple[str, ...]

    @property
    def policy(self) -> str:
        """The name of this entry in incident ids.

        Examples
        --------
        >>> ThresholdSettings("psi", "*", 0.2, None, "1d", 86_400_000, 3, ("adr",)).policy
        'threshold:psi/*/above0.2/1d'
        """
        side, limit = ("above", self.above) if self.below is None else ("below", self.below)
        return f"threshold:{self.score}/{self.of}/{side}{limit:.15g}/{self.window}"
