"""The CSIStorageCapacity kind (storage.k8s.io), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class CSIStorageCapacityStrategy(Strategy):
    """Rules of CSIStorageCapacity objects."""


RESOURCE = ResourceDefinition(
    group="storage.k8s.io",
    resource="csistoragecapacities",
    kind="CSIStorageCapacity",
    versions=(VersionDefinition("v1", schema=schema("storage.k8s.io", "v1", "CSIStorageCapacity")),),
    strategy=CSIStorageCapacityStrategy(),
    singular="csistoragecapacity",
)
