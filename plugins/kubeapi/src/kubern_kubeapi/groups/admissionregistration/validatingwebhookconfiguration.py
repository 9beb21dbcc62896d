"""The ValidatingWebhookConfiguration kind (admissionregistration.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ValidatingWebhookConfigurationStrategy(Strategy):
    """Rules of ValidatingWebhookConfiguration objects."""


RESOURCE = ResourceDefinition(
    group="admissionregistration.k8s.io",
    resource="validatingwebhookconfigurations",
    kind="ValidatingWebhookConfiguration",
    versions=(
        VersionDefinition("v1", schema=schema("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration")),
    ),
    strategy=ValidatingWebhookConfigurationStrategy(),
    namespaced=False,
    singular="validatingwebhookconfiguration",
    categories=("api-extensions",),
)
