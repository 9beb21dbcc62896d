"""The ValidatingWebhookConfiguration kind (admissionregistration.k8s.io). Next: `webhooks.py`, which both kinds share."""

from __future__ import annotations

from functools import partial

from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, Column, ResourceDefinition, VersionDefinition
from kubern_kubeapi.groups.admissionregistration.webhooks import (
    WebhookConfigurationStrategy,
    set_webhook_defaults,
    webhook_cells,
)
from kubern_kubeapi.groups.declare import schema

_WEBHOOKS = Column(
    "Webhooks", "integer", description="Webhooks indicates the number of webhooks registered in this configuration"
)

RESOURCE = ResourceDefinition(
    group="admissionregistration.k8s.io",
    resource="validatingwebhookconfigurations",
    kind="ValidatingWebhookConfiguration",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration"),
            default=partial(set_webhook_defaults, mutating=False),
            columns=(NAME_COLUMN, _WEBHOOKS, AGE_COLUMN),
            cells=webhook_cells,
        ),
    ),
    strategy=WebhookConfigurationStrategy(),
    namespaced=False,
    singular="validatingwebhookconfiguration",
    categories=("api-extensions",),
)
