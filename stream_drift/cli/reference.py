"""``stream-drift reference``: the snapshot that live data is compared with."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TypedDict, Unpack

import click
import msgspec

from stream_drift.cli.options import config_option, output_option
from stream_drift.cli.progress import progress_bar
from stream_drift.cli.reference_diff import compare, print_comparison
from stream_drift.cli.reference_figures import print_figures, reference_figures
from stream_drift.config.load import load_settings
from stream_drift.config.settings import MonitorSettings, Settings
from stream_drift.errors import ReferenceFileError, UsageError
from stream_drift.incidents.alert import iso, round_floats
from stream_drift.past.source import Source, file_source
from stream_drift.profiles.layout import Layout
from stream_drift.reference.build import Reference, build_reference
from stream_drift.runtime import clock
from stream_drift.runtime.reference_file import read_reference, write_reference

_file = click.Path(path_type=Path, dir_okay=False)
_monitor = click.option("--monitor", help="Whose reference, where there are several monitors.")


class Where(TypedDict):
    """Where the events are: a file, a topic, or what an incident is about."""

    path: Path | None
    topic: str | None
    since: str | None
    until: str | None
    incident: str | None


@click.group()
def reference() -> None:
    """Build, show and compare reference snapshots.

    A reference says how every feature looked in the data that the model was accepted on.
    """


@reference.command()
@config_option
@_monitor
@click.option("--from", "path", type=_file, help="JSONL, CSV (both also with .gz) or Parquet.")
@click.option("--topic", is_flag=False, flag_value="", help="Read this topic, or the only input.")
@click.option("--since", help="Of a topic, only records from then on: a date, a time, or 14d.")
@click.option("--until", help="Of a topic, only records before that.")
@click.option("--from-window", "incident", help="Read what an incident is about: the new normal.")
@click.option("--out", type=_file, help="Where to write it, if not to the configured place.")
@click.option("--edges-from", type=_file, help="Keep the bins of this reference: baselines go on.")
def build(
    config: Path,
    monitor: str | None,
    out: Path | None,
    edges_from: Path | None,
    **where: Unpack[Where],
) -> None:
    """Build a reference from a file, a stretch of a topic, or what an incident is about."""
    _check_where(where)
    settings = load_settings(config)
    watch = _chosen(settings, monitor)
    if where["incident"] is not None:
        from stream_drift.past.window import window_source

        with progress_bar("export") as tell:
            source = window_source(settings, watch, where["incident"], tell)
    elif where["path"] is not None:
        source = file_source(watch, where["path"])
    else:
        from stream_drift.past.topic import topic_source

        source = topic_source(settings, watch, where["topic"] or "", where["since"], where["until"])
    old = read_reference(edges_from).layout if edges_from else None
    built = _build(watch, source, old)
    place = out or watch.reference
    replaced = _present(place)
    write_reference(place, built)
    if replaced is not None and replaced != built.id:
        click.echo(f"replaced reference {replaced}, which was at {place}", err=True)
    _warn(source, built)
    click.echo(
        f"wrote {place}: reference {built.id}, {built.n:,} events, "
        f"{built.layout.n_features} features"
    )


def _check_where(where: Where) -> None:
    if sum(where[key] is not None for key in ("path", "topic", "incident")) != 1:
        message = (
            "say where the events are: one of --from FILE, --topic [TOPIC], --from-window INCIDENT"
        )
        raise UsageError(message)
    if where["topic"] is None and (where["since"] or where["until"]):
        message = "--since and --until need --topic: a file is taken as a whole"
        raise UsageError(message)


def _present(place: Path) -> str | None:
    """The id of the reference that is there now, if one is."""
    try:
        return read_reference(place).id
    except ReferenceFileError:
        return None


def _chosen(settings: Settings, name: str | None) -> MonitorSettings:
    names = [monitor.name for monitor in settings.monitors]
    if name is None and len(names) > 1:
        message = f"say whose reference, --monitor NAME: {', '.join(names)}"
        raise UsageError(message)
    chosen = settings.monitor(name or names[0])
    if chosen is None:
        message = f"--monitor: there is no {name!r}; there is {', '.join(names)}"
        raise UsageError(message)
    return chosen


def _build(watch: MonitorSettings, source: Source, old: Layout | None) -> Reference:
    created_at = iso(clock.now_ms() // 1000 * 1000)
    with progress_bar(source.name) as tell:
        events = list(source.columns(tell))
    build = partial(
        build_reference,
        source.mapping,
        events,
        pane_ms=watch.pane_ms,
        created_at=created_at,
        joint=watch.joint_features,
        keep_rows=watch.privacy != "strict",
    )
    built = build()
    return built if old is None else build(layout=_keep_bins(old, built.layout))


def _keep_bins(old: Layout, new: Layout) -> Layout:
    """The old bins of every feature that is still of its type."""
    numbers = {part.name: part for part in old.numbers}
    categories = {part.name: part for part in old.categories}
    return Layout(
        tuple(numbers.get(part.name, part) for part in new.numbers),
        tuple(categories.get(part.name, part) for part in new.categories),
        new.pane_ms,
    )


def _warn(source: Source, built: Reference) -> None:
    """Say on stderr what is missing from the reference."""
    if source.rejected:
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in sorted(source.rejected.items()))
        click.echo(f"left out, because they cannot be used: {reasons}", err=True)
    usable = built.profile.usable().tolist()
    for name, n in zip(built.layout.names, usable, strict=True):
        if not n:
            click.echo(f"feature {name!r} has no usable value in {source.name}", err=True)


@reference.command()
@click.argument("file", type=_file, required=False)
@config_option
@_monitor
@output_option
def show(file: Path | None, config: Path, monitor: str | None, output: str) -> None:
    """Show what a reference holds: FILE, or the one of the configuration."""
    place = file or _chosen(load_settings(config), monitor).reference
    figures = reference_figures(read_reference(place))
    if output == "json":
        click.echo(msgspec.json.encode(round_floats(figures)))
    else:
        print_figures(figures)


@reference.command()
@click.argument("old", type=_file)
@click.argument("new", type=_file)
@output_option
def diff(old: Path, new: Path, output: str) -> None:
    """Score the reference NEW against the reference OLD, feature by feature."""
    found = compare(read_reference(old), read_reference(new))
    if output == "json":
        click.echo(msgspec.json.encode(round_floats(msgspec.to_builtins(found))))
    else:
        print_comparison(found)
