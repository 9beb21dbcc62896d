"""Everything about a version's schema (upstream: validateCustomResourceDefinitionValidation).

Next: `structural.py`, `default_values.py`, `listkeys.py`, `rules.py` for its parts.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern_apiextensions.api.crd import Object
from kubern_apiextensions.api.schemaprops import GO_NAMES, schema_struct
from kubern_apiextensions.api.validation.default_values import validate_default_values
from kubern_apiextensions.api.validation.listkeys import list_type_errors, map_list_problems
from kubern_apiextensions.api.validation.options import ValidationOptions
from kubern_apiextensions.api.validation.rule_context import RuleContext
from kubern_apiextensions.api.validation.rules import rule_errors, static_rule_errors
from kubern_apiextensions.api.validation.structural import conversion_problem, validate_structural
from kubern_apiextensions.api.validation.walk import OPENAPI_TYPES, Schema, is_plain

_META_FIELDS: Final = ("metadata", "kind", "apiVersion")
_ROOT_FIELDS: Final = (
    "Description", "Type", "Format", "Title", "Maximum", "ExclusiveMaximum", "Minimum", "ExclusiveMinimum",
    "MaxLength", "MinLength", "Pattern", "MaxItems", "MinItems", "UniqueItems", "MultipleOf", "Required", "Items",
    "Properties", "ExternalDocs", "Example", "XPreserveUnknownFields", "XValidations",
)  # fmt: skip
"""What a root schema may have when its status is validated alone."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Place:
    """What matters of the way down to a node (upstream: specStandardValidatorV3)."""

    allow_defaults: bool = True
    forbidden_defaults: str = ""
    inside_resource_meta: bool = False
    uncorrelatable: Path | None = None

    def without_defaults(self, reason: str) -> _Place:
        return dataclasses.replace(self, allow_defaults=False, forbidden_defaults=reason)

    def not_correlatable(self, path: Path) -> _Place:
        return self if self.uncorrelatable is not None else dataclasses.replace(self, uncorrelatable=path)


@dataclasses.dataclass(slots=True)
class _Found:
    """Errors of the schema and of its rules, kept apart: broken schemas are not compiled against."""

    schema: ErrorList = dataclasses.field(default_factory=list)
    rules: ErrorList = dataclasses.field(default_factory=list)

    def add(self, other: _Found) -> None:
        self.schema += other.schema
        self.rules += other.rules


def validate_schema_holder(
    holder: Object | None, status: bool, options: ValidationOptions, version: str, path: Path
) -> ErrorList:
    """Problems of {"openAPIV3Schema": ...}; `status` says that the status subresource is on."""
    if holder is None or holder.get("openAPIV3Schema") is None:
        return []
    schema: Schema = holder["openAPIV3Schema"]
    at = path.child("openAPIV3Schema")
    errors = _root_errors(schema, path) if status else []
    if schema.get("nullable"):
        errors.append(field.forbidden(path.child("openAPIV3Schema.nullable"), "nullable cannot be true at the root"))
    context: RuleContext | None = None
    unreadable = ""
    if options.require_structural_schema:
        unreadable = conversion_problem(schema)
        if not unreadable:
            problems = validate_structural(schema, at) or validate_default_values(
                schema, at, options.require_pruned_defaults
            )
            errors += problems
            context = None if problems else RuleContext.root(schema)
    limit_each = version not in options.unchanged_versions
    found = _Visitor(options, limit_each).visit(schema, at, _Place(), context, is_root=True)
    errors += found.schema + found.rules
    if not errors and unreadable:
        errors.append(field.invalid(at, "", unreadable))
    return errors + ([] if context is None else context.total_cost_errors(at))


def _root_errors(schema: Schema, path: Path) -> ErrorList:
    for json_name, go_name in GO_NAMES.items():
        if schema.get(json_name) is None:
            continue
        if go_name == "Type":
            if schema["type"] != "object":
                detail = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
                return [field.invalid(path.child("openAPIV3Schema.type"), schema["type"], detail)]
        elif go_name not in _ROOT_FIELDS:
            shown = " ".join(_ROOT_FIELDS)
            detail = f"only [{shown}] fields are allowed at the root of the schema if the status subresource is enabled"
            return [field.invalid(path.child("openAPIV3Schema"), schema_struct(schema), detail)]
    return []


class _Visitor:
    """ValidateCustomResourceDefinitionOpenAPISchema: one schema node and all below it."""

    def __init__(self, options: ValidationOptions, limit_each_rule: bool) -> None:
        self.options = options
        self.limit_each_rule = limit_each_rule

    def visit(
        self, schema: Schema, path: Path, place: _Place, context: RuleContext | None, *, is_root: bool = False
    ) -> _Found:
        found = _Found(self._keyword_errors(schema, path, place))
        if schema.get("uniqueItems"):
            detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
            found.schema.append(field.forbidden(path.child("uniqueItems"), detail))
        self._visit_additional(schema, path, place, context, found)
        self._visit_properties(schema, path, place, context, found, is_root)
        self._visit_junctors(schema, path, place, found)
        self._visit_items(schema, path, place, context, found)
        if schema.get("x-kubernetes-preserve-unknown-fields") is False:
            at = path.child("x-kubernetes-preserve-unknown-fields")
            found.schema.append(field.invalid(at, False, "must be true or undefined"))
        found.schema += list_type_errors(schema, path, self.options.require_atomic_set_type)
        if self.options.require_map_list_keys:
            found.schema += map_list_problems(schema, path)
        self._visit_rules(schema, path, place, context, found)
        return found

    def _keyword_errors(self, schema: Schema, path: Path, place: _Place) -> ErrorList:
        errors: ErrorList = []
        named = schema.get("type")
        if self.options.require_valid_property_type and named and named not in OPENAPI_TYPES:
            errors.append(field.not_supported(path.child("type"), named, sorted(OPENAPI_TYPES)))
        if schema.get("default") is not None and not place.allow_defaults:
            detail = f"must not be set {place.forbidden_defaults}".rstrip()
            errors.append(field.forbidden(path.child("default"), detail))
        for name in ("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"):
            if schema.get(name) is not None:
                errors.append(field.forbidden(path.child(name), f"{name} is not supported"))
        if named == "null":
            detail = "type cannot be set to null, use nullable as an alternative"
            errors.append(field.forbidden(path.child("type"), detail))
        if isinstance(schema.get("items"), list) and schema["items"]:
            errors.append(field.forbidden(path.child("items"), "items must be a schema object and not an array"))
        if place.inside_resource_meta and schema.get("x-kubernetes-embedded-resource"):
            at = path.child("x-kubernetes-embedded-resource")
            errors.append(field.forbidden(at, "must not be used inside of resource meta"))
        return errors

    def _visit_additional(
        self, schema: Schema, path: Path, place: _Place, context: RuleContext | None, found: _Found
    ) -> None:
        additional = schema.get("additionalProperties")
        if additional is None:
            return
        at = path.child("additionalProperties")
        if schema.get("properties") and additional is not True:
            detail = "additionalProperties and properties are mutual exclusive"
            found.schema.append(field.forbidden(at, detail))
        if place.inside_resource_meta:
            place = place.without_defaults("inside additionalProperties applying to object metadata")
        if isinstance(additional, dict):
            below = None if context is None else context.values(additional)
            found.add(self.visit(additional, at, place, below))

    def _visit_properties(
        self,
        schema: Schema,
        path: Path,
        place: _Place,
        context: RuleContext | None,
        found: _Found,
        is_root: bool,
    ) -> None:
        for name, child in sorted(schema.get("properties", {}).items()):
            if is_plain(child):
                continue
            below = place
            if schema.get("x-kubernetes-map-type") not in (None, "granular", "atomic"):
                below = below.not_correlatable(path)
            if (is_root or schema.get("x-kubernetes-embedded-resource")) and name in _META_FIELDS:
                below = dataclasses.replace(below, inside_resource_meta=True)
                if is_root:
                    below = below.without_defaults(f"in top-level {name}")
            child_context = None if context is None else context.property(child)
            found.add(self.visit(child, path.child("properties").key(name), below, child_context))

    def _visit_junctors(self, schema: Schema, path: Path, place: _Place, found: _Found) -> None:
        if schema.get("not") is not None:
            found.add(self.visit(schema["not"], path.child("not"), place, None))
        for junctor in ("allOf", "oneOf", "anyOf"):
            for i, branch in enumerate(schema.get(junctor, ())):
                found.add(self.visit(branch, path.child(junctor).index(i), place, None))
        for word in ("definitions", "dependencies"):
            for name, child in sorted(schema.get(word, {}).items()):
                if isinstance(child, dict):
                    found.add(self.visit(child, path.child(word).key(name), place, None))

    def _visit_items(
        self, schema: Schema, path: Path, place: _Place, context: RuleContext | None, found: _Found
    ) -> None:
        items = schema.get("items")
        if schema.get("x-kubernetes-list-type") != "map":
            place = place.not_correlatable(path)
        if isinstance(items, dict):
            below = None if context is None else context.items(items)
            found.add(self.visit(items, path.child("items"), place, below))
        elif isinstance(items, list):
            for i, child in enumerate(items):
                found.add(self.visit(child, path.child("items").index(i), place, None))

    def _visit_rules(
        self, schema: Schema, path: Path, place: _Place, context: RuleContext | None, found: _Found
    ) -> None:
        if not schema.get("x-kubernetes-validations"):
            return
        found.schema += static_rule_errors(schema, path)
        if not found.schema and context is not None:
            found.rules += rule_errors(schema, path, context, place.uncorrelatable, self.limit_each_rule)
