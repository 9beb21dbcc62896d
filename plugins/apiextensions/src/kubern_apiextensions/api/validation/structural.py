"""Whether a schema is structural (upstream: schema/validation.go, complete.go and the limits of convert.go).

A structural schema says the type of every field outside of junctors (anyOf, oneOf, allOf, not), and only values
inside of them. Next: `default_values.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.util.goregexp import GoRegexpError, compile_go
from kubern_apiextensions.api.validation.walk import is_plain

Schema = dict[str, Any]

_ROOT: Final = "at the root"
_ITEM: Final = "for specified array items"
_FIELD: Final = "for specified object fields"
_INT_OR_STRING: Final = [{"type": "integer"}, {"type": "string"}]
_UNSUPPORTED: Final = (
    ("id", "id"),
    ("$schema", "schema"),
    ("$ref", "$ref"),
    ("patternProperties", "patternProperties"),
    ("dependencies", "dependencies"),
    ("additionalItems", "additionalItems"),
    ("definitions", "definitions"),
)
_FORBIDDEN_INSIDE: Final = (
    ("type", "must be empty to be structural"),
    ("additionalProperties", "must be undefined to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    ("externalDocs", "must be undefined to be structural"),
    ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
    ("x-kubernetes-embedded-resource", "must be false to be structural"),
    ("x-kubernetes-int-or-string", "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
    ("x-kubernetes-validations", "must be empty to be structural"),
)


def conversion_problem(schema: Schema) -> str:
    """Why a schema cannot be read as structural at all, "" when it can (upstream: NewStructural's error)."""
    for name, shown in _UNSUPPORTED:
        if schema.get(name) not in (None, "", {}):
            return f"OpenAPI schema '{shown}' is not supported"
    if isinstance(schema.get("items"), list):
        return "OpenAPI schema 'items' must be an object, but is an array"
    for child in _all_children(schema):
        problem = "" if is_plain(child) else conversion_problem(child)
        if problem:
            return problem
    return ""


def _all_children(schema: Schema) -> Iterator[Schema]:
    yield from _nested(schema)
    if isinstance(schema.get("additionalProperties"), dict):
        yield schema["additionalProperties"]
    for junctor in ("allOf", "anyOf", "oneOf"):
        yield from schema.get(junctor, ())
    if schema.get("not") is not None:
        yield schema["not"]


def _nested(schema: Schema) -> Iterator[Schema]:
    if isinstance(schema.get("items"), dict):
        yield schema["items"]
    yield from schema.get("properties", {}).values()


def is_structural(schema: Schema) -> bool:
    return not conversion_problem(schema) and not validate_structural(schema, Path(""))


def validate_structural(schema: Schema, path: Path) -> ErrorList:
    """Everything that keeps a schema from being structural, sorted by message."""
    errors = _invariants(schema, _ROOT, path)
    errors += _completeness(schema, schema, path, path)
    return sorted(errors, key=str)


def _invariants(schema: Schema, level: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    items = schema.get("items")
    if schema.get("type") == "array" and items is None:
        errors.append(field.required(path.child("items"), "must be specified"))
    if isinstance(items, dict) and not is_plain(items):
        errors += _invariants(items, _ITEM, path.child("items"))
    for name, child in schema.get("properties", {}).items():
        if not is_plain(child):
            errors += _invariants(child, _FIELD, path.child("properties").key(name))
    additional = schema.get("additionalProperties")
    if additional is not None and level is _ROOT:
        errors.append(field.forbidden(path.child("additionalProperties"), "must not be used at the root"))
    if isinstance(additional, dict) and not is_plain(additional):
        errors += _invariants(additional, _FIELD, path.child("additionalProperties"))
    errors += _extensions(schema, path)
    any_of_is_type = schema.get("anyOf") == _INT_OR_STRING
    all_of = schema.get("allOf") or [{}]
    errors += _value_validation(schema, any_of_is_type, all_of[0].get("anyOf") == _INT_OR_STRING, path)
    errors += _type(schema, level, path)
    return errors + _meta(schema, level, path)


def _extensions(schema: Schema, path: Path) -> ErrorList:
    errors: ErrorList = []
    if not schema.get("x-kubernetes-int-or-string"):
        return errors
    for name in ("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"):
        if schema.get(name):
            detail = "must be false if x-kubernetes-int-or-string is true"
            errors.append(field.invalid(path.child(name), True, detail))
    return errors


def _type(schema: Schema, level: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    named = schema.get("type", "")
    at = path.child("type")
    embedded = schema.get("x-kubernetes-embedded-resource")
    if embedded and named != "object":
        detail = "must be object if x-kubernetes-embedded-resource is true"
        errors.append(field.invalid(at, named, detail) if named else field.required(at, detail))
    elif not named and not (
        schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields")
    ):
        errors.append(field.required(at, f"must not be empty {level}"))
    if embedded and schema.get("additionalProperties") is not None:
        detail = "must not be used if x-kubernetes-embedded-resource is set"
        errors.append(field.forbidden(path.child("additionalProperties"), detail))
    if level is _ROOT and named and named != "object":
        errors.append(field.invalid(at, named, "must be object at the root"))
    return errors


def _meta(schema: Schema, level: str, path: Path) -> ErrorList:
    """apiVersion, kind and metadata of resources say nothing of their own."""
    errors: ErrorList = []
    properties = schema.get("properties", {})
    embedded = schema.get("x-kubernetes-embedded-resource")
    is_resource = level is _ROOT or embedded
    for name in ("kind", "apiVersion"):
        if name in properties and is_resource and properties[name].get("type", "") != "string":
            at = path.child("properties").key(name).child("type")
            errors.append(field.invalid(at, properties[name].get("type", ""), "must be string"))
    if "metadata" in properties:
        at = path.child("properties").key("metadata")
        errors += _metadata(properties["metadata"], bool(is_resource), level, at)
    if embedded and not schema.get("x-kubernetes-preserve-unknown-fields") and not properties:
        detail = (
            "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
        )
        errors.append(field.required(path.child("properties"), detail))
    return errors


def _metadata(schema: Schema, is_resource: bool, level: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    if is_resource and schema.get("type", "") != "object":
        errors.append(field.invalid(path.child("type"), schema.get("type", ""), "must be object"))
    if level is _ROOT:
        extra = {k for k in schema if k not in ("type", "default", "properties", "example")}
        if extra or not schema.get("properties", {}).keys() <= {"name", "generateName"}:
            detail = "must not specify anything other than name and generateName, but metadata is implicitly specified"
            errors.append(field.forbidden(path, detail))
    return errors


def _value_validation(schema: Schema, skip_any_of: bool, skip_first_all_of_any_of: bool, path: Path) -> ErrorList:
    """The junctors of a node and its pattern."""
    errors: ErrorList = []
    if not skip_any_of:
        for i, branch in enumerate(schema.get("anyOf", ())):
            errors += _nested_value_validation(branch, False, path.child("anyOf").index(i))
    for i, branch in enumerate(schema.get("allOf", ())):
        errors += _nested_value_validation(branch, skip_first_all_of_any_of and i == 0, path.child("allOf").index(i))
    for i, branch in enumerate(schema.get("oneOf", ())):
        errors += _nested_value_validation(branch, False, path.child("oneOf").index(i))
    if schema.get("not") is not None:
        errors += _nested_value_validation(schema["not"], False, path.child("not"))
    if schema.get("pattern"):
        try:
            compile_go(schema["pattern"])
        except GoRegexpError as error:
            detail = f"must be a valid regular expression, but isn't: {error}"
            errors.append(field.invalid(path.child("pattern"), schema["pattern"], detail))
    return errors


def _nested_value_validation(schema: Schema, skip_any_of: bool, path: Path) -> ErrorList:
    """Inside a junctor: values only, no structure."""
    errors = _value_validation(schema, skip_any_of, False, path)
    if isinstance(schema.get("items"), dict):
        errors += _nested_value_validation(schema["items"], False, path.child("items"))
    for name, child in schema.get("properties", {}).items():
        errors += _nested_value_validation(child, False, path.child("properties").key(name))
    for name, detail in _FORBIDDEN_INSIDE:
        if schema.get(name) is not None and schema[name] is not False:
            errors.append(field.forbidden(path.child(name), detail))
    if "metadata" in schema.get("properties", {}):
        at = path.child("properties").key("metadata")
        errors.append(field.forbidden(at, "must not be specified in a nested context"))
    return errors


def _completeness(values: Schema, schema: Schema | None, schema_path: Path, value_path: Path) -> ErrorList:
    """What the junctors of `values` speak of is declared in `schema`."""
    errors: ErrorList = []
    if values.get("not") is not None:
        errors += _nested_completeness(values["not"], schema, schema_path, value_path.child("not"))
    for junctor in ("allOf", "anyOf", "oneOf"):
        for i, branch in enumerate(values.get(junctor, ())):
            errors += _nested_completeness(branch, schema, schema_path, value_path.child(junctor).index(i))
    return errors


def _nested_completeness(values: Schema, schema: Schema | None, schema_path: Path, value_path: Path) -> ErrorList:
    if schema is None:
        return [field.required(schema_path, f"because it is defined in {value_path}")]
    errors = _completeness(values, schema, schema_path, value_path)
    if isinstance(values.get("items"), dict):
        items = schema.get("items") if isinstance(schema.get("items"), dict) else None
        at = value_path.child("items")
        errors += _nested_completeness(values["items"], items, schema_path.child("items"), at)
    declared = schema.get("properties", {})
    for name, child in values.get("properties", {}).items():
        at = value_path.child("properties").key(name)
        place = schema_path.child("properties").key(name)
        if name in declared:
            errors += _nested_completeness(child, declared[name], place, at)
        else:
            errors.append(field.required(place, f"because it is defined in {at}"))
    return errors
