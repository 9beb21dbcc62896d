"""Items of set and map lists (upstream: validateMapListKeysMapSet and the checks around list types).

Next: `schemas.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, FieldError, Path

Schema = dict[str, Any]
_IN_KEYS = "this property is in x-kubernetes-list-map-keys, so it "


def _items(schema: Schema) -> Schema | None:
    items = schema.get("items")
    return items if isinstance(items, dict) else None


def map_list_problems(schema: Schema, path: Path | None) -> ErrorList:
    """Items are not null, and keys are always there."""
    list_type, items = schema.get("x-kubernetes-list-type"), _items(schema)
    if items is None or list_type not in ("set", "map"):
        return []
    at = (path or Path("")).child("items")
    errors: ErrorList = []
    if items.get("nullable"):
        detail = f"cannot be nullable when x-kubernetes-list-type is {list_type}"
        errors.append(field.forbidden(at.child("nullable"), detail))
    if list_type == "set":
        return errors
    for key in schema.get("x-kubernetes-list-map-keys", ()):
        declared = items.get("properties", {}).get(key)
        if declared is None:
            continue
        key_path = at.child("properties").key(key)
        if key not in items.get("required", ()) and declared.get("default") is None:
            detail = _IN_KEYS + "must have a default or be a required property"
            errors.append(field.required(key_path.child("default"), detail))
        if declared.get("nullable"):
            errors.append(field.forbidden(key_path.child("nullable"), _IN_KEYS + "cannot be nullable"))
    return errors


def set_item_problem(schema: Schema, path: Path | None = None) -> FieldError | None:
    """Items of a set are compared as a whole, so they are atomic."""
    items = _items(schema)
    if schema.get("x-kubernetes-list-type") != "set" or items is None:
        return None
    at = (path or Path("")).child("items")
    detail = "must be atomic as item of a list with x-kubernetes-list-type=set"
    list_type, map_type = items.get("x-kubernetes-list-type"), items.get("x-kubernetes-map-type")
    if items.get("type") == "array" and list_type not in (None, "atomic"):
        return field.invalid(at.child("x-kubernetes-list-type"), list_type, detail)
    if items.get("type") == "object" and map_type != "atomic":
        return field.invalid(at.child("x-kubernetes-map-type"), list_type, detail)
    return None


def list_type_errors(schema: Schema, path: Path, require_atomic_set_type: bool) -> ErrorList:
    """x-kubernetes-list-type, x-kubernetes-list-map-keys and x-kubernetes-map-type fit type and items."""
    errors = _map_type_errors(schema, path)
    list_type = schema.get("x-kubernetes-list-type")
    at = path.child("x-kubernetes-list-type")
    if list_type is not None and schema.get("type") != "array":
        errors.append(_wrong_type(schema, path, "must be array if x-kubernetes-list-type is specified"))
    elif require_atomic_set_type:
        problem = set_item_problem(schema, path)
        errors += [] if problem is None else [problem]
    if list_type not in (None, "atomic", "set", "map"):
        errors.append(field.not_supported(at, list_type, ("atomic", "set", "map")))
    if schema.get("x-kubernetes-list-map-keys") and list_type != "map":
        detail = "must be map if x-kubernetes-list-map-keys is non-empty"
        errors.append(field.required(at, detail) if list_type is None else field.invalid(at, list_type, detail))
    if list_type == "map":
        errors += _map_list_errors(schema, path)
    return errors


def _wrong_type(schema: Schema, path: Path, detail: str) -> FieldError:
    at = path.child("type")
    return field.invalid(at, schema["type"], detail) if schema.get("type") else field.required(at, detail)


def _map_type_errors(schema: Schema, path: Path) -> ErrorList:
    map_type = schema.get("x-kubernetes-map-type")
    if map_type is None:
        return []
    errors: ErrorList = []
    if schema.get("type") != "object":
        errors.append(_wrong_type(schema, path, "must be object if x-kubernetes-map-type is specified"))
    if map_type not in ("atomic", "granular"):
        errors.append(field.not_supported(path.child("x-kubernetes-map-type"), map_type, ("atomic", "granular")))
    return errors


def _map_list_errors(schema: Schema, path: Path) -> ErrorList:
    errors: ErrorList = []
    keys = schema.get("x-kubernetes-list-map-keys", [])
    if not keys:
        at = path.child("x-kubernetes-list-map-keys")
        errors.append(field.required(at, "must not be empty if x-kubernetes-list-type is map"))
    if schema.get("items") is None:
        detail = "must have a schema if x-kubernetes-list-type is map"
        return [*errors, field.required(path.child("items"), detail)]
    items = _items(schema)
    if items is None:
        detail = "must only have a single schema if x-kubernetes-list-type is map"
        return [*errors, field.invalid(path.child("items"), schema["items"], detail)]
    if items.get("type") != "object":
        at = path.child("items", "type")
        detail = "must be object if parent array's x-kubernetes-list-type is map"
        return [*errors, field.invalid(at, items.get("type", ""), detail)]
    return errors + _key_errors(keys, items, path)


def _key_errors(keys: list[str], items: Schema, path: Path) -> ErrorList:
    errors: ErrorList = []
    at = path.child("x-kubernetes-list-map-keys")
    seen: set[str] = set()
    for key in keys:
        declared = items.get("properties", {}).get(key)
        if declared is None:
            errors.append(field.invalid(at, keys, "entries must all be names of item properties"))
        elif declared.get("type") in ("array", "object"):
            type_path = path.child("items", "properties").key(key).child("type")
            detail = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            errors.append(field.invalid(type_path, items["type"], detail))
        if key in seen:
            errors.append(field.invalid(at, keys, "must not contain duplicate entries"))
        seen.add(key)
    return errors
