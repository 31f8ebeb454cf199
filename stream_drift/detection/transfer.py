"""A policy's state on another table of directions: what stands in both keeps what was learned."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stream_drift.detection.audit import Audit
from stream_drift.detection.baseline import Baseline
from stream_drift.detection.carry import Places, carried, places_of, rows_at
from stream_drift.detection.clean_panes import Block, CleanPanes
from stream_drift.detection.directions import Directions
from stream_drift.detection.docket import Docket
from stream_drift.detection.episode import Episode
from stream_drift.detection.newcomers import Newcomers


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What a state says of the table it was made on."""

    identities: tuple[bytes, ...]
    features: NDArray[np.int64]
    floors: NDArray[np.float64]

    @classmethod
    def of(cls, directions: Directions) -> Frame:
        """The frame of a table."""
        return cls(directions.identities(), directions.features, directions.floors)


def carried_baseline(old: Baseline, fresh: Baseline, places: Places) -> Baseline:
    """Stage, schedule and models of before; new directions are learned by themselves."""
    k = len(places)
    found = replace(old, model=carried(old.model, fresh.model, places), newcomers=None)
    found.clean = _clean(old.clean, places) if old.stage == "learning" else CleanPanes(k)
    if old.trial is not None and old.audit is not None:
        found.trial = carried(old.trial, fresh.model, places)
        found.audit = carried(old.audit, Audit.start(k, old.audit.day), places)
    where = _where(places)
    found.unarmable = {where[i]: why for i, why in old.unarmable.items() if i in where}
    new = places < 0
    if old.newcomers is not None:
        new |= np.isin(places, np.flatnonzero(old.newcomers.who))
    if old.schedule is not None and fresh.stage == "learning" and new.any():
        found.newcomers = Newcomers.start(new)
        found.unarmable.update(found.newcomers.unarmable)
    return found


def carried_docket(old: Docket, fresh: Docket, frame: Frame, directions: Directions) -> Docket:
    """Evidence and incidents; an incident whose directions are all gone vanishes."""
    places = places_of(directions.identities(), frame.identities)
    evidence = carried(old.evidence, fresh.evidence, places)
    changed = directions.floors != rows_at(frame.floors, directions.floors, places)
    evidence.floor[changed] = 0
    episodes = [_episode(episode, places, frame, directions) for episode in old.episodes]
    return Docket(evidence, [episode for episode in episodes if episode.guilty])


def _where(places: Places) -> dict[int, int]:
    """The new place of each old one."""
    return {int(place): i for i, place in enumerate(places) if place >= 0}


def _clean(old: CleanPanes, places: Places) -> CleanPanes:
    """Clean panes on another table; what is new there was never seen."""
    k = len(places)
    fresh = CleanPanes(k, open=None if old.open is None else Block.start(old.open.index, k))
    found = carried(old, fresh, places)
    nothing = np.full(k, np.nan)
    found.k = k
    found.means = [rows_at(row, nothing.astype(np.float32), places) for row in old.means]
    found.recent = [(pane, rows_at(means, nothing, places)) for pane, means in old.recent]
    return found


def _episode(old: Episode, places: Places, frame: Frame, directions: Directions) -> Episode:
    k, where = len(places), _where(places)
    features = {int(frame.features[i]): int(directions.features[j]) for i, j in where.items()}
    guilty = {
        where[i]: replace(guilt, direction=where[i])
        for i, guilt in old.guilty.items()
        if i in where
    }
    return replace(
        old,
        guilty=guilty,
        fresh=rows_at(old.fresh, np.zeros((k, *old.fresh.shape[1:]), np.float32), places),
        totals=rows_at(old.totals, np.zeros((k, 3)), places),
        confirmed={features[i] for i in old.confirmed if i in features},
    )
