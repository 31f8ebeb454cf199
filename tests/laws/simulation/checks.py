"""What must be true of a world that has settled."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import msgspec

from stream_drift.engine.chunks import Joiner
from stream_drift.engine.detector import Detector
from stream_drift.engine.effects import PaneClosed, Publish
from stream_drift.engine.wire import decode_record
from stream_drift.events.record import PartitionId
from stream_drift.incidents.alert import Alert, data_json
from stream_drift.profiles.layout import NumberLayout
from stream_drift.profiles.profile import Profile
from stream_drift.windows.log import Ledger, LogRecord, Snapshot
from tests.laws.simulation import monitors
from tests.laws.simulation.monitors import Monitor
from tests.laws.simulation.oracle import Count, Row
from tests.laws.simulation.own_log import OWN
from tests.laws.simulation.world import World

PLACES = ("red", "blue", "rare", "new")
Counts = dict[tuple[str, str], int]


@dataclass(slots=True)
class SinglePass:
    """What one pass over a monitor's log without any interruption leads to.

    Attributes
    ----------
    first_blocks
        Where the first block of each input partition begins.
    """

    detector: Detector
    panes: dict[int, PaneClosed] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    first_blocks: dict[PartitionId, int] = field(default_factory=dict)

    def take(self, record: LogRecord, append_time_ms: int) -> None:
        if isinstance(record, Snapshot | Ledger):
            self.first_blocks.setdefault(record.partition, record.block_start)
        for effect in self.detector.apply(record, append_time_ms):
            match effect:
                case PaneClosed(start):
                    assert start not in self.panes, "a pane closed twice"
                    self.panes[start] = effect
                case Publish(alert):
                    assert alert.id not in self.alerts, "an alert id was given twice"
                    self.alerts[alert.id] = alert

    def counts(self) -> dict[int, Counts]:
        """The closed panes in the oracle's words."""
        return {start: plain(closed.profile) for start, closed in self.panes.items()}


def single_pass(world: World, monitor: Monitor) -> SinglePass:
    """The monitor's log through one detector that is never restarted."""
    told = SinglePass(monitor.detector())
    joiner = Joiner()
    for record in world.own.records_of(OWN.profiles, monitor.name):
        whole = joiner.add(record.value or b"")
        if whole is not None:
            told.take(decode_record(whole, monitors.REFERENCE.layout), record.timestamp_ms)
    return told


def check_repeatable(world: World, monitor: Monitor) -> SinglePass:
    """Restarts changed nothing: what was told is what a single pass tells."""
    told = single_pass(world, monitor)
    closings = {s: panes for (name, s), panes in world.closed.items() if name == monitor.name}
    assert closings.keys() == told.panes.keys()
    for start, panes in closings.items():
        for pane in panes:
            _check_same(pane, told.panes[start])
    expected = {identity: data_json(alert) for identity, alert in told.alerts.items()}
    assert alerts_on_topic(world, monitor) == expected
    return told


def check_rows_kept(world: World, monitor: Monitor, told: SinglePass) -> None:
    """A detector that took up its work from what was kept has all rows of past hours."""
    assert world.row_stores[monitor.name] == told.detector.rows


def _check_same(one: PaneClosed, other: PaneClosed) -> None:
    assert one.profile == other.profile
    assert one.rows == other.rows
    for mine, theirs in zip(one.scores, other.scores, strict=True):
        assert (mine.name, mine.start_ms) == (theirs.name, theirs.start_ms)
        assert mine.complete == theirs.complete
        assert (mine.profile.additive == theirs.profile.additive).all(), mine.name
        assert mine.lines == theirs.lines


def alerts_on_topic(world: World, monitor: Monitor) -> dict[str, bytes]:
    """The alerts topic by id; an id that is told again must say the same."""
    found: dict[str, bytes] = {}
    for record in world.own.alerts(monitor.name):
        identity = dict(record.headers)["ce_id"].decode()
        value = record.value or b""
        if msgspec.json.decode(value)["monitor"] == monitor.name:
            assert found.setdefault(identity, value) == value, f"alert {identity} told otherwise"
    return found


def oracle(world: World, monitor: Monitor) -> Count:
    """All that was written to the monitor's inputs, counted independently."""
    count = Count()
    for (topic_id, _), written in sorted(world.written.items()):
        topic = topic_id.split("#")[0]
        if topic in monitor.topics:
            features = ("x", "c") if topic == monitor.topics[0] else ("y",)
            count.take(written, features, red_only=monitor.where is not None)
    return count


def check_exact(told: SinglePass, count: Count) -> None:
    """Every event that was on time is in its pane, once."""
    assert told.detector.panes.n_after_close == 0
    assert not told.detector.panes.incomplete
    assert told.counts() == count.with_events()
    for start, closed in told.panes.items():
        _check_rows(closed, count.rows[start])


def _check_rows(closed: PaneClosed, expected: Counter[Row]) -> None:
    """At rate 1 the rows are the events; below, they are some of them."""
    rows = Counter((row.time_ms, *row.values) for row in closed.rows.rows)
    assert rows <= expected
    if closed.rows.rate == 1:
        assert rows == expected


def check_accounted(told: SinglePass, count: Count) -> None:
    """Every event that was on time is in its pane or came after the pane had closed."""
    n_closed = sum(pane.profile.events for pane in told.panes.values())
    n_open = sum(profile.events for profile in told.detector.panes.folded.values())
    assert n_open == 0
    assert n_closed + told.detector.panes.n_after_close == count.on_time


def check_complete(told: SinglePass, count: Count) -> None:
    """A pane that is said to be complete holds every event; no pane holds more than there were.

    What was lost before the first block is not known to anybody.
    """
    expected, found = count.with_events(), told.counts()
    is_known = not any(told.first_blocks.values())
    for start, closed in told.panes.items():
        assert found[start]["", "events"] <= expected[start]["", "events"]
        if is_known and closed.scores[0].complete:
            assert found[start] == expected[start], start


def plain(profile: Profile) -> Counts:
    """A profile in the oracle's words, what is 0 left out."""
    pane = {("", "events"): profile.events}
    squares = profile.square_sums()
    for i, part in enumerate(profile.layout.parts):
        is_number = isinstance(part, NumberLayout)
        places = [f"bin {k}" for k in range(part.n_bins)] if is_number else PLACES
        for place, n in zip(places, profile.bins_of(i).tolist(), strict=True):
            pane[part.name, place] = n
        for place in ("missing", "invalid", "not_finite"):
            pane[part.name, place] = int(profile.view(place)[i])
        if is_number:
            pane[part.name, "sum"] = int(profile.view("sums")[i])
            pane[part.name, "squares"] = squares[i]
    return {key: n for key, n in pane.items() if n}
