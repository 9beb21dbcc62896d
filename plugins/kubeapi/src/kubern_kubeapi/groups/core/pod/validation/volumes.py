"""A pod's volumes: one source each, unique names (upstream: ValidateVolumes). Next: `projected.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.quantity import ZERO, Quantity
from kubern.apimachinery.validation.formats import validate_dns1123_label
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.core import volume_sources as sources
from kubern_kubeapi.groups.core.claim_spec import validate_claim_template
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.core.pod.validation.projected import validate_downward_api, validate_projected

Object = Mapping[str, Any]
_CHECKS: tuple[tuple[str, str, str, sources.Check | None], ...] = (
    # the source, how its path is written when it is one too many, and below it, and the check
    ("emptyDir", "emptyDir", "emptyDir", None),
    ("hostPath", "hostPath", "hostPath", sources.validate_host_path),
    ("gitRepo", "gitRepo", "gitRepo", sources.validate_git_repo),
    ("gcePersistentDisk", "gcePersistentDisk", "persistentDisk", sources.validate_gce_persistent_disk),
    ("awsElasticBlockStore", "awsElasticBlockStore", "awsElasticBlockStore", sources.validate_aws_elastic_block_store),
    ("secret", "secret", "secret", sources.validate_secret),
    ("nfs", "nfs", "nfs", sources.validate_nfs),
    ("iscsi", "iscsi", "iscsi", sources.validate_iscsi),
    ("glusterfs", "glusterfs", "glusterfs", sources.require("endpoints", "path")),
    ("flocker", "flocker", "flocker", sources.validate_flocker),
    ("persistentVolumeClaim", "persistentVolumeClaim", "persistentVolumeClaim", sources.require("claimName")),
    ("rbd", "rbd", "rbd", sources.require("monitors", "image")),
    ("cinder", "cinder", "cinder", sources.validate_cinder),
    ("cephfs", "cephFS", "cephfs", sources.require("monitors")),
    ("quobyte", "quobyte", "quobyte", sources.validate_quobyte),
    ("downwardAPI", "downwarAPI", "downwardAPI", validate_downward_api),
    ("fc", "fc", "fc", sources.validate_fc),
    ("flexVolume", "flexVolume", "flexVolume", sources.validate_flex_volume),
    ("configMap", "configMap", "configMap", sources.validate_config_map),
    ("azureFile", "azureFile", "azureFile", sources.require("secretName", "shareName")),
    ("vsphereVolume", "vsphereVolume", "vsphereVolume", sources.require("volumePath")),
    ("photonPersistentDisk", "photonPersistentDisk", "photonPersistentDisk", sources.require("pdID")),
    ("portworxVolume", "portworxVolume", "portworxVolume", sources.require("volumeID")),
    ("azureDisk", "azureDisk", "azureDisk", sources.validate_azure_disk),
    ("storageos", "storageos", "storageos", sources.validate_storage_os),
    ("projected", "projected", "projected", None),
    ("scaleIO", "scaleIO", "scaleIO", sources.require("gateway", "system", "volumeName")),
    ("csi", "csi", "csi", sources.validate_csi),
    ("ephemeral", "ephemeral", "ephemeral", None),
    ("image", "image", "image", None),
)
_MAX_ISCSI_TARGET = 64


def validate_volumes(
    volumes: list[Object] | None, pod_meta: Object | None, path: Path, options: PodValidationOptions
) -> tuple[dict[str, Object], ErrorList]:
    """(the valid volumes by name, problems). `pod_meta` is None in templates."""
    errors: ErrorList = []
    valid: dict[str, Object] = {}
    pod_name = (pod_meta or {}).get("name") or ""
    created = {f"{pod_name}-{v.get('name', '')}" for v in volumes or () if pod_name and v.get("ephemeral") is not None}
    for i, volume in enumerate(volumes or ()):
        at = path.index(i)
        name = volume.get("name") or ""
        found = _validate_source(volume, name, pod_name, at, options)
        found += validate_dns1123_label(name, at.child("name")) if name else [field.required(at.child("name"))]
        if name in valid:
            found.append(field.duplicate(at.child("name"), name))
        if found:
            errors += found
        else:
            valid[name] = volume
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if claim in created:
            detail = "must not reference a PVC that gets created for an ephemeral volume"
            errors.append(field.invalid(at.child("persistentVolumeClaim", "claimName"), claim, detail))
    return valid, errors


def _validate_source(volume: Object, name: str, pod_name: str, path: Path, options: PodValidationOptions) -> ErrorList:
    errors: ErrorList = []
    found = False
    for kind, surplus, below, check in _CHECKS:
        source = volume.get(kind)
        if source is None:
            continue
        if found:
            errors.append(field.forbidden(path.child(surplus), "may not specify more than 1 volume type"))
        elif check is not None:
            errors += check(source, path.child(below))
        else:
            errors += _validate_special(kind, source, name, pod_name, path, options)
        found = True
        if kind == "iscsi" and source.get("initiatorName") is not None:
            errors += _validate_iscsi_length(name, source, path)
    if not found:
        errors.append(field.required(path, "must specify a volume type"))
    return errors


def _validate_special(
    kind: str, source: Object, name: str, pod_name: str, path: Path, options: PodValidationOptions
) -> ErrorList:
    """Sources whose rules need more than the source."""
    at = path.child(kind)
    if kind == "emptyDir":
        return _validate_empty_dir(source, at)
    if kind == "projected":
        return validate_projected(source, at, options)
    if kind == "ephemeral":
        return _validate_ephemeral(source, name, pod_name, path)
    return _validate_image(source, at, options)


def _validate_empty_dir(source: Object, path: Path) -> ErrorList:
    limit = source.get("sizeLimit")
    if limit is None or Quantity.parse(limit) >= ZERO:
        return []
    return [field.forbidden(path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity")]


def _validate_iscsi_length(name: str, source: Object, path: Path) -> ErrorList:
    if len(f"{name}:{source.get('targetPortal', '')}".encode()) <= _MAX_ISCSI_TARGET:
        return []
    detail = (
        "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters "
        "if iscsi.initiatorName is specified."
    )
    return [field.invalid(path.child("name"), name, detail)]


def _validate_ephemeral(source: Object, name: str, pod_name: str, path: Path) -> ErrorList:
    template = source.get("volumeClaimTemplate")
    at = path.child("ephemeral", "volumeClaimTemplate")
    errors = [field.required(at)] if template is None else validate_claim_template(template, at)
    if pod_name and name:
        claim = f"{pod_name}-{name}"
        for message in names.name_is_dns_subdomain(claim, False):
            errors.append(field.invalid(path.child("name"), name, f"PVC name {go_quote(claim)}: {message}"))
    return errors


def _validate_image(source: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    from kubern_kubeapi.groups.core.pod.validation.containers import validate_pull_policy

    errors: ErrorList = []
    if options.resource_is_pod and not source.get("reference"):
        errors.append(field.required(path.child("reference")))
    return errors + validate_pull_policy(source.get("pullPolicy") or "", path.child("pullPolicy"))
