"""The PersistentVolume kind (core). Next: `persistentvolume_validation.py`, `persistentvolumeclaim.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.objectmeta import FIELD_IMMUTABLE, validate_immutable
from kubern.registry.before import now_text
from kubern.registry.strategy import Strategy, keep_status
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.node_selector import validate_node_selector
from kubern_kubeapi.groups.core.persistentvolume_internal import INTERNAL_TYPES
from kubern_kubeapi.groups.core.persistentvolume_validation import SOURCE_NAMES, validate_persistent_volume_spec
from kubern_kubeapi.groups.core.pod.defaults_volumes import (
    default_azure_disk,
    default_iscsi,
    default_rbd,
    default_scale_io,
)
from kubern_kubeapi.groups.core.pod.diff import diff
from kubern_kubeapi.groups.core.resource_lists import round_up_to_milli
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.node_labels import warnings_for_node_selector
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

BETA_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
MOUNT_OPTIONS_ANNOTATION = "volume.beta.kubernetes.io/mount-options"
_SPEC = Path("spec")
_SOURCE_DEFAULTS: dict[str, Callable[[Object], None]] = {
    "iscsi": default_iscsi,
    "rbd": default_rbd,
    "scaleIO": default_scale_io,
    "azureDisk": default_azure_disk,
}
_TAKE_MOUNT_OPTIONS = frozenset(
    (
        "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd", "quobyte", "iscsi", "cinder", "cephfs",
        "azureFile", "vsphereVolume", "azureDisk", "portworxVolume", "csi",
    )
)  # fmt: skip
_DEPRECATED_ANNOTATIONS = (
    (BETA_CLASS_ANNOTATION, 'deprecated since v1.8; use "storageClassName" attribute instead'),
    (MOUNT_OPTIONS_ANNOTATION, 'deprecated since v1.31; use "mountOptions" attribute instead'),
)
_RETIRED = (
    ("cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"),
)
"""Wire name, the name in the warning's path, and the text, in upstream's order."""
_ACCESS_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_BETA_LABELS = {
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
}


def set_volume_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_PersistentVolume and those of the sources."""
    spec = obj.setdefault("spec", {})
    status = obj.setdefault("status", {})
    if not status.get("phase"):
        status["phase"] = "Pending"
    if not spec.get("persistentVolumeReclaimPolicy"):
        spec["persistentVolumeReclaimPolicy"] = "Retain"
    if spec.get("volumeMode") is None:
        spec["volumeMode"] = "Filesystem"
    round_up_to_milli(spec.get("capacity"))
    host_path = spec.get("hostPath")
    if host_path is not None and host_path.get("type") is None:
        host_path["type"] = ""
    for name, default in _SOURCE_DEFAULTS.items():
        if spec.get(name) is not None:
            default(spec[name])


def _validate_volume(obj: Object, any_label_value: bool) -> ErrorList:
    meta = obj["metadata"]
    errors = validate_object_meta(meta, False, names.name_is_dns_subdomain)
    return errors + validate_persistent_volume_spec(
        obj.get("spec", {}), meta.get("name", ""), _SPEC, any_label_value=any_label_value
    )


def _validate_mount_options(obj: Object) -> ErrorList:
    if MOUNT_OPTIONS_ANNOTATION not in (obj["metadata"].get("annotations") or ()):
        return []
    if any(obj.get("spec", {}).get(name) is not None for name in _TAKE_MOUNT_OPTIONS):
        return []
    at = Path("metadata", "annotations", MOUNT_OPTIONS_ANNOTATION)
    return [field.forbidden(at, "may not specify mount options for this volume type")]


def _source(spec: Mapping[str, Any]) -> Object:
    return {name: spec[name] for name in SOURCE_NAMES if spec.get(name) is not None}


def _validate_same_source(spec: Object, before: Object) -> ErrorList:
    new, old = _source(spec), _source(before)
    expand = "controllerExpandSecretRef"
    if "csi" in new and "csi" in old and old["csi"].get(expand) is None and new["csi"].get(expand) is not None:
        new["csi"] = {k: v for k, v in new["csi"].items() if k != expand}
    if semantic_equal(new, old):
        return []
    shown = [INTERNAL_TYPES.render("PersistentVolumeSource", s) for s in (old, new)]
    detail = f"spec.persistentvolumesource is immutable after creation\n{diff(*shown)}"
    return [field.forbidden(Path("spec", "persistentvolumesource"), detail)]


def _with_stable_labels(new: Any, old: Any) -> Any:
    """`old` with the beta labels that `new` replaces by their successors."""
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [_with_stable_labels(n, o) for n, o in zip(new, old, strict=True)]
    if not isinstance(old, dict) or not isinstance(new, dict):
        return old
    out = {k: _with_stable_labels(new.get(k), v) for k, v in old.items()}
    if "operator" in out and _BETA_LABELS.get(out.get("key", "")) == new.get("key"):
        out["key"] = new["key"]
    return out


def _validate_node_affinity_update(new: Object | None, old: Object | None) -> ErrorList:
    if old is None or semantic_equal(new, _with_stable_labels(new, old)):
        return []
    shown = INTERNAL_TYPES.render("VolumeNodeAffinity", new)
    detail = f"{FIELD_IMMUTABLE}, except for updating from beta label to GA"
    return [field.invalid(Path("nodeAffinity"), shown, detail)]


def _had_invalid_label_value(before: Object) -> bool:
    required = (before.get("nodeAffinity") or {}).get("required")
    if required is None:
        return False
    strict = validate_node_selector(required, _SPEC)
    return bool(strict) and len(strict) > len(validate_node_selector(required, _SPEC, allow_invalid_label_value=True))


def warnings_for_volume(volume: Object) -> list[str]:
    """Upstream: GetWarningsForPersistentVolume."""
    spec = volume["spec"]
    annotations = volume["metadata"].get("annotations") or ()
    at = Path("metadata", "annotations")
    warnings = [f"{at.key(name)}: {text}" for name, text in _DEPRECATED_ANNOTATIONS if name in annotations]
    if spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        warnings.append(
            f"{_SPEC.child('persistentVolumeReclaimPolicy')}: The Recycle reclaim policy is deprecated. Instead, the "
            "recommended approach is to use dynamic provisioning."
        )
    selector = (spec.get("nodeAffinity") or {}).get("required")
    warnings += warnings_for_node_selector(selector, _SPEC.child("nodeAffinity", "required"))
    retired = ((_SPEC.child(shown), text) for name, shown, text in _RETIRED if spec.get(name) is not None)
    return warnings + [f"{at}: {text}" for at, text in retired]


class PersistentVolumeStrategy(Strategy):
    """Rules of volumes: where the data is cannot change."""

    reset_fields = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {"phase": "Pending", "lastPhaseTransitionTime": now_text()}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return _validate_volume(obj, False) + _validate_mount_options(obj)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return warnings_for_volume(obj)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return warnings_for_volume(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        spec, before = obj.get("spec", {}), old.get("spec", {})
        problems = _validate_volume(obj, _had_invalid_label_value(before))
        # Upstream's update validation repeats that of the object itself.
        errors = [*problems, *_validate_mount_options(obj), *problems]
        errors += _validate_same_source(spec, before)
        errors += validate_immutable(spec.get("volumeMode"), before.get("volumeMode"), Path("volumeMode"))
        errors += _validate_node_affinity_update(spec.get("nodeAffinity"), before.get("nodeAffinity"))
        if before.get("volumeAttributesClassName") is not None and spec.get("volumeAttributesClassName") is None:
            at = _SPEC.child("volumeAttributesClassName")
            errors.append(field.forbidden(at, "update from non-nil value to nil is forbidden"))
        return errors


class PersistentVolumeStatusStrategy(PersistentVolumeStrategy):
    """Rules of the status subresource: a new phase carries the time it began."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})
        status, before = obj.setdefault("status", {}), old.get("status", {})
        when = status.get("lastPhaseTransitionTime")
        if status.get("phase") != before.get("phase") and when in (None, before.get("lastPhaseTransitionTime")):
            status["lastPhaseTransitionTime"] = now_text()

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return []

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_object_meta_update(obj["metadata"], old["metadata"])


def access_modes_text(modes: list[str] | None) -> str:
    """Each mode once, in a fixed order, abbreviated."""
    return ",".join(short for mode, short in _ACCESS_MODES.items() if mode in (modes or ()))


def class_of(obj: Mapping[str, Any]) -> str:
    """The storage class: the annotation's of old, else the field's."""
    annotation = (obj["metadata"].get("annotations") or {}).get(BETA_CLASS_ANNOTATION)
    return annotation if annotation is not None else obj.get("spec", {}).get("storageClassName") or ""


def unset_if_none(value: str | None) -> str:
    return "<unset>" if value is None else value


def _cells(obj: Object) -> list[Any]:
    spec, status, meta = obj.get("spec", {}), obj.get("status", {}), obj["metadata"]
    claim = spec.get("claimRef")
    return [
        meta["name"],
        (spec.get("capacity") or {}).get("storage", "0"),
        access_modes_text(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
        "Terminating" if meta.get("deletionTimestamp") else status.get("phase", ""),
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim is not None else "",
        class_of(obj),
        unset_if_none(spec.get("volumeAttributesClassName")),
        status.get("reason", ""),
        age(obj),
        unset_if_none(spec.get("volumeMode")),
    ]


_COLUMNS = (
    NAME_COLUMN,
    described("Capacity", "core.v1.PersistentVolumeSpec.capacity"),
    described("Access Modes", "core.v1.PersistentVolumeSpec.accessModes"),
    described("Reclaim Policy", "core.v1.PersistentVolumeSpec.persistentVolumeReclaimPolicy"),
    described("Status", "core.v1.PersistentVolumeStatus.phase"),
    described("Claim", "core.v1.PersistentVolumeSpec.claimRef"),
    Column("StorageClass", description="StorageClass of the pv"),
    Column("VolumeAttributesClass", description="VolumeAttributesClass of the pv"),
    described("Reason", "core.v1.PersistentVolumeStatus.reason"),
    AGE_COLUMN,
    described("VolumeMode", "core.v1.PersistentVolumeSpec.volumeMode", priority=1),
)

RESOURCE = ResourceDefinition(
    group="",
    resource="persistentvolumes",
    kind="PersistentVolume",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("", "v1", "PersistentVolume"),
            default=set_volume_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=PersistentVolumeStrategy(),
    return_deleted_object=True,
    namespaced=False,
    singular="persistentvolume",
    short_names=("pv",),
    subresources=(Subresource("status", strategy=PersistentVolumeStatusStrategy()),),
)
