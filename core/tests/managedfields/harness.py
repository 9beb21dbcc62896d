"""A store of objects just large enough to write to them in the ways that a server allows."""

from __future__ import annotations

import copy
from typing import Any

import orjson

from kubern.apimachinery.managedfields import factory
from kubern.apimachinery.managedfields.manager import FieldManager
from kubern.apimachinery.patch.json_patch import apply_json_patch, parse_json_patch
from kubern.apimachinery.patch.merge_patch import apply_merge_patch, parse_merge_patch
from kubern.apimachinery.schema.compiled import compile_walker
from kubern.apimachinery.schema.model import Definitions, Schema

Object = dict[str, Any]


def built_in(definitions: Definitions, api_version: str, kind: str, name: str, **options: Any) -> FieldManager:
    """The field manager of a kind in one version; its clock stands still."""
    schema = definitions.get(name)
    manager = factory.built_in(api_version, kind, lambda version: schema if version == api_version else None, **options)
    manager.now = lambda: "2020-01-01T00:00:00Z"
    return manager


class Resource:
    """One resource: decoding, defaulting, ownership, storage."""

    def __init__(self, manager: FieldManager, schema: Schema, custom: bool) -> None:
        self.manager = manager
        self.schema = schema
        self.walker = None if custom else compile_walker(schema, manager.kind, manager.api_version)
        self.stored: dict[str, Object] = {}

    def decoded(self, obj: Object) -> Object:
        """As the codec leaves a body: normalised and defaulted."""
        obj = copy.deepcopy(obj)
        if self.walker is None:
            set_defaults(self.schema.raw, obj)
        else:
            self.walker.normalise(obj)
            self.walker.default(obj)
        return {"apiVersion": self.manager.api_version, "kind": self.manager.kind, **obj}

    def write(self, verb: str, name: str, body: Any, manager: str, force: bool = False) -> Object:
        """Perform one write and keep what comes of it. Raises StatusError."""
        live = self.stored.get(name)
        if verb == "apply":
            new = self.manager.apply(live, body, manager, force)
            if new is not live:
                new = self.decoded(new)
        else:
            new = self.manager.update_no_errors(live, self.decoded(self._changed(verb, live, body)), manager)
        new = copy.deepcopy(new)
        new["metadata"].setdefault("uid", "u")
        self.stored[name] = new
        return new

    def _changed(self, verb: str, live: Object | None, body: Any) -> Object:
        if verb == "merge":
            return apply_merge_patch(live, parse_merge_patch(orjson.dumps(body)))  # type: ignore[no-any-return]
        if verb == "json":
            return apply_json_patch(live, parse_json_patch(orjson.dumps(body)))  # type: ignore[no-any-return]
        return body  # type: ignore[no-any-return]


def set_defaults(schema: Any, value: Any) -> None:
    """The defaults of a structural schema, in place."""
    if isinstance(value, dict):
        for name, member in schema.get("properties", {}).items():
            if "default" in member:
                value.setdefault(name, copy.deepcopy(member["default"]))
            if name in value:
                set_defaults(member, value[name])
    elif isinstance(value, list):
        for item in value:
            set_defaults(schema.get("items", {}), item)
