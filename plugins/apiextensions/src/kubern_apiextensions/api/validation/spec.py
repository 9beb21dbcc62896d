"""Validation of a definition's spec (upstream: validateCustomResourceDefinitionSpec and ...SpecUpdate).

Next: `versions.py` for the parts of a version, `schemas.py` for schemas.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import is_dns1035_label, is_dns1123_subdomain
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern_apiextensions.api.hub import HubSpec, versions_struct
from kubern_apiextensions.api.validation.conversion import validate_conversion
from kubern_apiextensions.api.validation.names import validate_names, validate_required_names
from kubern_apiextensions.api.validation.options import ValidationOptions
from kubern_apiextensions.api.validation.schemas import validate_schema_holder
from kubern_apiextensions.api.validation.versions import (
    has_status,
    validate_columns,
    validate_selectable_fields,
    validate_subresources,
    validate_version,
)
from kubern_apiextensions.api.validation.walk import Schema, any_schema

SCOPES: Final = ("Cluster", "Namespaced")
_EXTENSIONS: Final = (
    "x-kubernetes-embedded-resource",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-validations",
)


def validate_spec(spec: HubSpec, options: ValidationOptions, path: Path) -> ErrorList:
    """Problems of a spec by itself."""
    errors = _validate_group(spec.group, path.child("group"))
    errors += validate_enum(spec.scope, SCOPES, path.child("scope"))
    errors += _validate_schemas_present(spec, options, path)
    options = _stricter(spec, options)
    if spec.preserve_unknown_fields and any(any_schema(s, _has_default) for s in spec.schemas()):
        detail = "must be false in order to use defaults in the schema"
        errors.append(field.invalid(path.child("preserveUnknownFields"), True, detail))
    errors += _validate_versions(spec, options, path)
    errors += validate_required_names(spec.names, path.child("names"))
    errors += validate_names(spec.names, path.child("names"))
    errors += validate_schema_holder(
        spec.validation, _any_status(spec), options, spec.version, path.child("validation")
    )
    errors += validate_subresources(spec.subresources, path.child("subresources"))
    errors += validate_columns(spec.columns, path.child("additionalPrinterColumns"))
    at = path.child("selectableFields")
    errors += validate_selectable_fields(spec.selectable_fields, spec.validation, at, options, "")
    if spec.conversion is not None and spec.conversion.get("strategy") != "None" and spec.preserve_unknown_fields:
        detail = "must be None if spec.preserveUnknownFields is true"
        errors.append(field.invalid(path.child("conversion", "strategy"), spec.conversion.get("strategy"), detail))
    return errors + validate_conversion(spec.conversion, options, path.child("conversion"))


def validate_spec_update(new: HubSpec, old: HubSpec, options: ValidationOptions, path: Path) -> ErrorList:
    """Problems of a spec as the successor of `old`."""
    errors = validate_spec(new, options, path)
    if options.require_immutable_names:
        errors += validate_immutable(new.scope, old.scope, path.child("scope"))
        errors += validate_immutable(new.names.get("kind", ""), old.names.get("kind", ""), path.child("names", "kind"))
    errors += validate_immutable(new.group, old.group, path.child("group"))
    plural = path.child("names", "plural")
    return errors + validate_immutable(new.names.get("plural", ""), old.names.get("plural", ""), plural)


def _validate_group(group: str, path: Path) -> ErrorList:
    if not group:
        return [field.required(path)]
    problems = is_dns1123_subdomain(group)
    if problems:
        return [field.invalid(path, group, ",".join(problems))]
    if "." not in group:
        return [field.invalid(path, group, "should be a domain with at least one dot")]
    return []


def validate_enum(value: str, accepted: tuple[str, ...], path: Path) -> ErrorList:
    """One of a few words, required (upstream: validateEnumStrings)."""
    if not value:
        return [field.required(path)]
    return [] if value in accepted else [field.not_supported(path, value, accepted)]


def _validate_schemas_present(spec: HubSpec, options: ValidationOptions, path: Path) -> ErrorList:
    """Each version, or each served one if the stored definition was lax, has a schema."""
    if spec.validation is not None and spec.validation.get("openAPIV3Schema") is not None:
        return []
    if not options.require_openapi_schema and spec.preserve_unknown_fields:
        return []
    errors: ErrorList = []
    for i, version in enumerate(spec.versions):
        if version.schema is not None and version.schema.get("openAPIV3Schema") is not None:
            continue
        at = path.child("versions").index(i).child("schema", "openAPIV3Schema")
        if options.require_openapi_schema:
            errors.append(field.required(at))
        elif version.served:
            errors.append(field.required(at, "because otherwise all fields are pruned"))
    return errors


def _has_default(schema: Schema) -> bool:
    return schema.get("default") is not None


def _has_extension(schema: Schema) -> bool:
    return any(schema.get(name) is not None for name in _EXTENSIONS)


def _stricter(spec: HubSpec, options: ValidationOptions) -> ValidationOptions:
    """Pruning, defaults and extensions need structural schemas, whatever the stored definition had."""
    needs = not spec.preserve_unknown_fields or any(
        any_schema(s, lambda node: _has_default(node) or _has_extension(node)) for s in spec.schemas()
    )
    return dataclasses.replace(options, require_structural_schema=True) if needs else options


def _any_status(spec: HubSpec) -> bool:
    return has_status(spec.subresources) or any(has_status(v.subresources) for v in spec.versions)


def _validate_versions(spec: HubSpec, options: ValidationOptions, path: Path) -> ErrorList:
    errors: ErrorList = []
    at = path.child("versions")
    per_version = any(v.subresources is not None for v in spec.versions)
    for i, version in enumerate(spec.versions):
        problems = is_dns1035_label(version.name)
        if problems:
            errors.append(field.invalid(at.index(i).child("name"), version.name, ",".join(problems)))
        status = has_status(version.subresources if per_version else spec.subresources)
        errors += validate_version(version, status, options, at.index(i))
    if len({v.name for v in spec.versions}) != len(spec.versions):
        errors.append(field.invalid(at, versions_struct(spec.versions), "must contain unique version names"))
    if sum(v.storage for v in spec.versions) != 1:
        detail = "must have exactly one version marked as storage version"
        errors.append(field.invalid(at, versions_struct(spec.versions), detail))
    if spec.version:
        problems = is_dns1035_label(spec.version)
        if problems:
            errors.append(field.invalid(path.child("version"), spec.version, ",".join(problems)))
    return errors
