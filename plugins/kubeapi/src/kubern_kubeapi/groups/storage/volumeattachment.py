"""The VolumeAttachment kind (storage.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class VolumeAttachmentStrategy(Strategy):
    """Rules of VolumeAttachment objects."""


class VolumeAttachmentStatusStrategy(VolumeAttachmentStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="storage.k8s.io",
    resource="volumeattachments",
    kind="VolumeAttachment",
    versions=(VersionDefinition("v1", schema=schema("storage.k8s.io", "v1", "VolumeAttachment")),),
    strategy=VolumeAttachmentStrategy(),
    namespaced=False,
    singular="volumeattachment",
    subresources=(Subresource("status", strategy=VolumeAttachmentStatusStrategy()),),
)
