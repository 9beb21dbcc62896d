"""apiVersion, kind and metadata of resources inside of resources (upstream: schema/objectmeta).

`coerce` functions make metadata well-formed when an object is decoded; `validate_embedded` checks it afterwards.
Next: `walker.py`, which is given the coercion.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, FieldError
from kubern.apimachinery.names import is_dns1035_label, name_is_path_segment
from kubern.apimachinery.validation.objectmeta import validate_object_meta
from kubern_apiextensions.schema.paths import NodePath, child_of, index_of, key_of, sorted_value
from kubern_apiextensions.schema.structural import (
    Schema,
    additional_schema,
    any_node,
    as_resource_root,
    is_embedded_resource,
    items,
    properties,
)

if TYPE_CHECKING:
    from kubern.apimachinery.schema.compiled import Walker

Object = dict[str, Any]
_OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


class MalformedField(ValueError):
    """apiVersion, kind or metadata that cannot be decoded; the text is the decoder's."""


@functools.cache
def _meta_walker() -> Walker:
    from kubern.apimachinery.schema.compiled import compile_walker
    from kubern.apimachinery.schema.files import meta_definitions

    return compile_walker(meta_definitions().get(_OBJECT_META), "ObjectMeta", "v1")


def decode_object_meta(value: Any) -> tuple[Object, list[str]]:
    """metadata as Go decodes and writes it again, and its unknown fields (`.foo`). Raises MalformedField."""
    from kubern.apimachinery.schema.compiled import DecodeError

    try:
        decoded, problems = _meta_walker().decode_document({} if value is None else value, None)
    except DecodeError as error:
        raise MalformedField(str(error)) from None
    return decoded, [f".{_field_name(problem)}" for problem in problems if problem.startswith("unknown field ")]


def _field_name(problem: str) -> str:
    return problem.removeprefix("unknown field ").strip('"')


def lenient_object_meta(value: Any) -> tuple[Object, list[str]]:
    """metadata as far as it can be decoded: what is malformed is dropped. Raises MalformedField for no object."""
    try:
        return decode_object_meta(value)
    except MalformedField:
        if not isinstance(value, dict):
            raise
    kept: Object = {}
    for name, member in value.items():
        try:
            decoded, _ = decode_object_meta({name: member})
        except MalformedField:
            continue
        kept.update(decoded)
    return kept, []


def has_embedded_resources(schema: Schema) -> bool:
    return any_node(schema, is_embedded_resource)


def coercion_error(value: Any, schema: Schema | None, path: NodePath, *, root: bool) -> FieldError | None:
    """The first embedded apiVersion, kind or metadata that cannot be decoded (upstream: Coerce)."""
    if schema is None:
        return None
    if root:
        schema = as_resource_root(schema)
    if isinstance(value, dict):
        return _coercion_error_in(value, schema, path)
    if isinstance(value, list):
        for i, item in enumerate(value):
            error = coercion_error(item, items(schema), index_of(path, i), root=False)
            if error is not None:
                return error
    return None


def _coercion_error_in(value: Object, schema: Schema, path: NodePath) -> FieldError | None:
    declared, others = properties(schema), additional_schema(schema)
    for name, member in value.items():
        if is_embedded_resource(schema):
            error = _meta_field_error(name, member, path)
            if error is not None:
                return error
        place = child_of(path, name) if name in declared else key_of(path, name)
        error = coercion_error(member, declared.get(name, others), place, root=False)
        if error is not None:
            return error
    return None


def _meta_field_error(name: str, member: Any, path: NodePath) -> FieldError | None:
    if name in ("apiVersion", "kind"):
        return (
            None
            if isinstance(member, str)
            else field.invalid(child_of(path, name), sorted_value(member), "must be a string")
        )
    if name == "metadata":
        try:
            decode_object_meta(member)
        except MalformedField as error:
            return field.invalid(child_of(path, name), sorted_value(member), str(error))
    return None


def validate_embedded(value: Any, schema: Schema | None, path: NodePath, *, root: bool) -> ErrorList:
    """Embedded resources have apiVersion, kind and valid metadata (upstream: objectmeta.Validate)."""
    if schema is None:
        return []
    if root:
        schema = as_resource_root(schema)
    errors: ErrorList = []
    if isinstance(value, list):
        for i, item in enumerate(value):
            errors += validate_embedded(item, items(schema), index_of(path, i), root=False)
    if not isinstance(value, dict):
        return errors
    if is_embedded_resource(schema):
        errors += _resource_errors(value, path)
    declared, others = properties(schema), additional_schema(schema)
    for name, member in sorted(value.items()):
        if name in declared:
            errors += validate_embedded(member, declared[name], child_of(path, name), root=False)
        elif others is not None:
            errors += validate_embedded(member, others, key_of(path, name), root=False)
    return errors


def _resource_errors(value: Object, path: NodePath) -> ErrorList:
    errors: ErrorList = [field.required(child_of(path, name)) for name in ("apiVersion", "kind") if name not in value]
    if "apiVersion" in value:
        errors += _api_version_errors(value["apiVersion"], child_of(path, "apiVersion"))
    if "kind" in value:
        errors += _kind_errors(value["kind"], child_of(path, "kind"))
    if "metadata" in value:
        place = child_of(path, "metadata")
        try:
            meta, _ = decode_object_meta(dict(value["metadata"] or {}))
        except MalformedField as error:
            return [*errors, field.invalid(place, value["metadata"], str(error))]
        meta.setdefault("name", "fakename")
        errors += validate_object_meta(meta, bool(meta.get("namespace")), name_is_path_segment, place)
    return errors


def _api_version_errors(value: Any, path: Any) -> ErrorList:
    if not isinstance(value, str):
        return [field.invalid(path, value, "must be a string")]
    if not value:
        return [field.required(path)]
    if value.count("/") > 1:
        return [field.invalid(path, value, f"unexpected GroupVersion string: {value}")]
    return []


def _kind_errors(value: Any, path: Any) -> ErrorList:
    if not isinstance(value, str):
        return [field.invalid(path, value, "must be a string")]
    if not value:
        return [field.required(path)]
    problems = is_dns1035_label(value.lower())
    if problems:
        detail = "may have mixed case, but should otherwise match: " + ",".join(problems)
        return [field.invalid(path, value, detail)]
    return []
