"""The ValidatingAdmissionPolicy kind (admissionregistration.k8s.io). Next: `policies.py`, `expressions.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.conditions import validate_conditions
from kubern.apimachinery.validation.objectmeta import validate_object_meta
from kubern.registry.strategy import keep_status
from kubern_kubeapi.groups.admissionregistration import expressions
from kubern_kubeapi.groups.admissionregistration.policies import (
    PARAM_KIND_COLUMN,
    SPEC,
    SpecGenerationStrategy,
    keeps_match_conditions,
    param_kind_cell,
    set_policy_defaults,
    validate_param_kind,
)
from kubern_kubeapi.groups.admissionregistration.rules import validate_failure_policy, validate_match_constraints
from kubern_kubeapi.groups.declare import schema

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

_STATUS = Path("status")
_NOTHING = "validations or auditAnnotations must contain at least one item"


def _validate_policy(obj: Object, *, ignore_match_conditions: bool) -> ErrorList:
    errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
    spec = obj.get("spec", {})
    has_params = spec.get("paramKind") is not None
    errors += validate_failure_policy(spec, SPEC)
    errors += validate_param_kind(spec.get("paramKind"), SPEC.child("paramKind"))
    errors += validate_match_constraints(spec.get("matchConstraints"), SPEC.child("matchConstraints"))
    if not ignore_match_conditions:
        conditions, at = spec.get("matchConditions"), SPEC.child("matchConditions")
        errors += expressions.validate_match_conditions(conditions, at, has_params=has_params)
    return errors + _validate_expressions(obj["metadata"].get("name", ""), spec, has_params)


def _validate_expressions(name: str, spec: Object, has_params: bool) -> ErrorList:
    variables, validations = spec.get("variables") or (), spec.get("validations") or ()
    annotations = spec.get("auditAnnotations") or []
    errors: ErrorList = []
    compiler = expressions.composited_compiler() if variables else expressions.stateless_compiler()
    for i, variable in enumerate(variables):
        at = SPEC.child("variables").index(i)
        errors += expressions.validate_variable(compiler, variable, at, has_params=has_params)
    if not validations and not annotations:
        return errors + [field.required(SPEC.child(key), _NOTHING) for key in ("validations", "auditAnnotations")]
    for i, validation in enumerate(validations):
        at = SPEC.child("validations").index(i)
        errors += expressions.validate_validation(compiler, validation, at, has_params=has_params)
    path, most = SPEC.child("auditAnnotations"), expressions.MAX_AUDIT_ANNOTATIONS
    if len(annotations) > most:
        shown = [{"Key": a.get("key", ""), "ValueExpression": a.get("valueExpression", "")} for a in annotations]
        errors.append(field.invalid(path, shown, f"must not have more than {most} auditAnnotations"))
    seen: set[str] = set()
    for i, annotation in enumerate(annotations):
        key = annotation.get("key", "")
        errors += expressions.validate_audit_annotation(
            compiler, name, annotation, path.index(i), has_params=has_params
        )
        if key in seen:
            errors.append(field.duplicate(path.index(i).child("key"), key))
        seen.add(key)
    return errors


def _validate_status(status: Object) -> ErrorList:
    errors: ErrorList = []
    warnings = (status.get("typeChecking") or {}).get("expressionWarnings") or ()
    for i, warning in enumerate(warnings):
        at = _STATUS.child("typeChecking", "expressionWarnings").index(i)
        if not warning.get("warning"):
            errors.append(field.required(at.child("warning")))
        errors += _validate_field_ref(warning.get("fieldRef", "").strip(), at.child("fieldRef"))
    return errors + validate_conditions(status.get("conditions"), _STATUS.child("conditions"))


def _validate_field_ref(text: str, path: Path) -> ErrorList:
    from kubern.util.jsonpath import JSONPathError, compile_path

    if not text:
        return [field.required(path)]
    try:
        compile_path(text)
    except JSONPathError as error:
        return [field.invalid(path, text, f"invalid JSONPath: {error}")]
    return []


class ValidatingAdmissionPolicyStrategy(SpecGenerationStrategy):
    """Rules of validating policies."""

    reset_fields = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        super().prepare_for_create(ctx, obj)
        obj["status"] = {}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        super().prepare_for_update(ctx, obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return _validate_policy(obj, ignore_match_conditions=False)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return _validate_policy(obj, ignore_match_conditions=keeps_match_conditions(obj, old))


class ValidatingAdmissionPolicyStatusStrategy(ValidatingAdmissionPolicyStrategy):
    """Rules of the status subresource."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return _validate_status(obj.get("status", {}))


def _cells(obj: Object) -> list[Any]:
    validations = len(obj.get("spec", {}).get("validations") or ())
    return [obj["metadata"]["name"], validations, param_kind_cell(obj), age(obj)]


_COLUMNS = (
    NAME_COLUMN,
    Column(
        "Validations",
        "integer",
        description="Validations indicates the number of validation rules defined in this configuration",
    ),
    PARAM_KIND_COLUMN,
    AGE_COLUMN,
)

RESOURCE = ResourceDefinition(
    group="admissionregistration.k8s.io",
    resource="validatingadmissionpolicies",
    kind="ValidatingAdmissionPolicy",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy"),
            default=set_policy_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=ValidatingAdmissionPolicyStrategy(),
    namespaced=False,
    singular="validatingadmissionpolicy",
    categories=("api-extensions",),
    subresources=(Subresource("status", strategy=ValidatingAdmissionPolicyStatusStrategy()),),
)
