"""The MutatingAdmissionPolicy kind (admissionregistration.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class MutatingAdmissionPolicyStrategy(Strategy):
    """Rules of MutatingAdmissionPolicy objects."""


RESOURCE = ResourceDefinition(
    group="admissionregistration.k8s.io",
    resource="mutatingadmissionpolicies",
    kind="MutatingAdmissionPolicy",
    versions=(VersionDefinition("v1", schema=schema("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicy")),),
    strategy=MutatingAdmissionPolicyStrategy(),
    namespaced=False,
    singular="mutatingadmissionpolicy",
    categories=("api-extensions",),
)
