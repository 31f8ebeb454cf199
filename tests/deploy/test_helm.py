"""The chart, in six sets of values: valid for Kubernetes, and what the service needs."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from stream_drift.cli.run import run
from stream_drift.config.load import load_settings
from tests.support.deploy import DEPLOY, RULE_FILES, load_yaml
from tests.support.helm import (
    CHART,
    Object,
    complaints,
    container,
    helm,
    of_kind,
    rendered,
)
from tests.support.promtool import check_rules

SETS = sorted((Path(__file__).parent / "values").glob("*.yaml"))
WORKLOADS = ("Deployment", "StatefulSet")
SECURE = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}

each_set = pytest.mark.parametrize("values", SETS, ids=lambda path: path.stem)


def objects(name: str, *more: str) -> list[Object]:
    return rendered("-f", str(Path(__file__).parent / "values" / f"{name}.yaml"), *more)


def test_chart_passes_lint() -> None:
    for values in SETS:
        done = helm("lint", "--strict", str(CHART), "-f", str(values))
        assert done.returncode == 0, done.stdout


@each_set
def test_objects_are_valid_for_kubernetes(values: Path) -> None:
    found = rendered("-f", str(values))
    assert {each["metadata"]["name"]: why for each in found if (why := complaints(each))} == {}
    names = [(each["kind"], each["metadata"]["name"]) for each in found]
    assert len(set(names)) == len(names)


def test_schema_would_find_a_typing_error() -> None:
    [workload] = of_kind(objects("defaults"), "Deployment")
    workload["spec"]["replicaz"] = 3
    container(workload)["ports"][0]["containerPort"] = "http"
    assert len(complaints(workload)) == 2


@each_set
def test_selectors_meet_their_pods(values: Path) -> None:
    found = rendered("-f", str(values))
    pods = [each["spec"]["template"]["metadata"]["labels"] for each in of_kind(found, *WORKLOADS)]
    selectors = [each["spec"]["selector"]["matchLabels"] for each in of_kind(found, *WORKLOADS)]
    assert [pod | chosen for pod, chosen in zip(pods, selectors, strict=True)] == pods
    [service] = of_kind(found, "Service")
    assert all(pod | service["spec"]["selector"] == pod for pod in pods)
    for monitor in of_kind(found, "ServiceMonitor"):
        assert (
            monitor["spec"]["selector"]["matchLabels"].items()
            <= service["metadata"]["labels"].items()
        )
    for scaled in of_kind(found, "ScaledObject"):
        target = scaled["spec"]["scaleTargetRef"]
        [workload] = [
            e for e in of_kind(found, target["kind"]) if e["metadata"]["name"] == target["name"]
        ]
        assert "replicas" not in workload["spec"]


@each_set
def test_pods_are_restrained_and_end_gracefully(values: Path) -> None:
    for workload in of_kind(rendered("-f", str(values)), *WORKLOADS):
        pod, only = workload["spec"]["template"]["spec"], container(workload)
        assert only["securityContext"] == SECURE
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["terminationGracePeriodSeconds"] > 25
        assert "memory" in only["resources"]["requests"]
        paths = {only[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness")}
        assert paths == {"/-/healthy"}
        assert only["readinessProbe"]["httpGet"]["path"] == "/-/ready"


@each_set
def test_arguments_are_those_of_the_program(values: Path, tmp_path: Path) -> None:
    config = tmp_path / "stream-drift.yaml"
    config.touch()
    for workload in of_kind(rendered("-f", str(values)), *WORKLOADS):
        command, *arguments = container(workload)["args"]
        assert command == "run"
        here = [each.replace("/etc/stream-drift/", f"{tmp_path}/") for each in arguments]
        parsed = run.make_context("run", here).params
        role = workload["metadata"]["labels"]["app.kubernetes.io/component"]
        assert parsed["roles"] == (() if role == "all" else (role,))


def test_configuration_and_variables_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = objects("static")
    [config] = of_kind(found, "ConfigMap")
    path = tmp_path / "stream-drift.yaml"
    path.write_text(config["data"]["stream-drift.yaml"])
    [workload] = of_kind(found, "StatefulSet")
    for variable in container(workload)["env"]:
        monkeypatch.setenv(variable["name"], variable.get("value", "drift-all-0"))
    settings = load_settings(path)
    assert settings.http.address == "0.0.0.0"  # noqa: S104  # a pod's own
    assert settings.kafka["group.instance.id"] == "$(POD_NAME)"


def test_pods_restart_when_the_configuration_changes() -> None:
    def checksum(*more: str) -> str:
        [workload] = of_kind(objects("defaults", *more), "Deployment")
        annotations: dict[str, str] = workload["spec"]["template"]["metadata"]["annotations"]
        return annotations["checksum/config"]

    assert checksum() == checksum("--set", "service.port=8080")
    assert checksum() != checksum("--set", "config=name: other")


def test_rules_are_the_tested_ones_and_those_of_the_owner(tmp_path: Path) -> None:
    [owned] = of_kind(objects("watched"), "PrometheusRule")
    [watching] = of_kind(objects("brought"), "PrometheusRule")
    wanted = {group["name"] for path in RULE_FILES for group in load_yaml(path)["groups"]}
    assert {group["name"] for group in owned["spec"]["groups"]} == wanted
    names = {group["name"] for group in watching["spec"]["groups"]}
    assert wanted - names == {"stream-drift-drift"}
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump(owned["spec"]))
    check_rules(path)
    alerts = [
        rule for group in owned["spec"]["groups"] for rule in group["rules"] if "alert" in rule
    ]
    for rule in alerts:
        assert (
            rule["annotations"]["runbook_url"] == f"https://runbooks.example/drift/{rule['alert']}"
        )


def test_dashboards_are_those_of_grafana() -> None:
    maps = [
        e for e in of_kind(objects("watched"), "ConfigMap") if "dashboard" in e["metadata"]["name"]
    ]
    found = {text for each in maps for text in each["data"].values()}
    assert found == {path.read_text() for path in (DEPLOY / "grafana" / "dashboards").iterdir()}
    assert all(each["metadata"]["labels"]["grafana_dashboard"] == "1" for each in maps)


def test_secrets_are_mounted_and_never_written() -> None:
    [workload] = of_kind(objects("secured"), "Deployment")
    only = container(workload)
    assert only["envFrom"] == [{"secretRef": {"name": "kafka-password"}}]
    mounts = {mount["mountPath"]: mount["name"] for mount in only["volumeMounts"]}
    volumes = {v["name"]: v for v in workload["spec"]["template"]["spec"]["volumes"]}
    assert volumes[mounts["/etc/stream-drift/tls"]]["secret"] == {"secretName": "kafka-tls"}
    assert of_kind(objects("secured"), "Secret", "ServiceAccount", "PodDisruptionBudget") == []


@pytest.mark.parametrize(
    "wrong",
    [
        "mode=three",
        "image.tagg=1",
        "service.port=0",
        "terminationGracePeriodSeconds=5",
        "splitRoles={profile,profile}",
        "prometheusRule.runbookBaseUrl=runbooks",
    ],
)
def test_wrong_values_are_refused(wrong: str) -> None:
    done = helm("template", "release", str(CHART), "--kube-version=1.34.0", "--set", wrong)
    assert done.returncode != 0
    assert "values don't meet the specifications" in done.stderr
