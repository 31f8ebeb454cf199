"""One run of a case: learn, arm, watch; and what is kept of it.

A run is kept in ``.cache/detection`` under its case, its seed and a print of what the detector
does, so an interrupted benchmark goes on where it stopped. The print is of behaviour, not of
sources: rewording a comment forgets nothing.
"""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.detection_cases import HOUR, Changed, Clean
from benchmarks.detection_screen import Screen
from benchmarks.detection_streams import DAY_MS, HOUR_MS, START_MS, Change, Stream, StreamKind
from stream_drift.detection.budget import BudgetPolicy
from stream_drift.detection.decision import Opened
from stream_drift.detection.docket import FLOOR_EVIDENCE
from stream_drift.detection.settings import BudgetSettings

CACHE = Path(__file__).parents[1] / ".cache" / "detection"
CLEAN_DAYS = 30

Learned = tuple[Stream, BudgetPolicy, int]


def learn(kind: StreamKind, learning_days: float, seed: int) -> Learned:
    """A monitor just armed, its stream, and the time."""
    stream = Stream(kind, seed)
    policy = BudgetPolicy(settings_of(learning_days), stream.reference())
    return stream, policy, arm(stream, policy)


def settings_of(learning_days: float) -> BudgetSettings:
    """One false incident per 30 days, so many days of learning, else as given."""
    return BudgetSettings(learning_ms=int(learning_days * DAY_MS))


def arm(stream: Stream, policy: BudgetPolicy) -> int:
    """Feed a policy until it is armed; the time then."""
    now = START_MS
    while policy.baseline is None or policy.baseline.stage != "armed":
        policy.close_pane(now, stream.pane(now))
        now += stream.kind.pane_ms
    return now


def run_clean(case: Clean, seed: int) -> dict[str, float]:
    """False incidents; by the detector itself only where it can have opened any."""
    quiet, screen = screened(case, seed)
    if quiet:
        return {"false": 0, **_shown(screen)}
    stream, policy, now = learn(case.kind, case.learning_days, seed)
    end, opened = now + CLEAN_DAYS * DAY_MS, 0
    while now < end:
        decisions = policy.close_pane(now, stream.pane(now))
        opened += sum(isinstance(decision, Opened) for decision in decisions)
        now += case.kind.pane_ms
    return {"false": opened, **_shown(policy)}


def screened(case: Clean, seed: int) -> tuple[bool, Screen]:
    """Whether nothing came near to opening, and the screen at the end or where it came near."""
    stream = Stream(case.kind, seed)
    screen = Screen(settings_of(case.learning_days), stream.reference())
    now = arm(stream, screen)
    end = now + CLEAN_DAYS * DAY_MS
    while now < end and not screen.near:
        screen.close_pane(now, stream.pane(now))
        now += case.kind.pane_ms
    return not screen.near, screen


def _shown(policy: BudgetPolicy) -> dict[str, float]:
    state = policy.baseline_state(START_MS)
    return {"factor": state.audit_factor, "unarmable": len(state.unarmable)}


def run_changed(case: Changed, learned: Learned, seed: int) -> dict[str, float]:
    """Hours from the change to the end of the pane that opened, and of the one that first could.

    The first of them is what users see; the other does without the rule that no single pane may
    open an incident.
    """
    stream, policy, now = copy.deepcopy(learned)
    stream.rng = np.random.default_rng(seed)
    start = now + int(stream.rng.integers(0, DAY_MS // case.kind.pane_ms)) * case.kind.pane_ms
    found = {"delay_h": float("inf"), "right": 0.0, "any_pane_h": float("inf")}
    while now < start + case.limit_h * HOUR_MS:
        decisions = policy.close_pane(now, stream.pane(now, case.change, start))
        now += case.kind.pane_ms
        opened = [decision for decision in decisions if isinstance(decision, Opened)]
        if now > start and (opened or _would_open(policy)):
            found["any_pane_h"] = min(found["any_pane_h"], (now - start) / HOUR_MS)
        if now > start and opened:
            right = any(finding.feature == "f000" for finding in opened[0].findings)
            return {**found, "delay_h": (now - start) / HOUR_MS, "right": float(right)}
    return found


def _would_open(policy: BudgetPolicy) -> bool:
    """Whether there is evidence for an incident, be it from one pane."""
    assert policy.docket is not None
    beyond = policy.docket.evidence.beyond_floor() >= FLOOR_EVIDENCE
    return policy.evidence()[None] >= 1 and bool(beyond.any())


def behaviour() -> str:
    """A print of the evidence along short streams that learn, drift, glitch and lose values.

    What an open incident says of itself, such as intervals, leaves it as it is: no run looks.
    """
    digest = hashlib.blake2b(digest_size=6)
    for kind in (replace(HOUR, n_features=4, n=200), replace(HOUR, n_features=4, rare=True)):
        stream = Stream(kind, 1)
        policy = BudgetPolicy(BudgetSettings(learning_ms=7 * DAY_MS), stream.reference())
        for i in range(24 * 25):
            change = Change(shift=0.3, missing=0.05 if i > 24 * 24 else 0.0)
            start = START_MS + i * HOUR_MS
            if i == 24 * 22:
                decisions = policy.close_pane(start, stream.odd_pane(1000, 2.0, 2))
            else:
                profile = stream.pane(start, change, START_MS + 23 * DAY_MS)
                decisions = policy.close_pane(start, profile)
            opened = ["Opened" for decision in decisions if isinstance(decision, Opened)]
            if i % 12 == 0 or opened:
                shares = [f"{share:.3g}" for share in policy.evidence().values()]
                digest.update(" ".join([*opened, *shares]).encode())
    return digest.hexdigest()


class Kept:
    """Results of one case by seed, one line each.

    Parameters
    ----------
    version
        As from `behaviour`.
    """

    def __init__(self, version: str, name: str) -> None:
        safe = "".join(c if c.isalnum() else "_" for c in name)
        self._path = CACHE / version / f"{safe}.jsonl"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        self.found = {entry["seed"]: entry for entry in map(json.loads, lines)}

    def add(self, seed: int, result: dict[str, float]) -> None:
        self.found[seed] = {"seed": seed, **result}
        with self._path.open("a") as file:
            file.write(json.dumps(self.found[seed]) + "\n")
