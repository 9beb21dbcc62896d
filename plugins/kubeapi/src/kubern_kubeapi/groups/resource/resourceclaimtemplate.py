"""The ResourceClaimTemplate kind (resource.k8s.io), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ResourceClaimTemplateStrategy(Strategy):
    """Rules of ResourceClaimTemplate objects."""


RESOURCE = ResourceDefinition(
    group="resource.k8s.io",
    resource="resourceclaimtemplates",
    kind="ResourceClaimTemplate",
    return_deleted_object=True,
    versions=(VersionDefinition("v1", schema=schema("resource.k8s.io", "v1", "ResourceClaimTemplate")),),
    strategy=ResourceClaimTemplateStrategy(),
    singular="resourceclaimtemplate",
)
