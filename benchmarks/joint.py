"""Changes of correlation: how soon they are found, and what clean streams cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.joint_streams import HOUR_MS, JointKind, JointStream
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.decision import Opened
from stream_drift.detection.settings import DAY_MS, BudgetSettings

START_MS = 1_704_067_200_000
LONGEST = 48
SETTINGS = BudgetSettings(learning_ms=14 * DAY_MS)
CLEAN = {
    "independent events": JointKind(n_features=10),
    "in clusters of 5": JointKind(n_features=10, cluster=5),
    "daily season": JointKind(n_features=10, season=0.15),
    "season and wander": JointKind(n_features=10, season=0.15, wander=0.05),
    "heavy tails (t3)": JointKind(n_features=10, heavy=3),
}


@dataclass(slots=True)
class Watch:
    """A policy and the stream that it watches."""

    stream: JointStream
    policy: BudgetPolicy
    now_ms: int = START_MS

    @classmethod
    def armed(cls, kind: JointKind, seed: int) -> Watch:
        """After 21 clean days."""
        stream = JointStream(kind, seed)
        watch = cls(stream, BudgetPolicy(SETTINGS, stream.reference.profile))
        watch.days(21)
        return watch

    def days(self, n: float) -> list[Opened]:
        """What opens in so many days without a change."""
        return [d for _ in range(int(n * DAY_MS / HOUR_MS)) for d in self.pane(None)]

    def pane(self, correlation: float | None) -> list[Opened]:
        """What opens in the next pane."""
        pane = self.stream.pane(self.now_ms, correlation)
        decisions = self.policy.close_pane(self.now_ms, pane)
        self.now_ms += self.stream.kind.pane_ms
        return [decision for decision in decisions if isinstance(decision, Opened)]


def delays(correlation: float, seeds: Sequence[int]) -> list[int]:
    """Panes until both features are named; `LONGEST` where they are not."""
    found = []
    for seed in seeds:
        watch = Watch.armed(JointKind(), seed)
        named: set[str | None] = set()
        panes = 0
        while panes < LONGEST and not {"x00", "x01"} <= named:
            named |= {f.feature for d in watch.pane(correlation) for f in d.findings}
            panes += 1
        found.append(panes)
    return found


def main(n_runs: int = 10) -> None:
    """Print both tables."""
    print("| correlation of 0.5 becomes | median panes | slowest of", n_runs, "|")
    print("|---|---|---|")
    for correlation in (0.4, 0.25, -0.5):
        panes = delays(correlation, range(n_runs))
        print(f"| {correlation} | {np.median(panes):g} | {max(panes)} |")
    print()
    print("| clean stream, 30 days | false incidents per 30 days |")
    print("|---|---|")
    for name, kind in CLEAN.items():
        n = sum(len(Watch.armed(kind, seed).days(30)) for seed in range(n_runs))
        print(f"| {name} | {n / n_runs:g} |")


if __name__ == "__main__":
    main()
