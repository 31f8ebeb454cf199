"""Writes all of Grafana's files: ``python -m deploy.grafana.generate``.

Dashboards go from all monitors to one, to one feature, to the service itself. Alert rules are those
of ``deploy/prometheus``, for a Grafana that evaluates rules itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from grafana_foundation_sdk.builders import (
    bargauge,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.builders.common import VizLegendOptions
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import DataSourceRef, LegendDisplayMode
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    GridPos,
    Threshold,
    ThresholdsConfig,
    ThresholdsMode,
    VariableRefresh,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

HERE = Path(__file__).parent
DASHBOARDS = HERE / "dashboards"
ALERTING = HERE / "provisioning" / "alerting" / "stream-drift.yaml"
RULES = HERE.parent / "prometheus"
SOURCE = DataSourceRef("prometheus", "${datasource}")
SOURCE_UID = "stream-drift-prometheus"
TAG = "stream-drift"
COLUMNS = 24
BUILDERS: dict[str, Any] = {
    "lines": timeseries.Panel,
    "number": stat.Panel,
    "bars": bargauge.Panel,
    "states": statetimeline.Panel,
    "table": table.Panel,
}
AT_INSTANT = {"number", "bars", "table"}

M, F = '{monitor=~"$monitor"}', '{monitor=~"$monitor", feature="$feature"}'


@dataclass(frozen=True)
class Panel:
    """A panel: what it shows, as PromQL; ``limit`` turns it red."""

    title: str
    kind: str
    expr: str
    legend: str
    unit: str = "short"
    width: int = 12
    height: int = 8
    limit: float | None = None
    text: str = ""
    link: str | None = None


@dataclass(frozen=True)
class Page:
    """A dashboard; ``variables`` are names with the query that fills them."""

    uid: str
    title: str
    text: str
    variables: Sequence[tuple[str, str]]
    panels: Sequence[Panel]


MONITOR = ("monitor", "label_values(streamdrift_monitor_info, monitor)")
FEATURE = ("feature", 'label_values(streamdrift_score{monitor=~"$monitor", feature!=""}, feature)')
TO_MONITOR = "/d/stream-drift-monitor?var-monitor=${__field.labels.monitor}&${__url_time_range}"
TO_FEATURE = (
    "/d/stream-drift-feature?var-monitor=${__field.labels.monitor}"
    "&var-feature=${__field.labels.feature}&${__url_time_range}"
)


def scores(names: str) -> str:
    """Selects scores of the chosen feature in all windows but the single pane."""
    return (
        f'max by (score, window) (streamdrift_score{{monitor=~"$monitor", feature="$feature", '
        f'score=~"{names}", window!="pane"}})'
    )


OVERVIEW = Page(
    "stream-drift-overview",
    "stream-drift / Overview",
    "All monitors: which drift, which are blind.",
    (),
    (
        Panel(
            "Open incidents",
            "number",
            "sum(streamdrift_incidents_open) or vector(0)",
            "",
            width=6,
            height=4,
            limit=1,
        ),
        Panel(
            "Monitors",
            "number",
            "count(count by (monitor) (streamdrift_monitor_info))",
            "",
            width=6,
            height=4,
        ),
        Panel(
            "Armed monitors",
            "number",
            'sum(max by (monitor) (streamdrift_baseline_state{state="armed"}))',
            "",
            width=6,
            height=4,
            text="Only these keep the promised budget of false incidents.",
        ),
        Panel(
            "Events",
            "number",
            "sum(monitor:streamdrift_events:rate15m)",
            "",
            "eps",
            width=6,
            height=4,
        ),
        Panel(
            "Incidents",
            "table",
            "sum by (monitor, policy, severity) (streamdrift_incidents_open)",
            "{{monitor}}",
            text="`stream-drift incidents show` tells features, onset and size.",
        ),
        Panel(
            "Evidence, as a share of what opens an incident",
            "lines",
            "monitor:streamdrift_evidence_ratio:max",
            "{{monitor}}",
            "percentunit",
            limit=1,
            link=TO_MONITOR,
        ),
        Panel(
            "Features furthest from the reference (psi in every window)",
            "bars",
            "topk(15, monitor_feature:streamdrift_psi:min)",
            "{{monitor}} · {{feature}}",
            limit=0.2,
            link=TO_FEATURE,
        ),
        Panel(
            "How far behind the clock is each monitor",
            "lines",
            "time() - max by (monitor) (streamdrift_watermark_timestamp_seconds)",
            "{{monitor}}",
            "s",
            link=TO_MONITOR,
        ),
        Panel(
            "State of the baselines",
            "states",
            "max by (monitor, state) (streamdrift_baseline_state)",
            "{{monitor}} {{state}}",
        ),
        Panel(
            "Age of the references",
            "bars",
            "time() - max by (monitor) (streamdrift_reference_created_timestamp_seconds)",
            "{{monitor}}",
            "s",
            limit=180 * 86400,
            link=TO_MONITOR,
        ),
    ),
)

ONE_MONITOR = Page(
    "stream-drift-monitor",
    "stream-drift / Monitor",
    "One model: evidence, its features, its input.",
    (MONITOR,),
    (
        Panel(
            "Open incidents",
            "number",
            f"sum(streamdrift_incidents_open{M}) or vector(0)",
            "",
            width=6,
            height=4,
            limit=1,
        ),
        Panel(
            "Model version",
            "table",
            f"max by (monitor, model_version, reference) (streamdrift_monitor_info{M})",
            "",
            width=12,
            height=4,
        ),
        Panel(
            "Baseline for",
            "number",
            f"time() - max(streamdrift_baseline_since_timestamp_seconds{M})",
            "",
            "s",
            width=6,
            height=4,
        ),
        Panel(
            "Evidence by feature, as a share of what opens an incident",
            "lines",
            "topk(10, max by (monitor, feature) "
            '(streamdrift_evidence_ratio{monitor=~"$monitor", feature!=""}))',
            "{{feature}}",
            "percentunit",
            link=TO_FEATURE,
        ),
        Panel(
            "Evidence of all together",
            "lines",
            f"monitor:streamdrift_evidence_ratio:max{M}",
            "{{monitor}}",
            "percentunit",
            limit=1,
        ),
        Panel(
            "psi by feature (in every window)",
            "lines",
            f"monitor_feature:streamdrift_psi:min{M}",
            "{{feature}}",
            limit=0.2,
            link=TO_FEATURE,
        ),
        Panel(
            "Mean shift by feature, in sd of the reference",
            "lines",
            "max by (monitor, feature, window) (streamdrift_score"
            '{monitor=~"$monitor", score="mean_shift", window!="pane"})',
            "{{feature}} {{window}}",
            link=TO_FEATURE,
        ),
        Panel(
            "Missing, invalid, new and out-of-range values",
            "lines",
            'topk(10, max by (monitor, feature, score) (streamdrift_score{monitor=~"$monitor", '
            'score=~"missing|invalid|not_finite|new|out_of_range", window!="pane"}))',
            "{{feature}} {{score}}",
            "percentunit",
            link=TO_FEATURE,
        ),
        Panel(
            "Performance, where labels come",
            "lines",
            'max by (score) (streamdrift_score{monitor=~"$monitor", feature="", window="pane", '
            'score=~"accuracy|precision|recall|f1|auc|log_loss|brier|mae|rmse|label_share"})',
            "{{score}}",
        ),
        Panel(
            "Events in the windows",
            "lines",
            f"max by (window) (streamdrift_window_events{M})",
            "{{window}}",
        ),
        Panel(
            "Events per second",
            "lines",
            f"sum by (topic) (rate(streamdrift_events_total{M}[5m]))",
            "{{topic}}",
            "eps",
        ),
        Panel(
            "Rejected events per second, by reason",
            "lines",
            f"sum by (reason) (rate(streamdrift_rejected_events_total{M}[5m]))",
            "{{reason}}",
            "eps",
        ),
        Panel(
            "Late events",
            "lines",
            f"monitor:streamdrift_late_events:ratio15m{M}",
            "{{monitor}}",
            "percentunit",
            limit=0.05,
        ),
        Panel(
            "A lasting shift of a mean would be found after",
            "lines",
            f"max by (shift) (streamdrift_expected_delay_seconds{M})",
            "{{shift}} sd",
            "s",
            text="At the present volume; nothing where it would take weeks.",
        ),
        Panel(
            "Age of the newest closed pane",
            "lines",
            f"time() - max by (monitor) (streamdrift_pane_closed_timestamp_seconds{M})",
            "{{monitor}}",
            "s",
        ),
    ),
)

ONE_FEATURE = Page(
    "stream-drift-feature",
    "stream-drift / Feature",
    "One feature against the reference, in every way that is published.",
    (MONITOR, FEATURE),
    (
        Panel("psi", "lines", scores("psi"), "{{window}}", limit=0.2),
        Panel(
            "Evidence, as a share of what opens an incident",
            "lines",
            f"max(streamdrift_evidence_ratio{F})",
            "$feature",
            "percentunit",
        ),
        Panel(
            "Mean shift and variance ratio (numbers)",
            "lines",
            scores("mean_shift|variance_ratio"),
            "{{score}} {{window}}",
        ),
        Panel(
            "Distances between the histograms",
            "lines",
            scores("js|hellinger|kl|cramers_v"),
            "{{score}} {{window}}",
        ),
        Panel(
            "Kolmogorov-Smirnov and Wasserstein (numbers)",
            "lines",
            scores("ks|wasserstein"),
            "{{score}} {{window}}",
        ),
        Panel("Chi-squared", "lines", scores("chi2"), "{{window}}"),
        Panel(
            "Shares of unusable and unusual values",
            "lines",
            scores("missing|invalid|not_finite|new|out_of_range"),
            "{{score}} {{window}}",
            "percentunit",
        ),
    ),
)

SERVICE = Page(
    "stream-drift-service",
    "stream-drift / Service",
    "The processes themselves.",
    (),
    (
        Panel("Processes", "number", "count(streamdrift_build_info)", "", width=6, height=4),
        Panel(
            "Roles that are not ready",
            "number",
            "count(streamdrift_process_ready == 0) or vector(0)",
            "",
            width=6,
            height=4,
            limit=1,
        ),
        Panel(
            "Versions",
            "table",
            "count by (version, python, librdkafka) (streamdrift_build_info)",
            "",
            height=4,
        ),
        Panel(
            "Readiness",
            "states",
            "max by (instance, role) (streamdrift_process_ready)",
            "{{instance}} {{role}}",
        ),
        Panel(
            "Lag, in records",
            "lines",
            "topic:streamdrift_consumer_lag_records:sum",
            "{{topic}}",
        ),
        Panel(
            "Lag, in seconds of work",
            "lines",
            "topic:streamdrift_consumer_lag:seconds",
            "{{topic}}",
            "s",
            limit=300,
        ),
        Panel(
            "Partitions by process",
            "lines",
            "sum by (instance, role) (streamdrift_partitions_assigned)",
            "{{instance}} {{role}}",
        ),
        Panel(
            "Rebalances per hour",
            "lines",
            "sum by (role) (increase(streamdrift_rebalances_total[1h]))",
            "{{role}}",
        ),
        Panel(
            "Panes closed per minute",
            "lines",
            "60 * sum by (monitor) (rate(streamdrift_panes_closed_total[5m]))",
            "{{monitor}}",
        ),
        Panel(
            "Age of the checkpoints",
            "lines",
            "time() - max by (monitor) (streamdrift_checkpoint_timestamp_seconds)",
            "{{monitor}}",
            "s",
            limit=900,
        ),
        Panel(
            "CPU",
            "lines",
            'rate(process_cpu_seconds_total{job="stream-drift"}[5m])',
            "{{instance}}",
            "percentunit",
        ),
        Panel(
            "Memory",
            "lines",
            'process_resident_memory_bytes{job="stream-drift"}',
            "{{instance}}",
            "bytes",
        ),
        Panel(
            "Age of the configuration that runs",
            "lines",
            "time() - max by (instance) (streamdrift_config_last_reload_success_timestamp_seconds)",
            "{{instance}}",
            "s",
        ),
        Panel(
            "Series left out because of http.max_features",
            "lines",
            "max by (monitor) (streamdrift_series_withheld)",
            "{{monitor}}",
        ),
    ),
)

PAGES = (OVERVIEW, ONE_MONITOR, ONE_FEATURE, SERVICE)


def build(page: Page) -> dashboard.Dashboard:
    """A page as Grafana's dashboard."""
    board = (
        dashboard.Dashboard(page.title)
        .uid(page.uid)
        .description(page.text)
        .tags([TAG])
        .refresh("30s")
        .time("now-1h", "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(
            dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus")
        )
        .link(
            dashboard.DashboardLink("stream-drift")
            .type(DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .keep_time(True)
            .include_vars(True)
        )
        .annotation(incidents(page))
    )
    for name, query in page.variables:
        board.with_variable(variable(name, query))
    for panel, position in placed(page.panels):
        board.with_panel(drawn(panel).grid_pos(position))
    return board


def variable(name: str, query: str) -> dashboard.QueryVariable:
    """A choice that Prometheus fills."""
    return (
        dashboard.QueryVariable(name)
        .label(name.capitalize())
        .datasource(SOURCE)
        .query(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    )


def incidents(page: Page) -> dashboard.AnnotationQuery:
    """Shades the time in which incidents were open."""
    which = M if MONITOR in page.variables else ""
    return (
        dashboard.AnnotationQuery()
        .name("Incidents")
        .datasource(SOURCE)
        .enable(True)
        .icon_color("red")
        .expr(f"max by (monitor, policy, severity) (streamdrift_incidents_open{which}) > 0")
        .step("30s")
        .title_format("{{monitor}}: {{policy}}")
        .text_format("{{severity}}")
    )


def placed(panels: Sequence[Panel]) -> Iterator[tuple[Panel, GridPos]]:
    """From left to right, row by row."""
    x = y = deepest = 0
    for panel in panels:
        if x + panel.width > COLUMNS:
            x, y, deepest = 0, y + deepest, 0
        yield panel, GridPos(h=panel.height, w=panel.width, x=x, y=y)
        x, deepest = x + panel.width, max(deepest, panel.height)


def drawn(panel: Panel) -> Any:
    """A panel with its query; the builders share these methods and no common type."""
    query = prometheus.Dataquery().ref_id("A").expr(panel.expr).datasource(SOURCE)
    if panel.legend:
        query.legend_format(panel.legend)
    if panel.kind == "table":
        query.format(PromQueryFormat.TABLE)
    if panel.kind in AT_INSTANT:
        query.instant()
    built: Any = BUILDERS[panel.kind]()
    built.title(panel.title).unit(panel.unit).datasource(SOURCE).with_target(query)
    if panel.kind == "lines":
        built.legend(
            VizLegendOptions().show_legend(show_legend=True).display_mode(LegendDisplayMode.LIST)
        )
    if panel.text:
        built.description(panel.text)
    steps = [Threshold(None, "green")]
    if panel.limit is not None:
        steps.append(Threshold(panel.limit, "red"))
    built.thresholds(Steps(steps))
    if panel.link is not None:
        built.data_links([dashboard.DashboardLink("Look closer").url(panel.link)])
    return built


class Steps:
    """Thresholds, as the SDK wants them: something that builds."""

    def __init__(self, steps: list[Threshold]) -> None:
        self._steps = steps

    def build(self) -> ThresholdsConfig:
        """The finished thresholds."""
        return ThresholdsConfig(ThresholdsMode.ABSOLUTE, self._steps)


def alert_group(path: Path) -> dict[str, Any]:
    """A file of Prometheus alert rules as a group of Grafana's file provisioning."""
    [group] = yaml.safe_load(path.read_text())["groups"]
    return {
        "orgId": 1,
        "name": group["name"],
        "folder": "stream-drift",
        "interval": "1m",
        "rules": [alert_rule(rule) for rule in group["rules"]],
    }


def alert_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """One rule: every series that the expression gives fires, whatever its value."""
    return {
        "uid": "sd-" + re.sub(r"(?<!^)(?=[A-Z])", "-", rule["alert"]).lower(),
        "title": rule["alert"],
        "condition": "B",
        "data": [
            {
                "refId": "A",
                "relativeTimeRange": {"from": 600, "to": 0},
                "datasourceUid": SOURCE_UID,
                "model": {"refId": "A", "expr": rule["expr"].strip(), "instant": True},
            },
            {
                "refId": "B",
                "datasourceUid": "__expr__",
                "model": {
                    "refId": "B",
                    "type": "threshold",
                    "expression": "A",
                    "conditions": [{"evaluator": {"type": "gt", "params": [-1]}}],
                },
            },
        ],
        "noDataState": "OK",
        "execErrState": "Error",
        "for": rule.get("for", "0s"),
        "keepFiringFor": rule.get("keep_firing_for", "0s"),
        # In labels Grafana's provisioning would take a single $ for a variable of its own.
        "labels": {key: text.replace("$", "$$") for key, text in rule["labels"].items()},
        "annotations": {
            key: text.replace("$value", "$values.A.Value")
            for key, text in rule["annotations"].items()
        },
    }


def files() -> dict[Path, str]:
    """Every generated file with its content."""
    found = {
        DASHBOARDS / f"{page.uid.removeprefix('stream-drift-')}.json": JSONEncoder(
            sort_keys=True, indent=2
        ).encode(build(page).build())
        + "\n"
        for page in PAGES
    }
    groups = [alert_group(RULES / f"{name}-alerts.yml") for name in ("service", "drift")]
    text = yaml.safe_dump({"apiVersion": 1, "groups": groups}, sort_keys=False, width=100)
    note = "# Written by deploy/grafana/generate.py from deploy/prometheus.\n"
    return {**found, ALERTING: note + text}


def main() -> None:
    """Write them."""
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
