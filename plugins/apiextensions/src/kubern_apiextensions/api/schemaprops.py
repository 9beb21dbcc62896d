"""JSONSchemaProps: the form a schema has after decoding, and the form Go prints it in.

Upstream decodes schemas into structs, which drops empty fields; `normalize` does the same to dicts so that the
rest of the package can trust that what is there says something. Next: `defaults.py`, which calls it.
"""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]

_POINTERS: Final = frozenset(
    {
        "$ref", "maximum", "minimum", "maxLength", "minLength", "maxItems", "minItems", "multipleOf",
        "maxProperties", "minProperties", "not", "additionalProperties", "additionalItems", "items", "externalDocs",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-list-type", "x-kubernetes-map-type",
    }
)  # fmt: skip
"""Fields whose empty value says something: null alone removes them."""
_VALUES: Final = frozenset({"default", "example", "enum"})
_STRINGS: Final = ("id", "$schema", "description", "type", "format", "title", "pattern")
_SCHEMA_FIELDS: Final = ("not", "items", "additionalProperties", "additionalItems")
_SCHEMA_MAPS: Final = ("properties", "patternProperties", "definitions", "dependencies")
_SCHEMA_LISTS: Final = ("allOf", "oneOf", "anyOf")
_GO_FIELDS: Final[tuple[tuple[str, str, Any], ...]] = (
    ("ID", "id", ""), ("Schema", "$schema", ""), ("Ref", "$ref", None), ("Description", "description", ""),
    ("Type", "type", ""), ("Nullable", "nullable", False), ("Format", "format", ""), ("Title", "title", ""),
    ("Default", "default", None), ("Maximum", "maximum", None), ("ExclusiveMaximum", "exclusiveMaximum", False),
    ("Minimum", "minimum", None), ("ExclusiveMinimum", "exclusiveMinimum", False), ("MaxLength", "maxLength", None),
    ("MinLength", "minLength", None), ("Pattern", "pattern", ""), ("MaxItems", "maxItems", None),
    ("MinItems", "minItems", None), ("UniqueItems", "uniqueItems", False), ("MultipleOf", "multipleOf", None),
    ("Enum", "enum", None), ("MaxProperties", "maxProperties", None), ("MinProperties", "minProperties", None),
    ("Required", "required", None), ("Items", "items", None), ("AllOf", "allOf", None), ("OneOf", "oneOf", None),
    ("AnyOf", "anyOf", None), ("Not", "not", None), ("Properties", "properties", None),
    ("AdditionalProperties", "additionalProperties", None), ("PatternProperties", "patternProperties", None),
    ("Dependencies", "dependencies", None), ("AdditionalItems", "additionalItems", None),
    ("Definitions", "definitions", None), ("ExternalDocs", "externalDocs", None), ("Example", "example", None),
    ("XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields", None),
    ("XEmbeddedResource", "x-kubernetes-embedded-resource", False),
    ("XIntOrString", "x-kubernetes-int-or-string", False), ("XListMapKeys", "x-kubernetes-list-map-keys", None),
    ("XListType", "x-kubernetes-list-type", None), ("XMapType", "x-kubernetes-map-type", None),
    ("XValidations", "x-kubernetes-validations", None),
)  # fmt: skip
GO_NAMES: Final = {json_name: go_name for go_name, json_name, _ in _GO_FIELDS}
"""The struct field of each JSON field, in the struct's order."""


def normalize(schema: Schema) -> Schema:
    """A schema without unknown and empty fields, changed in place."""
    for name in list(schema):
        value = schema[name]
        if value is None or name not in GO_NAMES or (_is_empty(value) and _may_go(name, value)):
            del schema[name]
    for name in _SCHEMA_FIELDS:
        _normalize_field(schema.get(name))
    for name in _SCHEMA_MAPS:
        for child in schema.get(name, {}).values():
            _normalize_field(child)
    for name in _SCHEMA_LISTS:
        for child in schema.get(name, ()):
            normalize(child)
    for rule in schema.get("x-kubernetes-validations", ()):
        for name in [n for n, v in rule.items() if v is None or v == ""]:
            del rule[name]
    return schema


def _normalize_field(value: Any) -> None:
    if isinstance(value, dict):
        normalize(value)
    elif isinstance(value, list):
        for child in value:
            if isinstance(child, dict):
                normalize(child)


def _is_empty(value: Any) -> bool:
    return value is False or value == "" or value == [] or value == {}


def _may_go(name: str, value: Any) -> bool:
    if name == "enum":
        return bool(value == [])
    return name not in _POINTERS and name not in _VALUES


def rule_struct(rule: Schema) -> Schema:
    """A validation rule as Go's JSON encoder prints the internal struct."""
    return {
        "Rule": rule.get("rule", ""),
        "Message": rule.get("message", ""),
        "MessageExpression": rule.get("messageExpression", ""),
        "Reason": rule.get("reason"),
        "FieldPath": rule.get("fieldPath", ""),
        "OptionalOldSelf": rule.get("optionalOldSelf"),
    }


def schema_struct(schema: Schema | None) -> Schema | None:
    """A schema as Go's JSON encoder prints the internal struct: every field, in the struct's order."""
    if schema is None:
        return None
    return {go_name: _struct_value(name, schema.get(name, zero)) for go_name, name, zero in _GO_FIELDS}


def _struct_value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in ("additionalProperties", "additionalItems"):
        is_schema = isinstance(value, dict)
        return {"Allows": is_schema or value, "Schema": schema_struct(value) if is_schema else None}
    if name == "items":
        is_list = isinstance(value, list)
        return {
            "Schema": None if is_list else schema_struct(value),
            "JSONSchemas": [schema_struct(v) for v in value] if is_list else None,
        }
    if name == "not":
        return schema_struct(value)
    if name in _SCHEMA_LISTS:
        return [schema_struct(v) for v in value]
    if name == "x-kubernetes-validations":
        return [rule_struct(v) for v in value]
    if name == "externalDocs":
        return {"Description": value.get("description", ""), "URL": value.get("url", "")}
    if name in _SCHEMA_MAPS:
        return {k: schema_struct(v) if isinstance(v, dict) else v for k, v in sorted(value.items())}
    return value
