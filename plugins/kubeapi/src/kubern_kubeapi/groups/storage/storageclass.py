"""The StorageClass kind (storage.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class StorageClassStrategy(Strategy):
    """Rules of StorageClass objects."""


RESOURCE = ResourceDefinition(
    group="storage.k8s.io",
    resource="storageclasses",
    kind="StorageClass",
    versions=(VersionDefinition("v1", schema=schema("storage.k8s.io", "v1", "StorageClass")),),
    strategy=StorageClassStrategy(),
    namespaced=False,
    singular="storageclass",
    short_names=("sc",),
)
