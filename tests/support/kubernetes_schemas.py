"""Writes the JSON Schemas of Kubernetes' objects: ``python -m tests.support.kubernetes_schemas``.

They come from the projects' own Go modules (Apache-2.0), fetched by the Go client, and are cut down
to the kinds that the chart makes: without descriptions, and refusing unknown fields.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

OUT = Path(__file__).parents[1] / "deploy" / "kubernetes" / "schemas.json"
KUBERNETES = "k8s.io/kubernetes@v1.34.2"
OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.94.0"
KEDA = "github.com/kedacore/keda/v2@v2.17.0"
KINDS = {
    "v1/ConfigMap": "io.k8s.api.core.v1.ConfigMap",
    "v1/Service": "io.k8s.api.core.v1.Service",
    "v1/ServiceAccount": "io.k8s.api.core.v1.ServiceAccount",
    "apps/v1/Deployment": "io.k8s.api.apps.v1.Deployment",
    "apps/v1/StatefulSet": "io.k8s.api.apps.v1.StatefulSet",
    "policy/v1/PodDisruptionBudget": "io.k8s.api.policy.v1.PodDisruptionBudget",
    "networking.k8s.io/v1/NetworkPolicy": "io.k8s.api.networking.v1.NetworkPolicy",
}
CUSTOM = {
    OPERATOR: ("example/prometheus-operator-crd", ("servicemonitors", "prometheusrules")),
    KEDA: ("config/crd/bases", ("scaledobjects",)),
}


def module(name: str) -> Path:
    """Where the Go client keeps a module, fetched if need be."""
    done = subprocess.run(
        ["go", "mod", "download", "-json", name], capture_output=True, text=True, check=True
    )
    return Path(json.loads(done.stdout)["Dir"])


def closed(schema: Any) -> Any:
    """The schema without what only people read, and without room for unknown fields."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "int-or-string" or schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    kept = {
        key: {name: closed(each) for name, each in value.items()}
        if key == "properties"
        else closed(value)
        for key, value in schema.items()
        if not key.startswith("x-") and key not in {"description", "default", "format", "example"}
    }
    is_open = schema.get("x-kubernetes-preserve-unknown-fields") or "properties" not in schema
    return kept if is_open else {"additionalProperties": False, **kept}


def references(schema: Any) -> Iterator[str]:
    """The names of the definitions that it uses."""
    if isinstance(schema, dict):
        if isinstance(name := schema.get("$ref"), str):
            yield name.rpartition("/")[2]
        for each in schema.values():
            yield from references(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from references(each)


def own_kinds() -> tuple[dict[str, Any], dict[str, Any]]:
    """Kubernetes' own kinds, and the definitions they need."""
    path = module(KUBERNETES) / "api" / "openapi-spec" / "swagger.json"
    known = json.loads(path.read_text())["definitions"]
    definitions: dict[str, Any] = {}
    wanted = list(KINDS.values())
    while wanted:
        name = wanted.pop()
        if name not in definitions:
            definitions[name] = closed(known[name])
            wanted += references(definitions[name])
    return {kind: {"$ref": f"#/definitions/{name}"} for kind, name in KINDS.items()}, definitions


def custom_kinds() -> Iterator[tuple[str, Any]]:
    """Kinds that operators bring."""
    for name, (folder, plurals) in CUSTOM.items():
        for plural in plurals:
            [path] = (module(name) / folder).glob(f"*_{plural}.yaml")
            spec = yaml.safe_load(path.read_text())["spec"]
            for version in spec["versions"]:
                kind = f"{spec['group']}/{version['name']}/{spec['names']['kind']}"
                yield kind, closed(version["schema"]["openAPIV3Schema"])


def main() -> None:
    """Write them."""
    kinds, definitions = own_kinds()
    kinds |= dict(custom_kinds())
    OUT.parent.mkdir(parents=True, exist_ok=True)
    document = {"kinds": kinds, "definitions": definitions}
    OUT.write_text(json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
