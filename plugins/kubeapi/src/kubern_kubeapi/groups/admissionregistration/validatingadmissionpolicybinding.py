"""The ValidatingAdmissionPolicyBinding kind (admissionregistration.k8s.io). Next: `policies.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern_kubeapi.groups.admissionregistration.policies import (
    BINDING_COLUMNS,
    SPEC,
    SpecGenerationStrategy,
    binding_cells,
    set_binding_defaults,
    validate_binding,
)
from kubern_kubeapi.groups.declare import schema

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

ACTIONS = ("Audit", "Deny", "Warn")
_BOTH = (
    "must not contain both Deny and Warn (repeating the same validation failure information in the API response "
    "and headers serves no purpose)"
)


def _validate_actions(actions: list[str], path: Path) -> ErrorList:
    errors: ErrorList = []
    seen: set[str] = set()
    for i, action in enumerate(actions):
        if action not in ACTIONS:
            errors.append(field.not_supported(path.index(i), action, ACTIONS))
        if action in seen:
            errors.append(field.duplicate(path.index(i), action))
        seen.add(action)
    if {"Deny", "Warn"} <= seen:
        errors.append(field.invalid(path, actions, _BOTH))
    if not seen:
        errors.append(field.required(path, "at least one validation action is required"))
    return errors


class ValidatingAdmissionPolicyBindingStrategy(SpecGenerationStrategy):
    """Rules of bindings of validating policies."""

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        actions = obj.get("spec", {}).get("validationActions") or []
        return validate_binding(obj) + _validate_actions(actions, SPEC.child("validationActions"))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return self.validate(ctx, obj)


RESOURCE = ResourceDefinition(
    group="admissionregistration.k8s.io",
    resource="validatingadmissionpolicybindings",
    kind="ValidatingAdmissionPolicyBinding",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding"),
            default=set_binding_defaults,
            columns=BINDING_COLUMNS,
            cells=binding_cells,
        ),
    ),
    strategy=ValidatingAdmissionPolicyBindingStrategy(),
    namespaced=False,
    singular="validatingadmissionpolicybinding",
    categories=("api-extensions",),
)
