"""The MutatingAdmissionPolicyBinding kind (admissionregistration.k8s.io). Next: `policies.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern_kubeapi.groups.admissionregistration.policies import (
    BINDING_COLUMNS,
    SPEC,
    SpecGenerationStrategy,
    binding_cells,
    set_binding_defaults,
    validate_binding,
)
from kubern_kubeapi.groups.admissionregistration.rules import validate_mutating_operations
from kubern_kubeapi.groups.declare import schema

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]


class MutatingAdmissionPolicyBindingStrategy(SpecGenerationStrategy):
    """Rules of bindings of mutating policies."""

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        match = obj.get("spec", {}).get("matchResources")
        return validate_binding(obj) + validate_mutating_operations(match, SPEC.child("matchResources"))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return self.validate(ctx, obj)


RESOURCE = ResourceDefinition(
    group="admissionregistration.k8s.io",
    resource="mutatingadmissionpolicybindings",
    kind="MutatingAdmissionPolicyBinding",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicyBinding"),
            default=set_binding_defaults,
            columns=BINDING_COLUMNS,
            cells=binding_cells,
        ),
    ),
    strategy=MutatingAdmissionPolicyBindingStrategy(),
    namespaced=False,
    singular="mutatingadmissionpolicybinding",
    categories=("api-extensions",),
)
