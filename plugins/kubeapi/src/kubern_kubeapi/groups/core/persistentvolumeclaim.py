"""The PersistentVolumeClaim kind (core). Next: `claim_spec.py`, its spec's validation; `persistentvolume.py`."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.quantity import Quantity
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
from kubern.apimachinery.validation.selector import validate_label_selector
from kubern.registry.strategy import Strategy, keep_status
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.claim_spec import validate_claim_spec
from kubern_kubeapi.groups.core.persistentvolume import (
    BETA_CLASS_ANNOTATION,
    access_modes_text,
    class_of,
    unset_if_none,
)
from kubern_kubeapi.groups.core.persistentvolume_internal import INTERNAL_TYPES
from kubern_kubeapi.groups.core.pod.defaults_volumes import default_claim_spec
from kubern_kubeapi.groups.core.pod.diff import diff
from kubern_kubeapi.groups.core.pod.warnings.volumes import warnings_for_claim_spec
from kubern_kubeapi.groups.core.resource_lists import (
    is_native_resource,
    round_up_to_milli,
    validate_basic_resource,
    validate_resource_quantity_value,
)
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

SNAPSHOT_GROUP = "snapshot.storage.k8s.io"
_SPEC = Path("spec")
_STATUS = Path("status")
_REQUESTS = Path("spec", "resources", "requests", "storage")
_ATTRIBUTES_CLASS = _SPEC.child("volumeAttributesClassName")
_RESIZE_STATUSES = (
    "ControllerResizeInProgress",
    "ControllerResizeInfeasible",
    "NodeResizeInProgress",
    "NodeResizeInfeasible",
    "NodeResizePending",
)
_SPEC_IMMUTABLE = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)


def set_claim_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_PersistentVolumeClaim and SetDefaults_PersistentVolumeClaimSpec."""
    status = obj.setdefault("status", {})
    if not status.get("phase"):
        status["phase"] = "Pending"
    default_claim_spec(obj.setdefault("spec", {}))
    round_up_to_milli(status.get("capacity"))
    round_up_to_milli(status.get("allocatedResources"))


def _is_known_source(source: Object) -> bool:
    """Kinds that dataSource took before there was dataSourceRef."""
    known = (("PersistentVolumeClaim", ""), ("VolumeSnapshot", SNAPSHOT_GROUP))
    return (source.get("kind"), source.get("apiGroup") or "") in known


def normalise_data_sources(spec: Object, old_spec: Object | None) -> None:
    """dataSource and dataSourceRef say the same; unknown kinds go from the former, namespaces from the latter.

    Upstream: DropDisabledFields, EnforceDataSourceBackwardsCompatibility and NormalizeDataSources.
    """
    old_spec = old_spec or {}
    ref = spec.get("dataSourceRef")
    if ref is not None and ref.get("namespace") and old_spec.get("dataSourceRef") is None:
        spec.pop("dataSourceRef")
    source, ref = spec.get("dataSource"), spec.get("dataSourceRef")
    had_one = any(old_spec.get(name) is not None for name in ("dataSource", "dataSourceRef"))
    if source is not None and ref is None and not had_one and not _is_known_source(source):
        del spec["dataSource"]
        source = None
    if source is not None and ref is None:
        spec["dataSourceRef"] = dict(source)
    elif ref is not None and source is None and not ref.get("namespace"):
        spec["dataSource"] = {k: v for k, v in ref.items() if k != "namespace"}


def _validate_claim(obj: Object, any_label_value: bool, any_api_group: bool) -> ErrorList:
    errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
    return errors + validate_claim_spec(
        obj.get("spec", {}), _SPEC, allow_invalid_label_value=any_label_value, allow_invalid_api_group=any_api_group
    )


def _names_api_group(spec: Object) -> bool:
    sources = (spec.get(name) or {} for name in ("dataSource", "dataSourceRef"))
    return any(source.get("apiGroup") is not None for source in sources)


def _annotation(obj: Object) -> str | None:
    return (obj["metadata"].get("annotations") or {}).get(BETA_CLASS_ANNOTATION)


def _upgrades_from_annotation(obj: Object, old: Object) -> bool:
    """The class moves from the annotation of old to the field."""
    was, now = _annotation(old), _annotation(obj)
    if was is None or old["spec"].get("storageClassName") is not None:
        return False
    return bool(obj["spec"].get("storageClassName") == was and now in (None, was))


def _validate_spec_unchanged(obj: Object, old: Object) -> ErrorList:
    """Only what a claim may change differs: volumeName once, the class once, size and attributes when bound."""
    errors: ErrorList = []
    spec, before = copy.copy(obj["spec"]), copy.copy(old["spec"])
    if not before.get("volumeName"):
        before["volumeName"] = spec.get("volumeName")
    if _upgrades_from_annotation(obj, old):
        spec["storageClassName"] = None
    else:
        errors += _validate_immutable_annotation(obj, old)
        name = spec.get("storageClassName")
        if name is not None and before.get("storageClassName") is None and _annotation(old) in (None, name):
            spec["storageClassName"] = before.get("storageClassName")
    if obj.get("status", {}).get("phase") == "Bound":
        requests = (spec.get("resources") or {}).get("requests")
        if requests is not None:
            storage = ((before.get("resources") or {}).get("requests") or {}).get("storage", "0")
            spec["resources"] = {**spec["resources"], "requests": {**requests, "storage": storage}}
        if spec.get("volumeAttributesClassName") is not None:
            spec["volumeAttributesClassName"] = before.get("volumeAttributesClassName")
    if not semantic_equal(spec, before):
        shown = [INTERNAL_TYPES.render("PersistentVolumeClaimSpec", s) for s in (before, spec)]
        errors.append(field.forbidden(_SPEC, f"{_SPEC_IMMUTABLE}\n{diff(*shown)}"))
    return errors


def _validate_immutable_annotation(obj: Object, old: Object) -> ErrorList:
    new, was = _annotation(obj) or "", _annotation(old) or ""
    if new == was:
        return []
    return [field.invalid(Path("metadata", "annotations", BETA_CLASS_ANNOTATION), new, FIELD_IMMUTABLE)]


def _validate_size(obj: Object, old: Object) -> ErrorList:
    """A smaller size is for claims that failed to grow, down to more than they have."""

    def storage(values: Object | None) -> Quantity:
        return Quantity.parse((values or {}).get("storage", "0"))

    new = storage((obj["spec"].get("resources") or {}).get("requests"))
    if new >= storage((old["spec"].get("resources") or {}).get("requests")):
        return []
    if new <= storage(old.get("status", {}).get("capacity")):
        return [field.forbidden(_REQUESTS, "field can not be less than status.capacity")]
    return []


def _validate_attributes_class(spec: Object, before: Object) -> ErrorList:
    new, old = spec.get("volumeAttributesClassName"), before.get("volumeAttributesClassName")
    if old is None or new == old:
        return []
    if new is None:
        return [field.forbidden(_ATTRIBUTES_CLASS, "update from non-nil value to nil is forbidden")]
    if not new:
        return [field.forbidden(_ATTRIBUTES_CLASS, "update from non-nil value to an empty string is forbidden")]
    return []


def warnings_for_claim(claim: Object) -> list[str]:
    """Upstream: GetWarningsForPersistentVolumeClaim."""
    warnings = []
    if BETA_CLASS_ANNOTATION in (claim["metadata"].get("annotations") or ()):
        at = Path("metadata", "annotations").key(BETA_CLASS_ANNOTATION)
        warnings.append(f'{at}: deprecated since v1.8; use "storageClassName" attribute instead')
    return warnings + warnings_for_claim_spec(claim["spec"], _SPEC)


class PersistentVolumeClaimStrategy(Strategy):
    """Rules of claims."""

    reset_fields = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {"phase": "Pending"}
        normalise_data_sources(obj.setdefault("spec", {}), None)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        normalise_data_sources(obj.setdefault("spec", {}), old["spec"])
        normalise_data_sources(old["spec"], old["spec"])

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return _validate_claim(obj, False, False)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return warnings_for_claim(obj)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return warnings_for_claim(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        lenient = bool(validate_label_selector(old["spec"].get("selector"), _SPEC))
        # Upstream validates the claim here and again as part of the update.
        problems = _validate_claim(obj, lenient, _names_api_group(old["spec"]))
        errors = [*problems, *validate_object_meta_update(obj["metadata"], old["metadata"]), *problems]
        errors += _validate_spec_unchanged(obj, old) + _validate_size(obj, old)
        errors += validate_immutable(obj["spec"].get("volumeMode"), old["spec"].get("volumeMode"), Path("volumeMode"))
        return errors + _validate_attributes_class(obj["spec"], old["spec"])


class PersistentVolumeClaimStatusStrategy(PersistentVolumeClaimStrategy):
    """Rules of the status subresource."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return []

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        if not obj["spec"].get("accessModes"):
            errors.append(field.required(Path("Spec", "accessModes")))
        status = obj.get("status", {})
        for name, text in sorted((status.get("capacity") or {}).items()):
            errors += validate_basic_resource(Quantity.parse(text), _STATUS.child("capacity").key(name))
        at = _STATUS.child("allocatedResourceStatus")
        for name, value in sorted((status.get("allocatedResourceStatuses") or {}).items()):
            errors += _validate_resource_key(name, at)
            if value not in _RESIZE_STATUSES:
                errors.append(field.not_supported(at, name, _RESIZE_STATUSES))
        at = _STATUS.child("allocatedResources")
        for name, text in sorted((status.get("allocatedResources") or {}).items()):
            problems = _validate_resource_key(name, at)
            quantity = Quantity.parse(text)
            problems = problems or validate_basic_resource(quantity, at.key(name))
            errors += problems or validate_resource_quantity_value("storage", quantity, at.key(name))
        return errors


def _validate_resource_key(name: str, path: Path) -> ErrorList:
    errors: ErrorList = [field.invalid(path, name, m) for m in names.is_qualified_name(name)]
    if not errors and is_native_resource(name) and name != "storage":
        errors.append(field.not_supported(path, name, ("storage",)))
    return errors


def _cells(obj: Object) -> list[Any]:
    spec, status, meta = obj.get("spec", {}), obj.get("status", {}), obj["metadata"]
    volume = spec.get("volumeName", "")
    return [
        meta["name"],
        "Terminating" if meta.get("deletionTimestamp") else status.get("phase", ""),
        volume,
        (status.get("capacity") or {}).get("storage", "0") if volume else "",
        access_modes_text(status.get("accessModes")) if volume else "",
        class_of(obj),
        unset_if_none(spec.get("volumeAttributesClassName")),
        age(obj),
        unset_if_none(spec.get("volumeMode")),
    ]


_COLUMNS = (
    NAME_COLUMN,
    described("Status", "core.v1.PersistentVolumeClaimStatus.phase"),
    described("Volume", "core.v1.PersistentVolumeClaimSpec.volumeName"),
    described("Capacity", "core.v1.PersistentVolumeClaimStatus.capacity"),
    described("Access Modes", "core.v1.PersistentVolumeClaimStatus.accessModes"),
    Column("StorageClass", description="StorageClass of the pvc"),
    Column("VolumeAttributesClass", description="VolumeAttributesClass of the pvc"),
    AGE_COLUMN,
    described("VolumeMode", "core.v1.PersistentVolumeClaimSpec.volumeMode", priority=1),
)

RESOURCE = ResourceDefinition(
    group="",
    resource="persistentvolumeclaims",
    kind="PersistentVolumeClaim",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("", "v1", "PersistentVolumeClaim"),
            default=set_claim_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=PersistentVolumeClaimStrategy(),
    return_deleted_object=True,
    singular="persistentvolumeclaim",
    short_names=("pvc",),
    subresources=(Subresource("status", strategy=PersistentVolumeClaimStatusStrategy()),),
)
