"""Plain manifests, as `kubectl apply -k` would send them."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream_drift.config.load import load_settings
from tests.support.deploy import DEPLOY
from tests.support.helm import complaints, container, kustomized, of_kind, rendered

FOLDERS = [DEPLOY / "kustomize" / name for name in ("base", "split")]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_objects_are_valid_and_meet_each_other(folder: Path) -> None:
    found = kustomized(folder)
    assert {each["metadata"]["name"]: why for each in found if (why := complaints(each))} == {}
    names = [(each["kind"], each["metadata"]["name"]) for each in found]
    assert len(set(names)) == len(names)
    configs = {each["metadata"]["name"] for each in of_kind(found, "ConfigMap")}
    for workload in of_kind(found, "Deployment"):
        pod = workload["spec"]["template"]
        chosen = workload["spec"]["selector"]["matchLabels"]
        assert pod["metadata"]["labels"] | chosen == pod["metadata"]["labels"]
        volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
        assert volumes["config"]["configMap"]["name"] in configs


def test_roles_are_split_without_a_rest() -> None:
    workloads = of_kind(kustomized(FOLDERS[1]), "Deployment")
    assert sorted(container(each)["args"][-1] for each in workloads) == [
        "--role=detect",
        "--role=profile",
    ]
    selectors = [each["spec"]["selector"]["matchLabels"] for each in workloads]
    assert selectors[0] != selectors[1]


def test_pod_is_the_chart_s() -> None:
    [plain] = of_kind(kustomized(FOLDERS[0]), "Deployment")
    [chart] = of_kind(rendered(), "Deployment")
    for key in ("image", "args", "ports", "resources", "securityContext"):
        assert container(plain)[key] == container(chart)[key]
    for key in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container(plain)[key] == container(chart)[key]
    assert plain["spec"]["strategy"] == chart["spec"]["strategy"]


def test_configuration_is_valid() -> None:
    [monitor] = load_settings(FOLDERS[0] / "stream-drift.yaml").monitors
    assert monitor.reference == FOLDERS[0] / "references" / "example.json"
