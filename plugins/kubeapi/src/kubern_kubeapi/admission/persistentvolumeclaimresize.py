"""The PersistentVolumeClaimResize plugin: claims grow only where their class allows (upstream: storage/.../resize)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import UPDATE, Attributes, Handler
from kubern.apimachinery.quantity import Quantity
from kubern_kubeapi.admission.defaultstorageclass import CLASS_ANNOTATION
from kubern_kubeapi.admission.lister import Lister
from kubern_kubeapi.admission.pods import annotations_of

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]


class PersistentVolumeClaimResize(Handler):
    """Refuses larger requests of claims that cannot be expanded."""

    operations = (UPDATE,)
    resources = frozenset({("", "persistentvolumeclaims")})

    def __init__(self, config: CompletedConfig) -> None:
        self._classes = Lister(config, "storage.k8s.io", "storageclasses")

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        claim, old = attributes.object, attributes.old_object
        if attributes.subresource or claim is None or old is None:
            return
        if _size(claim) <= _size(old):
            return
        if (old.get("status") or {}).get("phase") != "Bound":
            raise new_forbidden(attributes, "Only bound persistent volume claims can be expanded")
        if not await self._allows(_class_of(claim), _class_of(old)):
            raise new_forbidden(
                attributes,
                "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must "
                "support resize",
            )

    async def _allows(self, name: str, old_name: str) -> bool:
        if not name or name != old_name:
            return False
        storage_class = await self._classes.get("", name)
        return storage_class is not None and storage_class.get("allowVolumeExpansion") is True


def _size(claim: Object) -> Quantity:
    return Quantity.parse(str(((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage", "0")))


def _class_of(claim: Object) -> str:
    found = annotations_of(claim).get(CLASS_ANNOTATION)
    return found if found is not None else claim["spec"].get("storageClassName") or ""
