"""Everything that is checked in a custom resource before it is written (upstream: customResourceValidator).

Next: `strategy.py`, which asks.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, ErrorType, Path
from kubern.apimachinery.names import name_is_dns_subdomain
from kubern.apimachinery.validation.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_apiextensions.api.summary import ScalePaths
from kubern_apiextensions.registry.version import CustomResourceVersion
from kubern_apiextensions.schema.listtypes import find_duplicates
from kubern_apiextensions.schema.objectmeta import validate_embedded
from kubern_apiextensions.schema.paths import ROOT
from kubern_apiextensions.schema.rule_evaluation import run_rules
from kubern_apiextensions.schema.structural import properties
from kubern_apiextensions.schema.validation.correlation import Correlation
from kubern_apiextensions.schema.validation.errors import find_errors

Object = dict[str, Any]
MAX_INT32: Final = 2**31 - 1
_BLOCKING: Final = frozenset(
    {ErrorType.NOT_SUPPORTED, ErrorType.REQUIRED, ErrorType.TOO_LONG, ErrorType.TOO_MANY, ErrorType.TYPE_INVALID}
)
_BLOCKED: Final = (
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete "
    "validation"
)


@dataclasses.dataclass(frozen=True, slots=True)
class ResourceRules:
    """What of a definition matters for validation beyond the version's schema."""

    version: CustomResourceVersion
    namespaced: bool
    scale: ScalePaths | None = None


@dataclasses.dataclass(slots=True)
class Findings:
    errors: ErrorList
    warnings: list[str]


def type_meta_errors(rules: ResourceRules, obj: Object) -> ErrorList:
    """The object's kind and apiVersion are those of the endpoint."""
    errors: ErrorList = []
    version = rules.version
    if obj.get("kind", "") != version.kind:
        errors.append(field.invalid("kind", obj.get("kind", ""), f"must be {version.kind}"))
    if obj.get("apiVersion", "") != version.api_version:
        errors.append(field.invalid("apiVersion", obj.get("apiVersion", ""), f"must be {version.api_version}"))
    return errors


def validate_create(rules: ResourceRules, obj: Object) -> Findings:
    """Problems of a new object."""
    version = rules.version
    errors = validate_object_meta(obj["metadata"], rules.namespaced, name_is_dns_subdomain)
    errors += _schema_errors(version, obj, None)
    errors += _scale_spec_errors(rules.scale, obj) + _scale_status_errors(rules.scale, obj)
    errors += _embedded_errors(version, obj)
    if version.has_list_types:
        errors += find_duplicates(version.schema, obj)
    return _with_rules(version, obj, None, None, errors)


def validate_update(rules: ResourceRules, obj: Object, old: Object) -> Findings:
    """Problems of an object as the successor of `old`; what is wrong but unchanged is left out where upstream does."""
    version = rules.version
    pair = Correlation(obj, old, version.schema)
    errors = validate_object_meta_update(obj["metadata"], old["metadata"])
    errors += _schema_errors(version, obj, pair)
    errors += _scale_spec_errors(rules.scale, obj) + _scale_status_errors(rules.scale, obj)
    errors += _embedded_errors(version, obj)
    errors += _list_errors(version, obj, old)
    return _with_rules(version, obj, old, pair, errors)


def validate_status_update(rules: ResourceRules, obj: Object, old: Object) -> Findings:
    """Problems of an object written through its status subresource."""
    version = rules.version
    pair = Correlation(obj, old, version.schema)
    errors = validate_object_meta_update(obj["metadata"], old["metadata"])
    errors += _status_errors(version, obj, pair)
    errors += _scale_status_errors(rules.scale, obj)
    errors += _list_errors(version, obj, old)
    return _with_rules(version, obj, old, pair, errors)


def _schema_errors(version: CustomResourceVersion, obj: Object, pair: Correlation | None) -> ErrorList:
    check = version.check
    if check is None or check(obj):
        return []
    return find_errors(version.schema, obj, None, pair)


def _status_errors(version: CustomResourceVersion, obj: Object, pair: Correlation) -> ErrorList:
    """Problems of the status alone; what the rest of the object lacks is no matter of this subresource."""
    schema = properties(version.schema).get("status")
    if schema is None or "status" not in obj:
        return []
    return find_errors(schema, obj["status"], Path("status"), pair.key("status"))


def _embedded_errors(version: CustomResourceVersion, obj: Object) -> ErrorList:
    return validate_embedded(obj, version.schema, None, root=False) if version.has_embedded_resources else []


def _list_errors(version: CustomResourceVersion, obj: Object, old: Object) -> ErrorList:
    """Duplicates, unless the old object had some."""
    if not version.has_list_types or find_duplicates(version.schema, old):
        return []
    return find_duplicates(version.schema, obj)


def _with_rules(
    version: CustomResourceVersion, obj: Object, old: Object | None, pair: Correlation | None, errors: ErrorList
) -> Findings:
    rules = version.rules
    if rules is None:
        return Findings(errors, [])
    if any(error.type in _BLOCKING for error in errors):
        return Findings([*errors, field.invalid(ROOT, None, _BLOCKED)], [])
    run = run_rules(rules, obj, old, None, pair)
    return Findings(errors + run.errors, run.warnings)


class _WrongType(ValueError):
    """A value on a path has another type than expected."""


_GO_TYPES: Final = {
    str: "string", bool: "bool", int: "int64", float: "float64", list: "[]interface {}", type(None): "<nil>",
    dict: "map[string]interface {}",
}  # fmt: skip


def nested(obj: Object, path: str, wanted: type) -> Any:
    """The value at `.a.b`, None when it is not there. Raises ValueError as unstructured.Nested... do."""
    names = path.removeprefix(".").split(".")
    value: Any = obj
    for i, name in enumerate(names):
        if not isinstance(value, dict):
            raise _wrong_type(names[: i + 1], value, "map[string]interface{}")
        if name not in value:
            return None
        value = value[name]
    if value.__class__ is not wanted:
        raise _wrong_type(names, value, {int: "int64", str: "string"}[wanted])
    return value


def _wrong_type(names: list[str], value: Any, wanted: str) -> _WrongType:
    shown = field.render_value(value) if not isinstance(value, str) else value
    place = "." + ".".join(names)
    return _WrongType(f"{place} accessor error: {shown} is of the type {_GO_TYPES[value.__class__]}, expected {wanted}")


def _replicas_errors(obj: Object, path: str) -> ErrorList:
    try:
        replicas = nested(obj, path, int) or 0
    except _WrongType as error:
        return [field.invalid(path, 0, str(error))]
    if replicas < 0:
        return [field.invalid(path, replicas, "should be a non-negative integer")]
    if replicas > MAX_INT32:
        return [field.invalid(path, replicas, f"should be less than or equal to {MAX_INT32}")]
    return []


def _scale_spec_errors(scale: ScalePaths | None, obj: Object) -> ErrorList:
    return [] if scale is None else _replicas_errors(obj, scale.spec_replicas)


def _scale_status_errors(scale: ScalePaths | None, obj: Object) -> ErrorList:
    if scale is None:
        return []
    errors = _replicas_errors(obj, scale.status_replicas)
    if scale.label_selector:
        try:
            nested(obj, scale.label_selector, str)
        except _WrongType as error:
            errors.append(field.invalid(scale.label_selector, "", str(error)))
    return errors
