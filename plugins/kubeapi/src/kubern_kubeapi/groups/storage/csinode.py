"""The CSINode kind (storage.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class CSINodeStrategy(Strategy):
    """Rules of CSINode objects."""


RESOURCE = ResourceDefinition(
    group="storage.k8s.io",
    resource="csinodes",
    kind="CSINode",
    versions=(VersionDefinition("v1", schema=schema("storage.k8s.io", "v1", "CSINode")),),
    strategy=CSINodeStrategy(),
    namespaced=False,
    singular="csinode",
)
