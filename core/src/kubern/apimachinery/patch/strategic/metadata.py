"""What a kind's schema says about patching a field: merge strategy, merge key, and the schema below.

Upstream reads struct tags by reflection (forked encoding/json, LookupPatchMetadata); the schema carries the same.
"""

from __future__ import annotations

from typing import NamedTuple

from kubern.apimachinery.patch.strategic.errors import StrategicPatchError
from kubern.apimachinery.schema.model import Schema
from kubern.util.goquote import go_quote

RETAIN_KEYS = "retainKeys"


class PatchMeta(NamedTuple):
    """A field's schema (for a list: its items'), strategy (`merge`, `replace` or "") and merge key."""

    schema: Schema | None
    strategy: str
    merge_key: str


def _field(schema: Schema | None, name: str) -> Schema:
    if schema is None or (schema.value is not None and not schema.property_names):
        kind = "map" if schema is not None else "interface"
        raise StrategicPatchError(f"merging an object in json but data type is not struct, instead is: {kind}")
    field = schema.member(name)
    if field is None:
        struct = schema.name.rsplit(".", 1)[-1]
        raise StrategicPatchError(f"unable to find api field in struct {struct} for the json field {go_quote(name)}")
    return field


def lookup(schema: Schema | None, name: str) -> PatchMeta:
    """The patch metadata of the map at `name`. Raises StrategicPatchError for a field the schema lacks."""
    field = _field(schema, name)
    return PatchMeta(field, _merge_strategy(field.patch_strategy), field.patch_merge_key)


def lookup_list(schema: Schema | None, name: str) -> PatchMeta:
    """The patch metadata of the list at `name`, with its items' schema. Raises StrategicPatchError."""
    field = _field(schema, name)
    items = field.items
    if items is not None and items.type == "array":
        raise StrategicPatchError("unexpected slice of slice")
    if items is None and (field.property_names or field.value is not None):
        raise StrategicPatchError("expected slice or array type, but got: struct")
    return PatchMeta(items, _merge_strategy(field.patch_strategy), field.patch_merge_key)


def _merge_strategy(strategies: str) -> str:
    """The strategy without `retainKeys`, which is a property of its own."""
    if strategies in ("", "merge", "replace"):
        return strategies
    rest = [strategy for strategy in strategies.split(",") if strategy != RETAIN_KEYS]
    if len(rest) > 1:
        raise StrategicPatchError(f"unexpected patch strategy: [{strategies.replace(',', ' ')}]")
    return rest[0] if rest else ""
