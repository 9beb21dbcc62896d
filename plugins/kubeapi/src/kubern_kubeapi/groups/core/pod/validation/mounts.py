"""Volume mounts and block devices of containers (upstream: ValidateVolumeMounts, ValidateVolumeDevices)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern_kubeapi.groups.core.pod.validation.paths import (
    validate_local_descending_path,
    validate_path_no_backsteps,
)

Object = Mapping[str, Any]
Volumes = Mapping[str, Object]
"""The valid volumes of the pod, by name."""

_PROPAGATIONS = frozenset({"Bidirectional", "HostToContainer", "None"})
_RECURSIVE_READ_ONLY = frozenset({"Disabled", "IfPossible", "Enabled"})


def validate_volume_mounts(container: Object, volumes: Volumes, path: Path) -> ErrorList:
    """The container's `volumeMounts`, also against its `volumeDevices`."""
    errors: ErrorList = []
    devices = {d.get("name", ""): d.get("devicePath", "") for d in container.get("volumeDevices") or ()}
    seen: set[str] = set()
    for i, mount in enumerate(container.get("volumeMounts") or ()):
        at = path.index(i)
        name, mount_path = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            errors.append(field.required(at.child("name")))
        if name not in volumes:
            errors.append(field.not_found(at.child("name"), name))
        if not mount_path:
            errors.append(field.required(at.child("mountPath")))
        if mount_path in seen:
            errors.append(field.invalid(at.child("mountPath"), mount_path, "must be unique"))
        seen.add(mount_path)
        if name in devices:
            errors.append(field.invalid(at.child("name"), name, "must not already exist in volumeDevices"))
        if mount_path in devices.values():
            detail = "must not already exist as a path in volumeDevices"
            errors.append(field.invalid(at.child("mountPath"), mount_path, detail))
        errors += _validate_sub_paths(mount, at, path)
        errors += _validate_propagation(mount, container, path.child("mountPropagation"))
        errors += _validate_recursive_read_only(mount, path.child("recursiveReadOnly"))
    return errors


def _validate_sub_paths(mount: Object, at: Path, path: Path) -> ErrorList:
    errors: ErrorList = []
    sub_path, expression = mount.get("subPath") or "", mount.get("subPathExpr") or ""
    if sub_path:
        errors += validate_local_descending_path(sub_path, path.child("subPath"))
    if expression:
        if sub_path:
            detail = "subPathExpr and subPath are mutually exclusive"
            errors.append(field.invalid(at.child("subPathExpr"), expression, detail))
        errors += validate_local_descending_path(expression, path.child("subPathExpr"))
    return errors


def _validate_propagation(mount: Object, container: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    mode = mount.get("mountPropagation")
    if mode is None:
        return errors
    if mode not in _PROPAGATIONS:
        errors.append(field.not_supported(path, mode, _PROPAGATIONS))
    privileged = (container.get("securityContext") or {}).get("privileged")
    if mode == "Bidirectional" and not privileged:
        detail = "Bidirectional mount propagation is available only to privileged containers"
        errors.append(field.forbidden(path, detail))
    return errors


def _validate_recursive_read_only(mount: Object, path: Path) -> ErrorList:
    mode = mount.get("recursiveReadOnly")
    if mode in (None, "Disabled"):
        return []
    if mode not in _RECURSIVE_READ_ONLY:
        return [field.not_supported(path, mode, _RECURSIVE_READ_ONLY)]
    errors: ErrorList = []
    if not mount.get("readOnly"):
        errors.append(field.forbidden(path, "may only be specified when readOnly is true"))
    if mount.get("mountPropagation") not in (None, "None"):
        detail = "may only be specified when mountPropagation is None or not specified"
        errors.append(field.forbidden(path, detail))
    return errors


def validate_volume_devices(container: Object, volumes: Volumes, path: Path) -> ErrorList:
    """The container's `volumeDevices`, also against its `volumeMounts`."""
    errors: ErrorList = []
    mounts = {m.get("name", ""): m.get("mountPath", "") for m in container.get("volumeMounts") or ()}
    paths: set[str] = set()
    seen: set[str] = set()
    for i, device in enumerate(container.get("volumeDevices") or ()):
        at = path.index(i)
        name, device_path = device.get("name") or "", device.get("devicePath") or ""
        errors += _validate_device_name(name, seen, volumes, at.child("name"))
        if not device_path:
            errors.append(field.required(at.child("devicePath")))
        if device_path in paths:
            errors.append(field.invalid(at.child("devicePath"), device_path, "must be unique"))
        if device_path and validate_path_no_backsteps(device_path, at):
            errors.append(field.invalid(at.child("devicePath"), device_path, "can not contain backsteps ('..')"))
        else:
            paths.add(device_path)
        if name in mounts:
            errors.append(field.invalid(at.child("name"), name, "must not already exist in volumeMounts"))
        if device_path in mounts.values():
            detail = "must not already exist as a path in volumeMounts"
            errors.append(field.invalid(at.child("devicePath"), device_path, detail))
        if name:
            seen.add(name)
    return errors


def _validate_device_name(name: str, seen: set[str], volumes: Volumes, path: Path) -> ErrorList:
    errors: ErrorList = []
    if not name:
        errors.append(field.required(path))
    if name in seen:
        errors.append(field.invalid(path, name, "must be unique"))
    source = volumes.get(name)
    if source is None:
        errors.append(field.not_found(path, name))
    elif source.get("persistentVolumeClaim") is None and source.get("ephemeral") is None:
        detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
        errors.append(field.invalid(path, name, detail))
    return errors
