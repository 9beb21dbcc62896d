#!/usr/bin/env python3
"""Write the schema data of the built-in kinds into the packages that serve them.

    scripts/build_schema_data.py DOCUMENTS

DOCUMENTS is a folder of OpenAPI v3 documents recorded from a kube-apiserver of the wanted minor version with
default feature gates: one JSON file per path below /openapi/v3, slashes written as `__` (`apis__apps__v1.json`).
What is kept are facts: types, formats, required fields, list and map types, patch strategies, enums, defaults and
group-version-kinds; no prose. `scripts/data/go_types.txt` adds what schemas do not tell about the Go types.

Each definition becomes one line `name<TAB>JSON` of a gzip file, so that a reader can find one definition without
parsing the others. Next: `core/src/kubern/apimachinery/schema/files.py`, which reads the files.
"""

from __future__ import annotations

import argparse
import gzip
import json
import pathlib
import re
import sys
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
GO_TYPES = ROOT / "scripts" / "data" / "go_types.txt"
FILE_NAME = "definitions.tsv.gz"

PACKAGES = {
    "io.k8s.api.": "",
    "io.k8s.apimachinery.pkg.apis.": "",
    "io.k8s.apimachinery.pkg.": "",
    "io.k8s.apiextensions-apiserver.pkg.apis.": "",
    "io.k8s.kube-aggregator.pkg.apis.": "",
}
CORE = ROOT / "core/src/kubern/apimachinery/schema/data"
KUBEAPI = ROOT / "plugins/kubeapi/src/kubern_kubeapi/schema/data"
APIEXTENSIONS = ROOT / "plugins/apiextensions/src/kubern_apiextensions/schema_data"
AGGREGATOR = ROOT / "plugins/aggregator/src/kubern_aggregator/schema_data"
IN_CORE = re.compile(r"io\.k8s\.apimachinery\.|io\.k8s\.api\.core\.v1\.Namespace|io\.k8s\.api\.autoscaling\.v1\.Scale")

GO_KEY = "x-kubern-go"
VARYING = frozenset({"x-kubernetes-group-version-kind"})
ENTRY = re.compile(r"(?P<field>[\w$-]+?)(?P<marks>[*!~^]*)(?P<type>(?:\[\]|\{\w*(?:\.\w+)?\}|:)[\w.]*)?")


def home(name: str) -> pathlib.Path:
    """The data folder that a definition belongs to."""
    if IN_CORE.match(name):
        return CORE
    if name.startswith("io.k8s.apiextensions-apiserver."):
        return APIEXTENSIONS
    if name.startswith("io.k8s.kube-aggregator."):
        return AGGREGATOR
    return KUBEAPI


def short_name(name: str) -> str:
    """`core.v1.Pod` of `io.k8s.api.core.v1.Pod`."""
    return next((name.removeprefix(prefix) for prefix in PACKAGES if name.startswith(prefix)), name)


def read_go_types() -> dict[str, dict[str, str]]:
    """definition's short name -> field -> marks and type, e.g. `*:PullPolicy`."""
    facts: dict[str, dict[str, str]] = {}
    for line in GO_TYPES.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, *entries = line.split(" ")
        facts[name] = {}
        for entry in entries:
            match = ENTRY.fullmatch(entry)
            if match is None:
                sys.exit(f"{GO_TYPES.name}: {name}: cannot read {entry!r}")
            facts[name][match["field"]] = match["marks"] + (match["type"] or "")
    return facts


def without_prose(node: Any) -> Any:
    """A schema without descriptions (properties called `description` stay)."""
    if isinstance(node, list):
        return [without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    out: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            out[key] = {name: without_prose(schema) for name, schema in value.items()}
        elif key == "default":
            out[key] = value
        elif not (key == "description" and isinstance(value, str)):
            out[key] = without_prose(value)
    return out


def read_definitions(folder: pathlib.Path) -> dict[str, dict[str, Any]]:
    """All definitions of the documents; those whose kinds vary by document lose their group-version-kinds."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        schemas = json.loads(path.read_text()).get("components", {}).get("schemas", {})
        for name, schema in schemas.items():
            bare = without_prose(schema)
            if name in found and found[name] != bare:
                bare = {key: value for key, value in bare.items() if key not in VARYING}
                if {k: v for k, v in found[name].items() if k not in VARYING} != bare:
                    sys.exit(f"{path.name}: {name} differs from the other documents' definition")
            found[name] = bare
    return found


def add_go_types(definitions: dict[str, dict[str, Any]]) -> None:
    facts = read_go_types()
    names = {short_name(name): name for name in definitions}
    for short in facts.keys() - names.keys():
        sys.exit(f"{GO_TYPES.name}: no definition is called {short}")
    for short, name in names.items():
        own = facts.get(short, {})
        for field in own.keys() - definitions[name].get("properties", {}).keys():
            sys.exit(f"{GO_TYPES.name}: {short} has no field {field!r}")
        definitions[name][GO_KEY] = own


def write(folder: pathlib.Path, definitions: dict[str, dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{name}\t{json.dumps(schema, sort_keys=True, separators=(',', ':'))}\n"
        for name, schema in sorted(definitions.items())
    ]
    data = gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0)
    (folder / FILE_NAME).write_bytes(data)
    print(f"{folder.relative_to(ROOT)}/{FILE_NAME}: {len(definitions)} definitions, {len(data)} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=pathlib.Path, help="folder of recorded OpenAPI v3 documents")
    definitions = read_definitions(parser.parse_args().documents)
    add_go_types(definitions)
    by_folder: dict[pathlib.Path, dict[str, dict[str, Any]]] = {}
    for name, schema in definitions.items():
        by_folder.setdefault(home(name), {})[name] = schema
    for folder, part in by_folder.items():
        write(folder, part)


if __name__ == "__main__":
    main()
