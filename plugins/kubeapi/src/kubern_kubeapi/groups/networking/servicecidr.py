"""The ServiceCIDR kind (networking.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ServiceCIDRStrategy(Strategy):
    """Rules of ServiceCIDR objects."""


class ServiceCIDRStatusStrategy(ServiceCIDRStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="networking.k8s.io",
    resource="servicecidrs",
    kind="ServiceCIDR",
    versions=(VersionDefinition("v1", schema=schema("networking.k8s.io", "v1", "ServiceCIDR")),),
    strategy=ServiceCIDRStrategy(),
    namespaced=False,
    singular="servicecidr",
    subresources=(Subresource("status", strategy=ServiceCIDRStatusStrategy()),),
)
