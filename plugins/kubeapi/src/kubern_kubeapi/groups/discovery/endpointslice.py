"""The EndpointSlice kind (discovery.k8s.io), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class EndpointSliceStrategy(Strategy):
    """Rules of EndpointSlice objects."""


RESOURCE = ResourceDefinition(
    group="discovery.k8s.io",
    resource="endpointslices",
    kind="EndpointSlice",
    versions=(VersionDefinition("v1", schema=schema("discovery.k8s.io", "v1", "EndpointSlice")),),
    strategy=EndpointSliceStrategy(),
    singular="endpointslice",
)
