"""The ResourceClaim kind (resource.k8s.io), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ResourceClaimStrategy(Strategy):
    """Rules of ResourceClaim objects."""


class ResourceClaimStatusStrategy(ResourceClaimStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="resource.k8s.io",
    resource="resourceclaims",
    kind="ResourceClaim",
    return_deleted_object=True,
    versions=(VersionDefinition("v1", schema=schema("resource.k8s.io", "v1", "ResourceClaim")),),
    strategy=ResourceClaimStrategy(),
    singular="resourceclaim",
    subresources=(Subresource("status", strategy=ResourceClaimStatusStrategy()),),
)
