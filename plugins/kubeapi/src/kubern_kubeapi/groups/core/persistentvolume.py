"""The PersistentVolume kind (core), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class PersistentVolumeStrategy(Strategy):
    """Rules of PersistentVolume objects."""


class PersistentVolumeStatusStrategy(PersistentVolumeStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="",
    resource="persistentvolumes",
    kind="PersistentVolume",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "PersistentVolume")),),
    strategy=PersistentVolumeStrategy(),
    namespaced=False,
    singular="persistentvolume",
    short_names=("pv",),
    subresources=(Subresource("status", strategy=PersistentVolumeStatusStrategy()),),
)
