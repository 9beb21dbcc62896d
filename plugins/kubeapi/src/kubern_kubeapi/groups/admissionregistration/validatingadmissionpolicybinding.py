"""The ValidatingAdmissionPolicyBinding kind (admissionregistration.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ValidatingAdmissionPolicyBindingStrategy(Strategy):
    """Rules of ValidatingAdmissionPolicyBinding objects."""


RESOURCE = ResourceDefinition(
    group="admissionregistration.k8s.io",
    resource="validatingadmissionpolicybindings",
    kind="ValidatingAdmissionPolicyBinding",
    versions=(
        VersionDefinition(
            "v1", schema=schema("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding")
        ),
    ),
    strategy=ValidatingAdmissionPolicyBindingStrategy(),
    namespaced=False,
    singular="validatingadmissionpolicybinding",
    categories=("api-extensions",),
)
