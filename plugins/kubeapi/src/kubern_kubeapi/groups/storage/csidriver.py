"""The CSIDriver kind (storage.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class CSIDriverStrategy(Strategy):
    """Rules of CSIDriver objects."""


RESOURCE = ResourceDefinition(
    group="storage.k8s.io",
    resource="csidrivers",
    kind="CSIDriver",
    versions=(VersionDefinition("v1", schema=schema("storage.k8s.io", "v1", "CSIDriver")),),
    strategy=CSIDriverStrategy(),
    namespaced=False,
    singular="csidriver",
)
