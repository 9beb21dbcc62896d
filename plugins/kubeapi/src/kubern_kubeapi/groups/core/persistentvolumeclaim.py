"""The PersistentVolumeClaim kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class PersistentVolumeClaimStrategy(Strategy):
    """Rules of PersistentVolumeClaim objects."""


class PersistentVolumeClaimStatusStrategy(PersistentVolumeClaimStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="",
    resource="persistentvolumeclaims",
    kind="PersistentVolumeClaim",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "PersistentVolumeClaim")),),
    strategy=PersistentVolumeClaimStrategy(),
    singular="persistentvolumeclaim",
    short_names=("pvc",),
    subresources=(Subresource("status", strategy=PersistentVolumeClaimStatusStrategy()),),
)
