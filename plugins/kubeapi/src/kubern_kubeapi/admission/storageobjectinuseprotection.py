"""The StorageObjectInUseProtection plugin: what is in use is not deleted (upstream: plugin of the same name)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.interface import CREATE, Attributes, Handler

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

FINALIZERS = {
    ("", "persistentvolumeclaims"): "kubernetes.io/pvc-protection",
    ("", "persistentvolumes"): "kubernetes.io/pv-protection",
    ("storage.k8s.io", "volumeattributesclasses"): "kubernetes.io/vac-protection",
}


class StorageObjectInUseProtection(Handler):
    """Gives new claims, volumes and volume attributes classes a finalizer."""

    operations = (CREATE,)
    resources = frozenset(FINALIZERS)

    def __init__(self, config: CompletedConfig) -> None:
        pass

    async def admit(self, attributes: Attributes) -> None:
        if attributes.object is None or attributes.subresource:
            return
        meta = attributes.object["metadata"]
        finalizer = FINALIZERS[attributes.group, attributes.resource]
        finalizers = meta.get("finalizers") or []
        if finalizer not in finalizers:
            meta["finalizers"] = [*finalizers, finalizer]
