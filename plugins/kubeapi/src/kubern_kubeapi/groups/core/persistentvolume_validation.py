"""What a valid volume is (upstream: ValidatePersistentVolumeSpec and the sources' validation).

Next: `persistentvolume.py`; `volume_sources.py` for the sources that pods have too.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.quantity import Quantity
from kubern.apimachinery.validation.formats import validate_dns1123_label, validate_dns1123_subdomain
from kubern_kubeapi.groups.core import volume_sources
from kubern_kubeapi.groups.core.claim_spec import VOLUME_MODES, validate_access_modes
from kubern_kubeapi.groups.core.node_selector import validate_node_selector
from kubern_kubeapi.groups.core.pod.validation.paths import validate_path_no_backsteps
from kubern_kubeapi.groups.core.resource_lists import validate_basic_resource, validate_positive_quantity
from kubern_kubeapi.groups.core.volume_sources import require

Object = Mapping[str, Any]
Check = Callable[[Object, Path], ErrorList]

RECLAIM_POLICIES = ("Delete", "Recycle", "Retain")
_INLINE = "may not be specified in the context of inline volumes"
_MAX_INITIATOR = 64


def _validate_glusterfs(source: Object, path: Path) -> ErrorList:
    errors = require("endpoints", "path")(source, path)
    namespace, at = source.get("endpointsNamespace"), path.child("endpointsNamespace")
    if namespace == "":
        detail = "if the endpointnamespace is set, it must be a valid namespace name"
        errors.append(field.invalid(at, namespace, detail))
    elif namespace is not None:
        errors += validate_dns1123_label(namespace, at)
    return errors


def _validate_azure_file(source: Object, path: Path) -> ErrorList:
    errors = require("secretName", "shareName")(source, path)
    if source.get("secretNamespace") == "":
        errors.append(field.required(path.child("secretNamespace")))
    return errors


def _secret_reference(source: Object, path: Path) -> ErrorList:
    """secretRef, if any, names a secret and its namespace."""
    ref = source.get("secretRef")
    if ref is None:
        return []
    return [field.required(path.child("secretRef", name)) for name in ("name", "namespace") if not ref.get(name)]


def _validate_cinder(source: Object, path: Path) -> ErrorList:
    return require("volumeID")(source, path) + _secret_reference(source, path)


def _validate_storage_os(source: Object, path: Path) -> ErrorList:
    without_secret = {k: v for k, v in source.items() if k != "secretRef"}
    return volume_sources.validate_storage_os(without_secret, path) + _secret_reference(source, path)


def _validate_local(source: Object, path: Path) -> ErrorList:
    errors = require("path")(source, path)
    return errors or validate_path_no_backsteps(source["path"], path.child("path"))


def _validate_csi(source: Object, path: Path) -> ErrorList:
    errors = volume_sources.validate_csi_driver_name(source.get("driver", ""), path.child("driver"))
    errors += require("volumeHandle")(source, path)
    for name in (
        "controllerPublishSecretRef",
        "controllerExpandSecretRef",
        "nodePublishSecretRef",
        "nodeExpandSecretRef",
    ):
        ref, at = source.get(name), path.child(name)
        if ref is None:
            continue
        for key, check in (("name", validate_dns1123_subdomain), ("namespace", validate_dns1123_label)):
            value = ref.get(key, "")
            errors += check(value, at.child(key)) if value else [field.required(at.child(key))]
    return errors


_SOURCES: tuple[tuple[str, str, Check], ...] = (
    ("hostPath", "hostPath", volume_sources.validate_host_path),
    ("gcePersistentDisk", "persistentDisk", volume_sources.validate_gce_persistent_disk),
    ("awsElasticBlockStore", "awsElasticBlockStore", volume_sources.validate_aws_elastic_block_store),
    ("glusterfs", "glusterfs", _validate_glusterfs),
    ("flocker", "flocker", volume_sources.validate_flocker),
    ("nfs", "nfs", volume_sources.validate_nfs),
    ("rbd", "rbd", require("monitors", "image")),
    ("quobyte", "quobyte", volume_sources.validate_quobyte),
    ("cephfs", "cephfs", require("monitors")),
    ("iscsi", "iscsi", volume_sources.validate_iscsi),
    ("cinder", "cinder", _validate_cinder),
    ("fc", "fc", volume_sources.validate_fc),
    ("flexVolume", "flexVolume", volume_sources.validate_flex_volume),
    ("azureFile", "azureFile", _validate_azure_file),
    ("vsphereVolume", "vsphereVolume", require("volumePath")),
    ("photonPersistentDisk", "photonPersistentDisk", require("pdID")),
    ("portworxVolume", "portworxVolume", require("volumeID")),
    ("azureDisk", "azureDisk", volume_sources.validate_azure_disk),
    ("scaleIO", "scaleIO", require("gateway", "system", "volumeName")),
    ("local", "local", _validate_local),
    ("storageos", "storageos", _validate_storage_os),
    ("csi", "csi", _validate_csi),
)
"""Wire name, the name in error paths, and the check, in upstream's order."""

SOURCE_NAMES = tuple(name for name, _, _ in _SOURCES)


def validate_persistent_volume_spec(
    spec: Object, name: str, path: Path, *, inline: bool = False, any_label_value: bool = False
) -> ErrorList:
    """The spec of a volume, or of one that a VolumeAttachment holds (`inline`)."""
    errors = _validate_inline_start(spec, path) if inline else []
    if not spec.get("accessModes"):
        errors.append(field.required(path.child("accessModes")))
    errors += validate_access_modes(spec.get("accessModes"), path.child("accessModes"))
    if not inline:
        errors += _validate_capacity(spec.get("capacity"), path.child("capacity"))
    errors += _validate_reclaim_policy(spec.get("persistentVolumeReclaimPolicy"), path, inline)
    errors += _validate_node_affinity(spec.get("nodeAffinity"), path.child("nodeAffinity"), inline, any_label_value)
    errors += _validate_sources(spec, name, path, inline)
    errors += _validate_class(spec.get("storageClassName"), path.child("storageClassName"), inline)
    errors += _validate_mode(spec.get("volumeMode"), path.child("volumeMode"), inline)
    return errors + _validate_attributes_class(spec, path)


def _validate_inline_start(spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = [field.forbidden(path.child(n), _INLINE) for n in ("claimRef", "capacity") if spec.get(n)]
    if spec.get("csi") is None:
        errors.append(field.required(path.child("csi"), "has to be specified in the context of inline volumes"))
    return errors


def _validate_capacity(capacity: Mapping[str, str] | None, path: Path) -> ErrorList:
    errors: ErrorList = [] if capacity else [field.required(path)]
    if not capacity or "storage" not in capacity or len(capacity) > 1:
        errors.append(field.not_supported(path, capacity, ("storage",)))
    for name in sorted(capacity or ()):
        quantity = Quantity.parse((capacity or {})[name])
        errors += validate_basic_resource(quantity, path.key(name))
        errors += validate_positive_quantity(quantity, path.key(name))
    return errors


def _validate_reclaim_policy(policy: str | None, path: Path, inline: bool) -> ErrorList:
    at = path.child("persistentVolumeReclaimPolicy")
    if not policy or (inline and policy == "Retain"):
        return []
    if inline:
        return [field.forbidden(at, "may only be Retain in the context of inline volumes")]
    return [] if policy in RECLAIM_POLICIES else [field.not_supported(at, policy, RECLAIM_POLICIES)]


def _validate_node_affinity(affinity: Object | None, path: Path, inline: bool, any_label_value: bool) -> ErrorList:
    if affinity is None:
        return []
    if inline:
        return [field.forbidden(path, _INLINE)]
    required = affinity.get("required")
    if required is None:
        return [field.required(path.child("required"), "must specify required node constraints")]
    return validate_node_selector(dict(required), path.child("required"), allow_invalid_label_value=any_label_value)


def _validate_sources(spec: Object, name: str, path: Path, inline: bool) -> ErrorList:
    errors: ErrorList = []
    found = [(wire, shown, check) for wire, shown, check in _SOURCES if spec.get(wire) is not None]
    for i, (wire, shown, check) in enumerate(found):
        if i and wire != "flexVolume":
            at = path.child("cephFS" if wire == "cephfs" else wire)
            errors.append(field.forbidden(at, "may not specify more than 1 volume type"))
            continue
        at = path.child(shown)
        errors += _validate_iscsi(spec[wire], name, at) if wire == "iscsi" else check(spec[wire], at)
        if wire == "local" and (inline or spec.get("nodeAffinity") is None):
            errors.append(field.required(path.child("nodeAffinity"), "Local volume requires node affinity"))
    if not found:
        errors.append(field.required(path, "must specify a volume type"))
    host_path = spec.get("hostPath")
    if host_path is not None and spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        text = host_path.get("path", "")
        if text and posixpath.normpath(text).lstrip("/") == "" and text.startswith("/"):
            at = path.child("persistentVolumeReclaimPolicy")
            errors.append(field.forbidden(at, "may not be 'recycle' for a hostPath mount of '/'"))
    return errors


def _validate_iscsi(source: Object, name: str, path: Path) -> ErrorList:
    errors = require("targetPortal")(source, path)
    portal = source.get("targetPortal", "")
    if source.get("initiatorName") is not None and len(f"{name}:{portal}".encode()) > _MAX_INITIATOR:
        detail = (
            "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is "
            "specified."
        )
        errors.append(field.invalid(path.child("targetportal"), portal, detail))
    return errors + volume_sources.validate_iscsi_target(source, path, "must be valid format", secret_name=True)


def _validate_class(name: str | None, path: Path, inline: bool) -> ErrorList:
    if not name:
        return []
    if inline:
        return [field.forbidden(path, _INLINE)]
    return [field.invalid(path, name, m) for m in names.is_dns1123_subdomain(name)]


def _validate_mode(mode: str | None, path: Path, inline: bool) -> ErrorList:
    if mode is None or (inline and mode == "Filesystem"):
        return []
    if inline:
        detail = "may not specify volumeMode other than Filesystem in the context of inline volumes"
        return [field.forbidden(path, detail)]
    return [] if mode in VOLUME_MODES else [field.not_supported(path, mode, VOLUME_MODES)]


def _validate_attributes_class(spec: Object, path: Path) -> ErrorList:
    name, at = spec.get("volumeAttributesClassName"), path.child("volumeAttributesClassName")
    if name is None:
        return []
    if name:
        errors: ErrorList = [field.invalid(at, name, m) for m in names.is_dns1123_subdomain(name)]
    else:
        errors = [field.required(at, "an empty string is disallowed")]
    if spec.get("csi") is None:
        detail = "has to be specified when using volumeAttributesClassName"
        errors.append(field.required(path.child("csi"), detail))
    return errors
