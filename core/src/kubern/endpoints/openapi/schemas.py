"""The definitions that a document's operations use, and all that those use in turn.

Next: `models.py` for inline schemas, `service.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery.schema.files import meta_file
from kubern.apimachinery.schema.gotype import GO_KEY
from kubern.endpoints.openapi.models import published_kind, published_list
from kubern.endpoints.openapi.operations import META, TEXT, Operation, ResourceOperations

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.apimachinery.schema.model import Schema

Object = dict[str, Any]
Describe = Callable[[str, Object], Object]
"""Adds texts to a definition, given its name."""
_EVERYWHERE: Final = (META + "DeleteOptions", META + "WatchEvent")


class Components:
    """Finds definitions by name among those of some resources, and apimachinery's."""

    def __init__(self, resources: Iterable[tuple[ResourceDefinition, str]]) -> None:
        self._resolvers: list[Callable[[str], Schema]] = []
        self._inline: dict[str, Object] = {}
        for definition, version in resources:
            found = definition.version(version)
            schema = found.schema() if found is not None and found.schema is not None else None
            if schema is not None and schema.name:
                if schema.resolve is not None and schema.resolve not in self._resolvers:
                    self._resolvers.append(schema.resolve)
                continue
            model = ResourceOperations(definition, version).model
            raw: Mapping[str, Any] = schema.raw if schema is not None else {}
            self._inline[model] = published_kind(raw, definition, version)
            self._inline[model + "List"] = published_list(model, definition, version)

    def raw(self, name: str) -> Mapping[str, Any]:
        """The definition called `name`. Raises KeyError."""
        if name in self._inline:
            return self._inline[name]
        for resolve in self._resolvers:
            try:
                return resolve(name).raw
            except KeyError:
                continue
        return meta_file()[name]

    def closure(self, operations: Iterable[Operation]) -> dict[str, Object]:
        """The definitions that operations name and all below them, sorted, without what only this server uses."""
        wanted = {name for op in operations for name in (*op.responses.values(), op.body) if name and name != TEXT}
        found: dict[str, Object] = {}
        while wanted:
            name = wanted.pop()
            raw = self.raw(name)
            found[name] = {key: value for key, value in raw.items() if key != GO_KEY}
            wanted |= references(found[name]) - found.keys()
        return {name: found[name] for name in sorted(found)}


def references(node: Any) -> set[str]:
    """The names of the definitions that a schema refers to."""
    out: set[str] = set()
    stack = [node]
    while stack:
        value = stack.pop()
        if isinstance(value, Mapping):
            ref = value.get("$ref")
            if isinstance(ref, str):
                out.add(ref.rpartition("/")[2])
            stack.extend(v for v in value.values() if isinstance(v, (Mapping, list)))
        elif isinstance(value, list):
            stack.extend(value)
    return out


def with_versions(definitions: dict[str, Object], versions: Iterable[tuple[str, str]]) -> dict[str, Object]:
    """The definitions with the kinds that exist in every group-version naming `versions`."""
    out = dict(definitions)
    listed = list(versions)
    for name in _EVERYWHERE:
        if name in out:
            kind = name.rpartition(".")[2]
            kinds = [{"group": group, "kind": kind, "version": version} for group, version in listed]
            out[name] = {**out[name], "x-kubernetes-group-version-kind": kinds}
    return out
