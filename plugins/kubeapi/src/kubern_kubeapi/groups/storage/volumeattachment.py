"""The VolumeAttachment kind (storage.k8s.io). Next: `csinode.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, Subresource, VersionDefinition
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.objectmeta import FIELD_IMMUTABLE
from kubern.registry.strategy import Strategy, keep_status
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.persistentvolume_internal import INTERNAL_TYPES
from kubern_kubeapi.groups.core.persistentvolume_validation import validate_persistent_volume_spec
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta
from kubern_kubeapi.groups.storage.names import MAX_PARAMETERS_SIZE, validate_csi_driver_name

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

_SPEC = Path("spec")
_STATUS = Path("status")
_MAX_MESSAGE = 1024
_CODE_RANGE = "must be between 0 and 2147483647, inclusive"
_KEPT_BY_STATUS = ("labels", "annotations", "finalizers", "ownerReferences", "generation")
_ONE_SOURCE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"


def validate_volume_attachment(obj: Object) -> ErrorList:
    """Upstream: ValidateVolumeAttachment."""
    errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
    spec = obj.get("spec", {})
    if not spec.get("attacher"):
        errors.append(field.required(_SPEC.child("attacher")))
    errors += _validate_source(spec.get("source") or {}, _SPEC.child("source"))
    node = spec.get("nodeName", "")
    errors += [field.invalid(_SPEC.child("nodeName"), node, m) for m in names.is_dns1123_subdomain(node)]
    return errors + _validate_status(obj.get("status") or {})


def _validate_source(source: Object, path: Path) -> ErrorList:
    inline, name = source.get("inlineVolumeSpec"), source.get("persistentVolumeName")
    if inline is None and name is None:
        return [field.required(path, _ONE_SOURCE)]
    if inline is not None and name is not None:
        return [field.forbidden(path, _ONE_SOURCE)]
    if inline is not None:
        return validate_persistent_volume_spec(inline, "", path.child("inlineVolumeSpec"), inline=True)
    if not name:
        return [field.required(path.child("persistentVolumeName"), "must specify non empty persistentVolumeName")]
    return []


def _validate_status(status: Object) -> ErrorList:
    errors: ErrorList = []
    metadata = status.get("attachmentMetadata") or {}
    at = _STATUS.child("attachmentMetadata")
    if sum(len(k.encode()) + len(v.encode()) for k, v in metadata.items()) > MAX_PARAMETERS_SIZE:
        errors.append(field.too_long(at, "", MAX_PARAMETERS_SIZE))
    for name in ("attachError", "detachError"):
        error = status.get(name) or {}
        if len(error.get("message", "").encode()) > _MAX_MESSAGE:
            # Upstream's message names another limit than the one it checks.
            errors.append(field.too_long(_STATUS.child(name, "message"), "", MAX_PARAMETERS_SIZE))
        code = error.get("errorCode")
        if code is not None and code < 0:
            errors.append(field.invalid(_STATUS.child(name, "errorCode"), code, _CODE_RANGE))
    return errors


def _validate_v1(obj: Object) -> ErrorList:
    """What new objects are held to beyond what old ones were (upstream: ValidateVolumeAttachmentV1)."""
    spec = obj.get("spec", {})
    errors = validate_csi_driver_name(spec.get("attacher", ""), Path("spec.attacher"))
    name = (spec.get("source") or {}).get("persistentVolumeName")
    if name is not None:
        at = Path("spec.source.persistentVolumeName")
        errors += [field.invalid(at, name, m) for m in names.is_dns1123_subdomain(name)]
    return errors


class VolumeAttachmentStrategy(Strategy):
    """Rules of volume attachments: the spec never changes."""

    allow_unconditional_update = False
    reset_fields: tuple[tuple[str, ...], ...] = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {"attached": False}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_volume_attachment(obj) or _validate_v1(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_volume_attachment(obj)
        if not semantic_equal(obj.get("spec"), old.get("spec")):
            shown = INTERNAL_TYPES.render("VolumeAttachmentSpec", obj.get("spec"))
            errors.append(field.invalid(_SPEC, shown, FIELD_IMMUTABLE))
        return errors


class VolumeAttachmentStatusStrategy(VolumeAttachmentStrategy):
    """Rules of the status subresource, which keeps all metadata but managedFields."""

    reset_fields = (("metadata",), ("spec",))

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})
        for name in _KEPT_BY_STATUS:
            if name in old["metadata"]:
                obj["metadata"][name] = old["metadata"][name]
            else:
                obj["metadata"].pop(name, None)


def _cells(obj: Object) -> list[Any]:
    spec = obj.get("spec", {})
    return [
        obj["metadata"]["name"],
        spec.get("attacher", ""),
        (spec.get("source") or {}).get("persistentVolumeName") or "",
        spec.get("nodeName", ""),
        bool((obj.get("status") or {}).get("attached")),
        age(obj),
    ]


_COLUMNS = (
    NAME_COLUMN,
    described("Attacher", "storage.v1.VolumeAttachmentSpec.attacher", format="name"),
    described("PV", "storage.v1.VolumeAttachmentSource.persistentVolumeName"),
    described("Node", "storage.v1.VolumeAttachmentSpec.nodeName"),
    described("Attached", "storage.v1.VolumeAttachmentStatus.attached", "boolean"),
    AGE_COLUMN,
)

RESOURCE = ResourceDefinition(
    group="storage.k8s.io",
    resource="volumeattachments",
    kind="VolumeAttachment",
    return_deleted_object=True,
    versions=(
        VersionDefinition(
            "v1", schema=schema("storage.k8s.io", "v1", "VolumeAttachment"), columns=_COLUMNS, cells=_cells
        ),
    ),
    strategy=VolumeAttachmentStrategy(),
    namespaced=False,
    singular="volumeattachment",
    subresources=(Subresource("status", strategy=VolumeAttachmentStatusStrategy()),),
)
