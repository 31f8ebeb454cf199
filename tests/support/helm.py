"""Charts and plain manifests, rendered by the real programs and judged by Kubernetes' schemas."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

from tests.support.deploy import DEPLOY, ROOT
from tests.support.kubernetes_schemas import OUT

HELM = ROOT / ".cache" / "go" / "bin" / "helm"
CHART = DEPLOY / "helm" / "stream-drift"
KUBERNETES = "1.34.2"

Object = dict[str, Any]


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Helm, offline."""
    if not HELM.exists():
        message = "helm is missing; `make tools` builds it"
        raise FileNotFoundError(message)
    return subprocess.run(
        [HELM, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def rendered(*arguments: str) -> list[Object]:
    """The chart's objects for some values."""
    versions = [f"--kube-version={KUBERNETES}"]
    done = helm("template", "release", str(CHART), "--namespace=ml", *versions, *arguments)
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def kustomized(folder: Path) -> list[Object]:
    """The objects of a Kustomize folder."""
    done = subprocess.run(
        ["kubectl", "kustomize", folder], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]


@cache
def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(OUT.read_text())
    return found


def complaints(thing: Object) -> list[str]:
    """What Kubernetes' schema of its kind says against an object."""
    schemas = _schemas()
    kind = f"{thing['apiVersion']}/{thing['kind']}"
    schema = {"$ref": f"#/kinds/{kind.replace('/', '~1')}", **schemas}
    return [
        f"{error.json_path}: {error.message}"
        for error in Draft7Validator(schema).iter_errors(thing)
    ]


def of_kind(objects: list[Object], *kinds: str) -> list[Object]:
    """The objects of some kinds."""
    return [each for each in objects if each["kind"] in kinds]


def container(workload: Object) -> Object:
    """The only container of a Deployment or StatefulSet."""
    [found] = workload["spec"]["template"]["spec"]["containers"]
    only: Object = found
    return only
