"""What each policy costs on a user's own history: false incidents, and delays of known shifts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace

from stream_drift.engine.detector import Detector, DetectorSettings
from stream_drift.engine.effects import PaneClosed
from stream_drift.errors import InputFileError
from stream_drift.profiles.profile import Profile
from stream_drift.reference.build import Reference
from stream_drift.runtime.backtest_report import BacktestReport, Delays, PolicyResult, Span
from stream_drift.runtime.injection import SHIFTS, Recorded, altered_panes
from stream_drift.runtime.recording import RecordingDecoder, recorded_feature, recording
from stream_drift.runtime.replay import MonitorReplay, ReplayInput, Tell
from stream_drift.runtime.trial import History, Pane, Trial
from stream_drift.scoring.moments import exact_variance

FEATURES_PER_TYPE = 5
"""How many numbers, and how many categories, are shifted."""


def run_backtest(
    settings: DetectorSettings, reference: Reference, inputs: Sequence[ReplayInput], tell: Tell
) -> BacktestReport:
    """Learn from the first two thirds of a history and try every policy on the last.

    The files are read once; shifts are planted into the values that were kept of a few features.

    Parameters
    ----------
    settings
        Of the monitor's detector; scores are not published and silence is not judged.

    Raises
    ------
    InputFileError
        Where a file cannot be read or holds too few panes.
    """
    numbers, categories = representatives(reference.profile, settings.budget.importance)
    sources, decoders = recording(inputs, {*numbers, *categories})
    history = _split(_read(settings, reference, sources, tell), reference.layout.pane_ms)
    trial = Trial(settings, reference, history)
    delays = _delays(trial, history, decoders, (*numbers, *categories), tell)
    start_ms, split_ms, onset_ms = (history.panes[i][0] for i in (0, history.split, history.onset))
    end_ms = history.panes[-1][0] + reference.layout.pane_ms
    return BacktestReport(
        events=sum(profile.events for _, profile in history.panes),
        panes=len(history.panes),
        learned=Span(start_ms, split_ms),
        tested=Span(split_ms, end_ms),
        onset_ms=onset_ms,
        stage=trial.baseline.stage,
        reasons=trial.baseline.reasons,
        audit_factor=trial.baseline.audit_factor,
        numbers=numbers,
        categories=categories,
        policies={
            policy: PolicyResult(trial.incidents[policy], delays[policy])
            for policy in trial.policies
        },
    )


def representatives(
    reference: Profile, importance: Mapping[str, float]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Numbers and categories to shift: by importance, then in the order of the configuration.

    Numbers that never vary have no sd to be shifted by.
    """
    layout = reference.layout
    varying = [
        part.name
        for part, variance in zip(layout.numbers, exact_variance(reference), strict=True)
        if variance > 0
    ]

    def chosen(names: list[str]) -> tuple[str, ...]:
        return tuple(sorted(names, key=lambda n: -importance.get(n, 1.0))[:FEATURES_PER_TYPE])

    return chosen(varying), chosen([part.name for part in layout.categories])


def _read(
    settings: DetectorSettings, reference: Reference, sources: Sequence[ReplayInput], tell: Tell
) -> list[Pane]:
    """Every pane with events, oldest first."""
    budget = replace(settings.budget, learning_ms=None)
    quiet = replace(
        settings,
        thresholds=(),
        windows=(),
        budget=budget,
        publish_scores=False,
        no_data_for_ms=None,
    )
    effects = MonitorReplay(Detector(quiet, reference), sources).effects(tell)
    return [(e.start_ms, e.profile) for e in effects if isinstance(e, PaneClosed)]


def _split(panes: Sequence[Pane], pane_ms: int) -> History:
    """Two thirds of the time to learn from; the onset a third into the rest."""
    starts = [start_ms for start_ms, _ in panes]
    if starts:
        end_ms = starts[-1] + pane_ms
        split = bisect_left(starts, starts[0] + (end_ms - starts[0]) * 2 // 3)
        if 0 < split < len(starts):
            onset_ms = starts[split] + (end_ms - starts[split]) // 3
            onset = bisect_left(starts, onset_ms)
            if split < onset < len(starts):
                return History(panes, split, onset)
    message = (
        f"the history has events in {len(panes)} panes, too few to learn from two thirds of them "
        "and try the rest: give some weeks of events"
    )
    raise InputFileError(message)


def _delays(
    trial: Trial,
    history: History,
    decoders: Sequence[RecordingDecoder],
    names: Sequence[str],
    tell: Tell,
) -> dict[str, dict[str, Delays]]:
    """By policy and name of the shift."""
    found: dict[str, dict[str, Delays]] = {policy: {} for policy in trial.policies}
    n_events = sum(profile.events for _, profile in history.after_onset)
    for i, name in enumerate(names):
        first_ms = history.after_onset[0][0]
        recorded = recorded_feature(decoders, history.panes[0][1].layout, name, first_ms)
        tell(f"shifting {name}", i * n_events, len(names) * n_events)
        for shift, delays_ms in _of_feature(trial, history, recorded, name).items():
            for policy in trial.policies:
                so_far = found[policy].get(shift, Delays())
                found[policy][shift] = so_far.plus(delays_ms, policy)
    return found


def _of_feature(
    trial: Trial, history: History, recorded: Recorded, name: str
) -> dict[str, Mapping[str, int | None]]:
    """Delays by shift and policy."""
    found = {}
    for shift in SHIFTS:
        values = recorded.with_shift(shift) if shift.suits(recorded.part) else None
        if values is not None:
            altered = altered_panes(history.after_onset, recorded, values)
            found[shift.name] = trial.delays_ms(name, altered)
    return found
