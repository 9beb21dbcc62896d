"""Pruning, dropping of nulls and defaulting of an object in one pass, compiled from its structural schema.

Upstream does the same in four walks (schemaCoercingDecoder: pruning.Prune,
defaulting.PruneNonNullableNullsWithoutDefaults, objectmeta.Coerce; then unstructuredDefaulter). A compiled
walker changes the object in place and gives the unknown fields it met; a good object builds no strings.
Next: `validation/`, which looks at what is left.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Final

from kubern_apiextensions.schema.defaulting import MISSING, Copy, copier, copy_json, declared_default
from kubern_apiextensions.schema.structural import (
    META_FIELDS,
    Schema,
    additional_schema,
    has_additional,
    is_embedded_resource,
    items,
    preserves_unknown_fields,
    properties,
)

Unknown = list[str] | None
"""Paths of unknown fields relative to the node, each beginning with `.` or `[`; None for none."""
Walk = Callable[[Any], Unknown]
CoerceMeta = Callable[[Any], tuple[dict[str, Any], Unknown]]
"""Makes metadata of an embedded resource well-formed; see `objectmeta.py`."""


@dataclasses.dataclass(frozen=True, slots=True)
class WalkOptions:
    """What a walker does besides walking.

    `coerce_meta` treats metadata of embedded resources and `check_type_meta` their apiVersion and kind (gives
    False to drop a value, may raise); without them those fields are left alone.
    """

    prune: bool = True
    drop_nulls: bool = True
    defaults: bool = True
    coerce_meta: CoerceMeta | None = None
    check_type_meta: Callable[[Any], bool] | None = None


def compile_walker(schema: Schema | None, options: WalkOptions, *, root: bool = False) -> Walk:
    """The walker of a schema; `root` spares apiVersion, kind and metadata of the outermost object.

    The walker takes any JSON value, changes it in place and returns the paths of unknown fields.
    """
    if schema is None:
        return _walk_unknown if options.prune else _keep
    return _Compiler(options).node(schema, preserve=not options.prune, root=root)


def unknown_fields(found: Unknown) -> list[str]:
    """A root walker's answer as sorted paths without the leading dot."""
    return sorted(path.removeprefix(".") for path in found) if found else []


def _keep(value: Any) -> Unknown:
    return None


def _walk_unknown(value: Any) -> Unknown:
    """Below a place without a schema no field is known: objects are emptied, lists keep their shape."""
    if value.__class__ is dict:
        found = ["." + name for name in value]
        value.clear()
        return found
    if value.__class__ is list:
        found = []
        for i, item in enumerate(value):
            found += [f"[{i}]{path}" for path in _walk_unknown(item) or ()]
        return found
    return None


class _Null:
    """What becomes of a null: kept, dropped, or replaced by a default."""

    KEEP: Final = object()
    DROP: Final = object()


class _Compiler:
    def __init__(self, options: WalkOptions) -> None:
        self.options = options

    def node(self, schema: Schema, *, preserve: bool, root: bool = False) -> Walk:
        """The walker of one schema node; `preserve` keeps unknown fields of this node."""
        preserve = preserve or preserves_unknown_fields(schema)
        item_schema = items(schema)
        walk_list = self._list(item_schema, preserve)
        embedded = is_embedded_resource(schema)
        if not (properties(schema) or has_additional(schema) or embedded or root):
            return self._leaf(walk_list, preserve)
        return self._object(schema, walk_list, preserve, embedded, root)

    def _leaf(self, walk_list: Walk, preserve: bool) -> Walk:
        """A scalar, a list, or an object without declared fields."""

        def walk(value: Any) -> Unknown:
            if value.__class__ is list:
                return walk_list(value)
            return None if preserve else _walk_unknown(value)

        return walk

    def _list(self, item_schema: Schema | None, preserve: bool) -> Walk:
        if item_schema is None:
            return _keep if preserve else _walk_unknown
        # Items of a list that preserves unknown fields preserve theirs (upstream: skipPrune).
        walk_item = self.node(item_schema, preserve=preserve)
        replace = self._null_action(item_schema, self._default(item_schema, walk_item))
        default: Copy | None = replace if callable(replace) else None

        def walk(value: Any) -> Unknown:
            found: list[str] = []
            for i, item in enumerate(value):
                cls = item.__class__
                if cls is dict or cls is list:
                    below = walk_item(item)
                    if below:
                        found += [f"[{i}]{path}" for path in below]
                elif item is None and default is not None:
                    value[i] = default()
            return found

        return walk

    def _null_action(self, schema: Schema, default: Copy | None) -> Any:
        """KEEP, DROP or a function that gives the default, for a null where `schema` applies."""
        if schema.get("nullable"):
            return _Null.KEEP
        if default is not None:
            return default if self.options.defaults else _Null.KEEP
        return _Null.DROP if self.options.drop_nulls else _Null.KEEP

    def _default(self, schema: Schema, walk: Walk) -> Copy | None:
        """A function that gives the schema's default, complete in itself; None when there is none."""
        value = declared_default(schema)
        if value is MISSING:
            return None
        if isinstance(value, (dict, list)):
            value = copy_json(value)
            walk(value)
        return copier(value)

    def _object(self, schema: Schema, walk_list: Walk, preserve: bool, embedded: bool, root: bool) -> Walk:
        declared = properties(schema)
        spared = META_FIELDS if embedded or root else frozenset()
        known: dict[str, Walk] = {}
        null_actions: dict[str, Any] = {}
        defaults: list[tuple[str, Copy]] = []
        for name, child in declared.items():
            walk_child = known[name] = self.node(child, preserve=not self.options.prune or name in spared)
            default = self._default(child, walk_child)
            null_actions[name] = self._null_action(child, default)
            if default is not None and self.options.defaults:
                defaults.append((name, default))
        for name in spared:
            known.setdefault(name, _keep)
        other, other_null = self._others(schema, preserve)
        walk = _object_walker(known, null_actions, defaults, other, other_null, walk_list)
        return self._embedded(walk) if embedded and not root else walk

    def _others(self, schema: Schema, preserve: bool) -> tuple[Walk | None, Any]:
        """The walker of undeclared fields, None to prune them, and what becomes of their nulls."""
        if has_additional(schema):
            child = additional_schema(schema)
            if child is None:
                return (_walk_unknown if self.options.prune else _keep), _Null.KEEP
            walk = self.node(child, preserve=not self.options.prune)
            return walk, self._null_action(child, self._default(child, walk))
        return (_keep if preserve else None), _Null.KEEP

    def _embedded(self, walk: Walk) -> Walk:
        """Before the fields of an embedded resource, its apiVersion, kind and metadata."""
        check, coerce = self.options.check_type_meta, self.options.coerce_meta
        if check is None or coerce is None:
            return walk

        def walk_embedded(value: Any) -> Unknown:
            if value.__class__ is not dict:
                return walk(value)
            for name in ("apiVersion", "kind"):
                if name in value and not check(value[name]):
                    del value[name]
            unknown: Unknown = None
            if "metadata" in value:
                value["metadata"], unknown = coerce(value["metadata"])
            found = walk(value)
            if unknown:
                found = (found or []) + [".metadata" + path for path in unknown]
            return found

        return walk_embedded


def _finish(value: dict[str, Any], gone: list[str], defaults: list[tuple[str, Copy]]) -> None:
    """Take out the pruned fields, then put in the missing defaults."""
    for name in gone:
        del value[name]
    for name, default in defaults:
        if name not in value:
            value[name] = default()


def _object_walker(
    known: dict[str, Walk],
    null_actions: dict[str, Any],
    defaults: list[tuple[str, Copy]],
    other: Walk | None,
    other_null: Any,
    walk_list: Walk,
) -> Walk:
    """The walker of an object: declared fields by `known`, the rest by `other` (None: pruned)."""
    get_known = known.get

    def replace_null(value: dict[str, Any], name: str, gone: list[str]) -> None:
        action = null_actions.get(name, _Null.KEEP) if name in known else other_null
        if action is _Null.DROP:
            gone.append(name)
        elif action is not _Null.KEEP:
            value[name] = action()

    def walk(value: Any) -> Unknown:
        if value.__class__ is not dict:
            return walk_list(value) if value.__class__ is list else None
        found: list[str] = []
        gone: list[str] = []
        for name, member in value.items():
            child = get_known(name, other)
            cls = member.__class__
            if child is None:
                found.append("." + name)
                gone.append(name)
            elif cls is dict or cls is list:
                below = child(member)
                if below:
                    found += [f".{name}{path}" for path in below]
            elif member is None:
                replace_null(value, name, gone)
        if gone or defaults:
            _finish(value, gone, defaults)
        return found

    return walk
