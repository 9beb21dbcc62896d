"""The MutatingAdmissionPolicy kind (admissionregistration.k8s.io). Next: `policies.py`, `expressions.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, Column, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.objectmeta import validate_object_meta
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
from kubern_kubeapi.groups.admissionregistration.rules import (
    REINVOCATION_POLICIES,
    validate_failure_policy,
    validate_match_constraints,
    validate_mutating_operations,
)
from kubern_kubeapi.groups.declare import schema

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]


def _validate_policy(obj: Object, *, ignore_match_conditions: bool) -> ErrorList:
    errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
    spec = obj.get("spec", {})
    has_params = spec.get("paramKind") is not None
    errors += validate_failure_policy(spec, SPEC)
    errors += validate_param_kind(spec.get("paramKind"), SPEC.child("paramKind"))
    errors += validate_match_constraints(spec.get("matchConstraints"), SPEC.child("matchConstraints"))
    errors += validate_mutating_operations(spec.get("matchConstraints"), SPEC.child("matchConstraints"))
    if not ignore_match_conditions:
        conditions, at = spec.get("matchConditions"), SPEC.child("matchConditions")
        errors += expressions.validate_match_conditions(conditions, at, has_params=has_params)
    errors += _validate_expressions(spec, has_params)
    return errors + _validate_reinvocation(spec.get("reinvocationPolicy"))


def _validate_expressions(spec: Object, has_params: bool) -> ErrorList:
    errors: ErrorList = []
    compiler = expressions.composited_compiler()
    for i, variable in enumerate(spec.get("variables") or ()):
        at = SPEC.child("variables").index(i)
        errors += expressions.validate_variable(compiler, variable, at, has_params=has_params)
    mutations = spec.get("mutations") or ()
    if not mutations:
        errors.append(field.required(SPEC.child("mutations"), "mutations must contain at least one item"))
    for i, mutation in enumerate(mutations):
        at = SPEC.child("mutations").index(i)
        errors += expressions.validate_mutation(compiler, mutation, at, has_params=has_params)
    return errors


def _validate_reinvocation(policy: str | None) -> ErrorList:
    at = SPEC.child("reinvocationPolicy")
    if not policy:
        return [field.required(at)]
    return [] if policy in REINVOCATION_POLICIES else [field.not_supported(at, policy, REINVOCATION_POLICIES)]


class MutatingAdmissionPolicyStrategy(SpecGenerationStrategy):
    """Rules of mutating policies."""

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return _validate_policy(obj, ignore_match_conditions=False)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return _validate_policy(obj, ignore_match_conditions=keeps_match_conditions(obj, old))


def _cells(obj: Object) -> list[Any]:
    mutations = len(obj.get("spec", {}).get("mutations") or ())
    return [obj["metadata"]["name"], mutations, param_kind_cell(obj), age(obj)]


_COLUMNS = (
    NAME_COLUMN,
    Column(
        "Mutations",
        "integer",
        description="Mutation indicates the number of mutations rules defined in this configuration",
    ),
    PARAM_KIND_COLUMN,
    AGE_COLUMN,
)

RESOURCE = ResourceDefinition(
    group="admissionregistration.k8s.io",
    resource="mutatingadmissionpolicies",
    kind="MutatingAdmissionPolicy",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicy"),
            default=set_policy_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=MutatingAdmissionPolicyStrategy(),
    namespaced=False,
    singular="mutatingadmissionpolicy",
    categories=("api-extensions",),
)
