"""Which changes a test per feature cannot see, and what does see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.joint_streams import HOUR_MS, JointKind, JointStream
from stream_drift.detection.domain import DomainClassifier
from stream_drift.detection.pairs import Pairs
from stream_drift.profiles.rows import PaneRows, Row
from stream_drift.scoring.table import Scorer

N_ROWS = 5_000
SURE = 4.0
"""Standard errors beyond which one of 190 pairs has hardly moved by chance."""
P_VALUE = 0.05


@dataclass(frozen=True, slots=True)
class Planted:
    """A change of the live rows; shifts in sd."""

    correlation: float = 0.5
    one_shift: float = 0.0
    all_shift: float = 0.0


CHANGES: Mapping[str, Planted] = {
    "nothing": Planted(),
    "one feature moves by 0.25 sd": Planted(one_shift=0.25),
    "a correlation falls from 0.5 to 0.25": Planted(correlation=0.25),
    "a correlation turns from 0.5 to −0.5": Planted(correlation=-0.5),
    "all 20 features move by 0.03 sd": Planted(all_shift=0.03),
}


def line(name: str, planted: Planted, seed: int) -> str:
    """One row of the table."""
    stream = JointStream(JointKind(), seed)
    rows = _rows(stream, planted)
    live = stream.counted(rows)
    scores = Scorer(stream.reference.profile).score(live)
    k = stream.kind.n_features
    p_value = k * min(s.p_value for s in scores if s.score == "ks" and s.p_value is not None)
    psi = max(s.value for s in scores if s.score == "psi" and s.value is not None)
    pairs = Pairs.of(stream.reference.profile)
    both, z = pairs.measure(pairs.sums(live))
    errors = np.sqrt(1 / (both - 3) + 1 / (pairs.reference_n - 3))
    sigmas = float(np.abs(z / errors).max())
    classifier = DomainClassifier(stream.reference, [])
    classifier.learn(0, _sample(stream, _rows(stream, planted)))
    classifier.close_pane(0, HOUR_MS, _sample(stream, rows))
    area = classifier.pane_lines()[1]
    assert area.low is not None
    assert area.high is not None
    cells = [
        f"{min(p_value, 1):.2g} {_mark(seen=p_value < P_VALUE)}",
        f"{psi:.3f}",
        f"{sigmas:.1f} {_mark(seen=sigmas > SURE)}",
        f"{area.low:.2f} to {area.high:.2f} {_mark(seen=area.low > 0.5)}",
    ]
    return f"| {name} | {' | '.join(cells)} |"


def _mark(*, seen: bool) -> str:
    return "**seen**" if seen else ""


def _rows(stream: JointStream, planted: Planted) -> NDArray[np.float64]:
    rows = stream.rows(N_ROWS, planted.correlation) + planted.all_shift
    rows[:, 0] += planted.one_shift
    return np.asarray(rows)


def _sample(stream: JointStream, table: NDArray[np.float64]) -> PaneRows:
    rows = tuple(Row(i, b"", i, tuple(values)) for i, values in enumerate(table.tolist()))
    return PaneRows(stream.reference.layout.names, 1.0, rows)


def main() -> None:
    """Print the table."""
    print("| change | K-S: 20 × least p | largest PSI | pairs, sd | classifier AUC, 95 % |")
    print("|---|---|---|---|---|")
    for seed, (name, planted) in enumerate(CHANGES.items()):
        print(line(name, planted, seed))


if __name__ == "__main__":
    main()
