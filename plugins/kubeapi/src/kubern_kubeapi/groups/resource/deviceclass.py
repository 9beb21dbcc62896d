"""The DeviceClass kind (resource.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class DeviceClassStrategy(Strategy):
    """Rules of DeviceClass objects."""


RESOURCE = ResourceDefinition(
    group="resource.k8s.io",
    resource="deviceclasses",
    kind="DeviceClass",
    return_deleted_object=True,
    versions=(VersionDefinition("v1", schema=schema("resource.k8s.io", "v1", "DeviceClass")),),
    strategy=DeviceClassStrategy(),
    namespaced=False,
    singular="deviceclass",
)
