"""The schema node that walkers, defaulting, patches and server-side apply all read.

One node type serves built-in kinds (nodes of a definitions file, linked by name), custom resources
(structural schemas, inline) and plugins' pydantic models. Nodes resolve their children on first use and
keep them, so recursive definitions work and unused kinds cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

RawSchema = Mapping[str, Any]
Resolver = Callable[[str], "Schema"]

_MISSING = object()


class Schema:
    """A view on one OpenAPI schema object.

    `raw` uses OpenAPI's own keys (type, properties, items, additionalProperties, required, default,
    format, enum, nullable, x-kubernetes-*). `resolve(name)` gives the node of a `$ref`'s last path part.
    `name` is the definition's name for referenced nodes (io.k8s.api.core.v1.PodSpec), else "".
    """

    __slots__ = ("_items", "_properties", "_value", "additional", "compiled", "name", "raw", "resolve", "type")

    def __init__(self, raw: RawSchema, resolve: Resolver | None = None, name: str = "") -> None:
        self.raw = raw
        self.resolve = resolve
        self.name = name
        self.type: str = raw.get("type", "")
        self.additional: Any = raw.get("additionalProperties")
        self._properties: dict[str, Schema] = {}
        self._items: Any = _MISSING
        self._value: Any = _MISSING
        self.compiled: Any = None
        """What `gotype.py` made of this node."""

    @staticmethod
    def of(raw: RawSchema, resolve: Resolver | None) -> Schema:
        """The node of `raw`, following `$ref` and `allOf: [{$ref}]` (siblings such as default stay on `raw`)."""
        ref = raw.get("$ref")
        if ref is None and len(raw.get("allOf", ())) == 1 and "$ref" in raw["allOf"][0] and "type" not in raw:
            ref = raw["allOf"][0]["$ref"]
        if ref is None:
            return Schema(raw, resolve)
        if resolve is None:
            raise ValueError(f"schema has a $ref but no resolver: {ref!r}")
        target = resolve(ref.rsplit("/", 1)[-1])
        overlay = {k: v for k, v in raw.items() if k not in ("$ref", "allOf", "description")}
        return Schema({**target.raw, **overlay}, target.resolve, target.name) if overlay else target

    @property
    def property_names(self) -> frozenset[str]:
        return frozenset(self.raw.get("properties", ()))

    def member(self, name: str) -> Schema | None:
        """The node of a declared property, None when it is not declared."""
        node = self._properties.get(name)
        if node is None:
            raw = self.raw.get("properties", {}).get(name)
            if raw is None:
                return None
            node = self._properties[name] = Schema.of(raw, self.resolve)
        return node

    @property
    def items(self) -> Schema | None:
        """The node of a list's items."""
        if self._items is _MISSING:
            raw = self.raw.get("items")
            self._items = None if raw is None else Schema.of(raw, self.resolve)
        return self._items  # type: ignore[no-any-return]

    @property
    def value(self) -> Schema | None:
        """The node of a map's values (additionalProperties), None when it has no schema."""
        if self._value is _MISSING:
            self._value = Schema.of(self.additional, self.resolve) if isinstance(self.additional, Mapping) else None
        return self._value  # type: ignore[no-any-return]

    def child(self, name: str) -> Schema | None:
        """The node of member `name`, declared or through additionalProperties."""
        return self.member(name) or self.value

    @property
    def format(self) -> str:
        return self.raw.get("format", "")  # type: ignore[no-any-return]

    @property
    def required(self) -> list[str]:
        return self.raw.get("required", [])  # type: ignore[no-any-return]

    @property
    def nullable(self) -> bool:
        return bool(self.raw.get("nullable"))

    @property
    def int_or_string(self) -> bool:
        return bool(self.raw.get("x-kubernetes-int-or-string")) or self.format == "int-or-string"

    @property
    def preserve_unknown_fields(self) -> bool:
        return bool(self.raw.get("x-kubernetes-preserve-unknown-fields"))

    @property
    def embedded_resource(self) -> bool:
        return bool(self.raw.get("x-kubernetes-embedded-resource"))

    @property
    def list_type(self) -> str:
        """`atomic`, `set`, `map`, or "" when not said (treated as atomic by server-side apply)."""
        return self.raw.get("x-kubernetes-list-type", "")  # type: ignore[no-any-return]

    @property
    def map_type(self) -> str:
        """`atomic`, `granular`, or "" when not said (treated as granular)."""
        return self.raw.get("x-kubernetes-map-type", "")  # type: ignore[no-any-return]

    @property
    def patch_strategy(self) -> str:
        """Strategic merge patch: `merge`, `replace`, `retainKeys`, `merge,retainKeys` or ""."""
        return self.raw.get("x-kubernetes-patch-strategy", "")  # type: ignore[no-any-return]

    @property
    def patch_merge_key(self) -> str:
        return self.raw.get("x-kubernetes-patch-merge-key", "")  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"Schema({self.name or self.type or dict(self.raw)!r})"


class Definitions:
    """A set of named schemas (`definitions` / `components.schemas`), linked lazily by name."""

    __slots__ = ("_nodes", "_raw")

    def __init__(self, raw: Mapping[str, RawSchema]) -> None:
        self._raw = raw
        self._nodes: dict[str, Schema] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def get(self, name: str) -> Schema:
        """The node named `name`. Raises KeyError when there is none."""
        node = self._nodes.get(name)
        if node is None:
            node = self._nodes[name] = Schema(self._raw[name], self.get, name)
        return node
