"""The MutatingAdmissionPolicyBinding kind (admissionregistration.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class MutatingAdmissionPolicyBindingStrategy(Strategy):
    """Rules of MutatingAdmissionPolicyBinding objects."""


RESOURCE = ResourceDefinition(
    group="admissionregistration.k8s.io",
    resource="mutatingadmissionpolicybindings",
    kind="MutatingAdmissionPolicyBinding",
    versions=(
        VersionDefinition("v1", schema=schema("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicyBinding")),
    ),
    strategy=MutatingAdmissionPolicyBindingStrategy(),
    namespaced=False,
    singular="mutatingadmissionpolicybinding",
    categories=("api-extensions",),
)
