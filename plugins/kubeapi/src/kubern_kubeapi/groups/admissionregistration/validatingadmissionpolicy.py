"""The ValidatingAdmissionPolicy kind (admissionregistration.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ValidatingAdmissionPolicyStrategy(Strategy):
    """Rules of ValidatingAdmissionPolicy objects."""


class ValidatingAdmissionPolicyStatusStrategy(ValidatingAdmissionPolicyStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="admissionregistration.k8s.io",
    resource="validatingadmissionpolicies",
    kind="ValidatingAdmissionPolicy",
    versions=(
        VersionDefinition("v1", schema=schema("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy")),
    ),
    strategy=ValidatingAdmissionPolicyStrategy(),
    namespaced=False,
    singular="validatingadmissionpolicy",
    categories=("api-extensions",),
    subresources=(Subresource("status", strategy=ValidatingAdmissionPolicyStatusStrategy()),),
)
