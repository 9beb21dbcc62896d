"""What a server says it serves: every operation of its published OpenAPI documents.

Next: `requests.py`, which makes requests for them.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from kubern.testing.servers import RunningServer

Schemas = dict[str, Any]
_METHODS = ("get", "put", "post", "patch", "delete")
_DATA = Path(__file__).parents[1] / "data"
Kind = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class Operation:
    """One method of one path, with its query parameters, the schema of its body and its kind (api version, kind)."""

    method: str
    path: str
    action: str
    queries: tuple[str, ...]
    body: str | None
    kind: Kind | None

    @property
    def collection(self) -> str:
        """The resource's name in the path; empty for paths that serve none."""
        parts = [part for part in self.path.split("/")[1:] if part != "watch"]
        rest = parts[2:] if parts[0] == "api" else parts[3:]
        if rest[:2] == ["namespaces", "{namespace}"] and len(rest) > 2:
            rest = rest[2:]
        return rest[0] if rest else ""


@dataclasses.dataclass(frozen=True)
class Surface:
    """All operations, all schemas by name, and a filled and a minimal object of each kind by (api version, kind)."""

    operations: tuple[Operation, ...]
    schemas: Schemas
    filled: dict[Kind, Any]
    minimal: dict[Kind, Any]

    @cached_property
    def writes(self) -> tuple[Operation, ...]:
        """The operations that make and change objects, which are few among all."""
        return tuple(each for each in self.operations if each.action in ("post", "put", "patch", "delete"))

    @cached_property
    def schema_of(self) -> dict[Kind, str]:
        """The schema's name by (api version, kind)."""
        found = {}
        for name, schema in self.schemas.items():
            for kind in schema.get("x-kubernetes-group-version-kind", ()):
                found[_kind(kind)] = name
        return found


def objects_in(file: str) -> dict[Kind, Any]:
    """The objects of a data file by their kind.

    `filled-objects.json` has a value in every field, most of them not valid together; `minimal-objects.json` only what
    must be there.
    """
    return {(each["apiVersion"], each["kind"]): each for each in json.loads((_DATA / file).read_bytes())}


def read_surface(server: RunningServer) -> Surface:
    """Read what `server` publishes."""
    paths = server.request("GET", "/openapi/v3").json()["paths"]
    documents = [server.request("GET", entry["serverRelativeURL"]).json() for entry in paths.values()]
    schemas: Schemas = {}
    operations: list[Operation] = []
    for document in documents:
        schemas.update(document.get("components", {}).get("schemas", {}))
        operations += _operations(document)
    operations.sort(key=lambda operation: (operation.path, operation.method))
    return Surface(tuple(operations), schemas, objects_in("filled-objects.json"), objects_in("minimal-objects.json"))


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                yield _operation(path, method, item[method], item.get("parameters", []))


def _operation(path: str, method: str, described: dict[str, Any], shared: list[dict[str, Any]]) -> Operation:
    parameters = [*shared, *described.get("parameters", [])]
    queries = tuple(sorted({each["name"] for each in parameters if each["in"] == "query"}))
    media = described.get("requestBody", {}).get("content", {})
    reference = next((entry["schema"].get("$ref", "") for entry in media.values()), None)
    kind = described.get("x-kubernetes-group-version-kind")
    return Operation(
        method.upper(),
        path,
        described.get("x-kubernetes-action", "get"),
        queries,
        reference.rpartition("/")[2] if reference is not None else None,
        _kind(kind) if kind else None,
    )


def _kind(described: dict[str, str]) -> Kind:
    group, version = described["group"], described["version"]
    return (f"{group}/{version}" if group else version, described["kind"])
