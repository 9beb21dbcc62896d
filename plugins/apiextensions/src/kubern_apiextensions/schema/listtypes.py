"""Items of set and map lists must not repeat (upstream: schema/listtype/validation.go).

Next: `rules.py`; `../registry/` asks for the errors of a whole object.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList
from kubern_apiextensions.schema.maplist import item_key, key_defaults
from kubern_apiextensions.schema.paths import NodePath, child_of, index_of, key_of, sorted_value
from kubern_apiextensions.schema.structural import (
    LIST_MAP_KEYS,
    LIST_TYPE,
    Schema,
    additional_schema,
    any_node,
    items,
    properties,
)


def has_list_types(schema: Schema) -> bool:
    """Whether an object of this schema can break a list's uniqueness."""
    return any_node(schema, lambda node: node.get(LIST_TYPE) in ("set", "map"))


def find_duplicates(schema: Schema | None, value: Any, path: NodePath = None) -> ErrorList:
    """The errors of all set and map lists of a value, in order of the fields."""
    if schema is None:
        return []
    if isinstance(value, list):
        return _list_errors(schema, value, path)
    if not isinstance(value, dict):
        return []
    errors: ErrorList = []
    declared, others = properties(schema), additional_schema(schema)
    for name in sorted(value):
        if name in declared:
            errors += find_duplicates(declared[name], value[name], child_of(path, name))
        elif others is not None:
            errors += find_duplicates(others, value[name], key_of(path, name))
    return errors


def _list_errors(schema: Schema, value: list[Any], path: NodePath) -> ErrorList:
    errors: ErrorList = []
    list_type = schema.get(LIST_TYPE)
    if list_type == "set":
        errors += [
            field.duplicate(index_of(path, i), sorted_value(value[i])) for i in _repeated(map(_canonical, value))
        ]
    elif list_type == "map":
        errors += _map_errors(schema, value, path)
    item_schema = items(schema)
    if item_schema is not None:
        for i, item in enumerate(value):
            errors += find_duplicates(item_schema, item, index_of(path, i))
    return errors


def _canonical(item: Any) -> Any:
    """Equal for equal JSON values only."""
    if item.__class__ in (dict, list):
        return orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
    return item.__class__, item


def _repeated(keys: Iterator[Any]) -> list[int]:
    """Indexes of the first repetition of each key."""
    seen: dict[Any, bool] = {}
    found = []
    for i, key in enumerate(keys):
        if seen.get(key) is False:
            found.append(i)
        seen[key] = key in seen
    return found


def _map_errors(schema: Schema, value: list[Any], path: NodePath) -> ErrorList:
    errors: ErrorList = []
    objects = []
    for i, item in enumerate(value):
        if isinstance(item, dict):
            objects.append(item)
        else:
            errors.append(field.invalid(index_of(path, i), item, "must be an object for an array of list-type map"))
    if errors:
        return errors
    keys = key_defaults(schema)
    names = schema.get(LIST_MAP_KEYS, ())
    for i in _repeated(item_key(item, keys) for item in objects):
        shown = {name: objects[i][name] for name in sorted(names) if name in objects[i]}
        errors.append(field.duplicate(index_of(path, i), shown))
    return errors
