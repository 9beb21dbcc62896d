"""The ResourceQuota kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ResourceQuotaStrategy(Strategy):
    """Rules of ResourceQuota objects."""


class ResourceQuotaStatusStrategy(ResourceQuotaStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="",
    resource="resourcequotas",
    kind="ResourceQuota",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "ResourceQuota")),),
    strategy=ResourceQuotaStrategy(),
    singular="resourcequota",
    short_names=("quota",),
    subresources=(Subresource("status", strategy=ResourceQuotaStatusStrategy()),),
)
