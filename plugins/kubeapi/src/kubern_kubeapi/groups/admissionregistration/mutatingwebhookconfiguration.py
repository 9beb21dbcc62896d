"""The MutatingWebhookConfiguration kind (admissionregistration.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class MutatingWebhookConfigurationStrategy(Strategy):
    """Rules of MutatingWebhookConfiguration objects."""


RESOURCE = ResourceDefinition(
    group="admissionregistration.k8s.io",
    resource="mutatingwebhookconfigurations",
    kind="MutatingWebhookConfiguration",
    versions=(
        VersionDefinition("v1", schema=schema("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration")),
    ),
    strategy=MutatingWebhookConfigurationStrategy(),
    namespaced=False,
    singular="mutatingwebhookconfiguration",
    categories=("api-extensions",),
)
