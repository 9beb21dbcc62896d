"""What volume claims use: storage, also per class (upstream: evaluator/core/persistent_volume_claims.go)."""

from __future__ import annotations

from typing import Any

from kubern.admission.interface import CREATE, UPDATE
from kubern.apimachinery.quantity import Quantity
from kubern_kubeapi.admission.defaultstorageclass import CLASS_ANNOTATION
from kubern_kubeapi.admission.quota.evaluators import ObjectCount, Scope, matches_values
from kubern_kubeapi.admission.quota.usage import ONE, Usage

Object = dict[str, Any]
CLAIMS, STORAGE = "persistentvolumeclaims", "requests.storage"
CLASS_INFIX = ".storageclass.storage.k8s.io/"


class Claims(ObjectCount):
    """Measures volume claims."""

    def __init__(self) -> None:
        super().__init__("", CLAIMS)

    def handles(self, operation: str, subresource: str) -> bool:
        # What a claim has allocated, and which attributes class it has, is in its status.
        return operation in (CREATE, UPDATE) and subresource in ("", "status")

    def matching_resources(self, names: list[str]) -> list[str]:
        suffixes = (CLASS_INFIX + CLAIMS, CLASS_INFIX + STORAGE)
        return [name for name in names if name in (self.count, CLAIMS, STORAGE) or name.endswith(suffixes)]

    def matches_scope(self, scope: Scope, obj: Object) -> bool:
        if scope.name != "VolumeAttributesClass":
            return False
        spec, status = obj.get("spec") or {}, obj.get("status") or {}
        modify = status.get("modifyVolumeStatus") or {}
        found = (
            spec.get("volumeAttributesClassName"),
            status.get("currentVolumeAttributesClassName"),
            modify.get("targetVolumeAttributesClassName"),
        )
        return matches_values(scope, [name for name in found if name])

    def usage(self, obj: Object) -> Usage:
        spec = obj.get("spec") or {}
        annotation = (obj["metadata"].get("annotations") or {}).get(CLASS_ANNOTATION)
        storage_class = annotation if annotation is not None else spec.get("storageClassName") or ""
        result = {self.count: ONE, CLAIMS: ONE}
        if storage_class:
            result[storage_class + CLASS_INFIX + CLAIMS] = ONE
        storage = _storage(obj)
        if storage is not None:
            result[STORAGE] = storage
            if storage_class:
                result[storage_class + CLASS_INFIX + STORAGE] = storage
        return result


def _storage(claim: Object) -> Quantity | None:
    """What is asked for or, while the volume shrinks back from a failed growth, still allocated."""
    requests = ((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}
    allocated = (claim.get("status") or {}).get("allocatedResources") or {}
    found = [Quantity.parse(str(r["storage"])) for r in (requests, allocated) if "storage" in r]
    if "storage" not in requests:
        return None
    storage = max(found)
    whole = storage.round_up(0)
    # The status of a quota holds whole bytes; what is whole already keeps its form.
    return storage if whole == storage else whole
