"""A schema as server-side apply sees it: scalars, lists and maps, each merged in one of a few ways.

Upstream converts all of OpenAPI into structured-merge-diff's own schema when the server starts (kube-openapi's
schemaconv); here a type is made when a walk first reaches it, and kept. Next: `compare.py`, `toset.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

from kubern.apimachinery.managedfields.objectmeta import DEFINITIONS, OBJECT_META
from kubern.apimachinery.schema.gotype import go_type
from kubern.apimachinery.schema.model import Definitions, RawSchema, Resolver, Schema
from kubern.apimachinery.schema.walker import walker_of

SCALAR, MAP, LIST, MIXED = range(4)
NUMERIC: Final = "numeric"
STRING: Final = "string"
BOOLEAN: Final = "boolean"
UNTYPED: Final = "untyped"

_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_RAW_EXTENSION = "io.k8s.apimachinery.pkg.runtime.RawExtension"
_MAP_TYPES = {"atomic": True, "granular": False}
_TYPE_META = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}


class Type:
    """What a value may be. At least one of `scalar`, `list` and `map` is set; `kind` says which, or MIXED.

    A MIXED type takes the form of its value: a type that is deduced, or one that nothing is known of.
    """

    __slots__ = ("kind", "list", "map", "scalar")

    def __init__(self, scalar: str | None = None, list_: ListType | None = None, map_: MapType | None = None) -> None:
        self.scalar = scalar
        self.list = list_
        self.map = map_
        forms = [kind for kind, form in ((SCALAR, scalar), (MAP, map_), (LIST, list_)) if form is not None]
        self.kind = forms[0] if len(forms) == 1 else MIXED

    def form(self, value: Any) -> int:
        """SCALAR, MAP or LIST: how `value` is handled under this type (upstream: deduceAtom, handleAtom)."""
        if self.kind != MIXED:
            return self.kind
        if isinstance(value, dict) or value is None:
            return MAP
        return LIST if isinstance(value, list) else SCALAR


class MapType:
    """A map or struct: declared fields, and the type of all other keys (None when there may be none)."""

    __slots__ = ("_element", "_fields", "_nulls", "_preserve", "_resolved", "_types", "atomic", "definition")

    def __init__(
        self,
        types: Types,
        fields: Mapping[str, RawSchema],
        element: RawSchema | Type | None,
        atomic: bool,
        preserve: bool,
    ) -> None:
        self._types = types
        self._fields = fields
        self._element = element
        self._preserve = preserve
        self._resolved: dict[str, Type] = {}
        self.atomic = atomic
        self.definition: Schema | None = None
        """The Go struct's schema, None for a map and for what is no Go type."""
        self._nulls: frozenset[str] | None = None

    @property
    def nulls(self) -> frozenset[str]:
        """The fields that Go writes as null when they are not set: to upstream they are there, with that value."""
        if self._nulls is None:
            self._nulls = walker_of(go_type(self.definition)).nulls() if self.definition else frozenset()
        return self._nulls

    @property
    def is_go(self) -> bool:
        """Whether values come from Go types, in which null is the same as absent."""
        return self._types.is_go

    @property
    def deduced(self) -> Type:
        """The type for members that the schema does not know."""
        return self._types.deduced

    def declares(self, name: str) -> bool:
        return name in self._fields

    @property
    def element(self) -> Type | None:
        """The type of members that are not declared."""
        if self._element is not None and not isinstance(self._element, Type):
            self._element = self._types.compile(self._element, self._preserve)
        return self._element

    def child(self, name: str) -> Type | None:
        """The type of member `name`, None when the schema knows no such member."""
        known = self._resolved.get(name)
        if known is not None:
            return known
        raw = self._fields.get(name)
        if raw is None:
            return self.element
        known = self._resolved[name] = self._types.compile(raw, self._preserve)
        return known

    def default(self, name: str) -> Any:
        """The default of a declared field, None for none."""
        raw = self._fields.get(name)
        return None if raw is None else raw.get("default")

    @property
    def is_deduced(self) -> bool:
        """Nothing is declared and anything goes."""
        return not self._fields and self._element is self._types.deduced

    def with_atomic(self, atomic: bool) -> MapType:
        out = MapType(self._types, self._fields, self._element, atomic, self._preserve)
        out.definition = self.definition
        return out


class ListType:
    """A list: atomic, a set of scalars (`associative`, no keys), or a map by `keys`, sorted by name."""

    __slots__ = ("_element", "_preserve", "_types", "associative", "key_order", "keys")

    def __init__(
        self, types: Types, element: RawSchema | Type, associative: bool, keys: tuple[str, ...], preserve: bool
    ) -> None:
        self._types = types
        self._element = element
        self._preserve = preserve
        self.associative = associative
        self.key_order = keys
        self.keys = tuple(sorted(keys))

    @property
    def is_go(self) -> bool:
        """Whether values come from Go types, in which null is the same as absent."""
        return self._types.is_go

    @property
    def element(self) -> Type:
        if not isinstance(self._element, Type):
            self._element = self._types.compile(self._element, self._preserve)
        return self._element

    def with_atomic(self, atomic: bool) -> ListType:
        return ListType(self._types, self._element, not atomic, self.key_order, self._preserve)


class Types:
    """The types of one set of definitions. Keep one instance per set: named types are made once."""

    def __init__(self, resolve: Resolver | None = None, is_go: bool = True) -> None:
        self._resolve = resolve
        self.is_go = is_go and resolve is not None
        self._named: dict[tuple[str, str], Type] = {}
        self.untyped = Type(UNTYPED)
        self.untyped.list = ListType(self, self.untyped, False, (), False)
        self.untyped.map = MapType(self, {}, self.untyped, True, False)
        self.untyped.kind = MIXED
        self.deduced = Type(UNTYPED)
        self.deduced.list = ListType(self, self.untyped, False, (), False)
        self.deduced.map = MapType(self, {}, self.deduced, False, False)
        self.deduced.kind = MIXED

    def of(self, schema: Schema) -> Type:
        """The type of a built-in kind's schema."""
        return self._of_struct(schema)

    def of_custom_resource(self, schema: Schema | None) -> Type:
        """The type of a custom resource: its structural schema with metadata known (upstream: buildKubeNative)."""
        if schema is None:
            return self.deduced
        return self.compile({**schema.raw, "x-kubernetes-embedded-resource": True}, False)

    def compile(self, raw: RawSchema, preserve: bool) -> Type:
        """The type of one OpenAPI schema; `preserve` when an enclosing one preserves unknown fields."""
        ref = _reference(raw)
        if ref is not None:
            return self._named_type(ref, raw.get("x-kubernetes-map-type", ""))
        preserve = preserve or raw.get("x-kubernetes-preserve-unknown-fields") is True
        kind = raw.get("type", "")
        if kind == "object" or (kind == "" and raw.get("properties")):
            return Type(map_=self._map(raw, preserve))
        if kind == "array":
            return Type(list_=self._list(raw, preserve))
        if kind == "":
            return self.deduced
        return Type(_scalar(kind, raw.get("format", "")))

    def _named_type(self, name: str, map_type: str) -> Type:
        known = self._named.get((name, map_type))
        if known is None:
            known = self._named[name, map_type] = self._make_named(name, map_type)
        return known

    def _make_named(self, name: str, map_type: str) -> Type:
        if map_type:
            plain, atomic = self._named_type(name, ""), _MAP_TYPES[map_type]
            list_ = plain.list.with_atomic(atomic) if plain.list else None
            return Type(plain.scalar, list_, plain.map.with_atomic(atomic) if plain.map else None)
        if name == _QUANTITY:
            return Type(UNTYPED)
        if name == _RAW_EXTENSION:
            return self.untyped
        if self._resolve is None:
            raise ValueError(f"schema has a $ref but no resolver: {name!r}")
        return self._of_struct(self._resolve(name))

    def _of_struct(self, schema: Schema) -> Type:
        type_ = self.compile(schema.raw, False)
        if type_.map is not None and schema.name and self.is_go:
            type_.map.definition = schema
        return type_

    def _map(self, raw: RawSchema, preserve: bool) -> MapType:
        fields: Mapping[str, Any] = raw.get("properties") or {}
        if raw.get("x-kubernetes-embedded-resource"):
            fields = {**fields, **_TYPE_META, "metadata": {"$ref": OBJECT_META}}
            self._named.setdefault((OBJECT_META, ""), _object_meta())
        additional: Any = raw.get("additionalProperties")
        element: RawSchema | Type | None = additional
        if additional is None:
            element = self.deduced if preserve or not fields else None
        elif isinstance(additional, bool):
            element = self.deduced if additional else None
        atomic = _MAP_TYPES.get(raw.get("x-kubernetes-map-type", ""), False)
        return MapType(self, fields, element, atomic, preserve)

    def _list(self, raw: RawSchema, preserve: bool) -> ListType:
        element: RawSchema | Type = raw.get("items") or self.deduced
        list_type = raw.get("x-kubernetes-list-type", "")
        if list_type == "map":
            return ListType(self, element, True, tuple(raw.get("x-kubernetes-list-map-keys", ())), preserve)
        if list_type:
            return ListType(self, element, list_type == "set", (), preserve)
        if raw.get("x-kubernetes-patch-strategy") in ("merge", "merge,retainKeys"):
            merge_key = raw.get("x-kubernetes-patch-merge-key")
            return ListType(self, element, True, (merge_key,) if merge_key else (), preserve)
        return ListType(self, element, False, (), preserve)


@functools.cache
def _object_meta() -> Type:
    return Types(Definitions(DEFINITIONS).get, is_go=False).compile({"$ref": OBJECT_META}, False)


def _reference(raw: RawSchema) -> str | None:
    ref = raw.get("$ref")
    if ref is None:
        all_of = raw.get("allOf", ())
        ref = all_of[0].get("$ref") if len(all_of) == 1 else None
    return None if ref is None else str(ref).rsplit("/", 1)[-1]


def _scalar(kind: str, format_: str) -> str:
    if kind in ("integer", "number"):
        return NUMERIC
    if kind == "boolean":
        return BOOLEAN
    return STRING if kind == "string" and format_ in ("", "byte") else UNTYPED
