"""The VolumeAttributesClass kind (storage.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class VolumeAttributesClassStrategy(Strategy):
    """Rules of VolumeAttributesClass objects."""


RESOURCE = ResourceDefinition(
    group="storage.k8s.io",
    resource="volumeattributesclasses",
    kind="VolumeAttributesClass",
    versions=(VersionDefinition("v1", schema=schema("storage.k8s.io", "v1", "VolumeAttributesClass")),),
    strategy=VolumeAttributesClassStrategy(),
    namespaced=False,
    singular="volumeattributesclass",
    short_names=("vac",),
)
