"""A loan-application model and its events; half-way, younger people begin to apply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from river.datasets.synth import Agrawal
from river.tree import HoeffdingTreeClassifier

SEED = 11
N_TRAINING = 5_000
N_REFERENCE = 20_000
YOUNG = 50
"""After the drift an applicant above this age is replaced by the next one."""
APPROVE_FROM = 0.5
DRIFTING_FEATURE = "age"

NUMBERS = ("salary", "commission", "age", "hvalue", "hyears", "loan")
CATEGORIES = ("elevel", "car", "zipcode")


class LoanModel:
    """A decision tree trained on applications, and an endless stream of more of them."""

    def __init__(self) -> None:
        self._applications = iter(Agrawal(classification_function=2, seed=SEED))
        self._tree = _untrained()
        for _ in range(N_TRAINING):
            features, outcome = next(self._applications)
            self._tree.learn_one(features, outcome)
        self._n = 0

    def event(self, applied_at: str, *, drifted: bool = False) -> bytes:
        """The next application as the model's service would log it: JSON with its prediction."""
        features = self._applicant()
        if drifted and features["age"] > YOUNG:
            features = self._applicant()
        score = self._tree.predict_proba_one(features).get(1, 0.0)
        self._n += 1
        return msgspec.json.encode(
            {
                "application_id": f"A{self._n:07d}",
                "applied_at": applied_at,
                **features,
                "approved": int(score >= APPROVE_FROM),
                "approval_score": round(score, 4),
            }
        )

    def _applicant(self) -> dict[str, Any]:
        return dict(next(self._applications)[0])

    def reference_events(self, applied_at: str = "") -> Iterator[bytes]:
        """What the model was accepted on."""
        for _ in range(N_REFERENCE):
            yield self.event(applied_at)

    def pass_reference(self) -> None:
        """Leave out what the model was accepted on: what follows is new to the reference."""
        for _ in range(N_REFERENCE):
            next(self._applications)


def _untrained() -> Any:
    return HoeffdingTreeClassifier(grace_period=100)
