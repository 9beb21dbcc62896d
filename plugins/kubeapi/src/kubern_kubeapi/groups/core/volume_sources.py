"""Volume sources that pods and PersistentVolumes share, in their pod forms (upstream: validate*VolumeSource).

Each function gets the source and its path. Next: `pod/validation/volumes.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import inclusive_range_error, validate_dns1123_label
from kubern_kubeapi.groups.core.pod.validation.paths import (
    validate_file_mode,
    validate_local_descending_path,
    validate_local_non_reserved_path,
    validate_path_no_backsteps,
)

Object = Mapping[str, Any]
Check = Callable[[Object, Path], ErrorList]

_HOST_PATH_TYPES = frozenset(
    {"", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"}
)
_IQN = re.compile(r"iqn\.[0-9]{4}-[0-9]{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)\Z")
_EUI = re.compile(r"eui.[A-Za-z0-9]{16}")
_NAA = re.compile(r"naa.[A-Za-z0-9]{32}")
_MANAGED_DISK = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
_BLOB_DISK = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"


def require(*fields: str) -> Check:
    """A check that the fields are there."""

    def check(source: Object, path: Path) -> ErrorList:
        return [field.required(path.child(name)) for name in fields if not source.get(name)]

    return check


def validate_host_path(source: Object, path: Path) -> ErrorList:
    if not source.get("path"):
        return [field.required(path.child("path"))]
    errors = validate_path_no_backsteps(source["path"], path.child("path"))
    kind = source.get("type")
    if kind is not None and kind not in _HOST_PATH_TYPES:
        errors.append(field.not_supported(path.child("type"), kind, _HOST_PATH_TYPES))
    return errors


def validate_git_repo(source: Object, path: Path) -> ErrorList:
    errors = require("repository")(source, path)
    return errors + validate_local_descending_path(source.get("directory") or "", path.child("directory"))


def _partitioned(name: str) -> Check:
    def check(source: Object, path: Path) -> ErrorList:
        errors = require(name)(source, path)
        partition = source.get("partition") or 0
        if not 0 <= partition <= 255:
            errors.append(field.invalid(path.child("partition"), partition, inclusive_range_error(1, 255)))
        return errors

    return check


validate_gce_persistent_disk = _partitioned("pdName")
validate_aws_elastic_block_store = _partitioned("volumeID")


def validate_key_to_path(item: Object, path: Path) -> ErrorList:
    errors = require("key", "path")(item, path)
    errors += validate_local_non_reserved_path(item.get("path") or "", path.child("path"))
    return errors + validate_file_mode(item.get("mode"), path.child("mode"))


def _keyed(name: str) -> Check:
    def check(source: Object, path: Path) -> ErrorList:
        errors = require(name)(source, path)
        errors += validate_file_mode(source.get("defaultMode"), path.child("defaultMode"))
        for i, item in enumerate(source.get("items") or ()):
            errors += validate_key_to_path(item, path.child("items").index(i))
        return errors

    return check


validate_secret = _keyed("secretName")
validate_config_map = _keyed("name")


def validate_nfs(source: Object, path: Path) -> ErrorList:
    errors = require("server", "path")(source, path)
    target = source.get("path") or ""
    if not target.startswith("/"):
        errors.append(field.invalid(path.child("path"), target, "must be an absolute path"))
    return errors


def _iscsi_name_problem(name: str, unknown: str) -> str:
    """What is wrong with an initiator or target name; `unknown` says so for a name of no known type."""
    if not name.startswith(("iqn", "eui", "naa")):
        return unknown
    matches = (
        _IQN.search(name) if name.startswith("iqn") else (_EUI if name.startswith("eui") else _NAA).fullmatch(name)
    )
    return "" if matches else "must be valid format"


def validate_iscsi(source: Object, path: Path) -> ErrorList:
    errors = require("targetPortal")(source, path)
    return errors + validate_iscsi_target(source, path, "must be valid format starting with iqn, eui, or naa")


def validate_iscsi_target(source: Object, path: Path, unknown: str, *, secret_name: bool = False) -> ErrorList:
    """All but the portal; `unknown` is what is said of a name of no known type, `secret_name` asks for that."""
    errors = require("iqn")(source, path)
    name = source.get("iqn") or ""
    problem = _iscsi_name_problem(name, unknown) if name else ""
    if problem:
        errors.append(field.invalid(path.child("iqn"), name, problem))
    lun = source.get("lun") or 0
    if not 0 <= lun <= 255:
        errors.append(field.invalid(path.child("lun"), lun, inclusive_range_error(0, 255)))
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        errors.append(field.required(path.child("secretRef")))
    errors += _validate_secret_name(source, path) if secret_name else []
    initiator = source.get("initiatorName")
    if initiator is not None:
        problem = _iscsi_name_problem(initiator, unknown)
        if problem:
            errors.append(field.invalid(path.child("initiatorname"), initiator, problem))
    return errors


def validate_fc(source: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    wwns, wwids = source.get("targetWWNs") or [], source.get("wwids") or []
    at = path.child("targetWWNs")
    if not wwns and not wwids:
        errors.append(field.required(at, "must specify either targetWWNs or wwids, but not both"))
    if wwns and wwids:
        errors.append(field.invalid(at, wwns, "targetWWNs and wwids can not be specified simultaneously"))
    lun = source.get("lun")
    if wwns and lun is None:
        errors.append(field.required(path.child("lun"), "lun is required if targetWWNs is specified"))
    elif wwns and not 0 <= lun <= 255:  # type: ignore[operator]
        errors.append(field.invalid(path.child("lun"), lun, inclusive_range_error(0, 255)))
    return errors


def _is_host_port(text: str) -> bool:
    """Whether Go's net.SplitHostPort takes it."""
    if text.startswith("["):
        host, found, rest = text[1:].partition("]")
        return bool(found) and rest.startswith(":") and ":" not in rest[1:] and "[" not in host
    host, found, port = text.rpartition(":")
    return bool(found) and ":" not in host and not set("[]") & set(host + port)


def validate_quobyte(source: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    registry = source.get("registry") or ""
    pairs = "must be a host:port pair or multiple pairs separated by commas"
    if not registry:
        errors.append(field.required(path.child("registry"), pairs))
    elif len((source.get("tenant") or "").encode()) >= 65:
        detail = "must be a UUID and may not exceed a length of 64 characters"
        errors.append(field.required(path.child("tenant"), detail))
    else:
        bad = [pair for pair in registry.split(",") if not _is_host_port(pair)]
        errors += [field.invalid(path.child("registry"), registry, pairs) for _ in bad]
    return errors + require("volume")(source, path)


def validate_flocker(source: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    name, uuid = source.get("datasetName") or "", source.get("datasetUUID") or ""
    if not name and not uuid:
        errors.append(field.required(path, "one of datasetName and datasetUUID is required"))
    if name and uuid:
        detail = "datasetName and datasetUUID can not be specified simultaneously"
        errors.append(field.invalid(path, "resource", detail))
    if "/" in name:
        errors.append(field.invalid(path.child("datasetName"), name, "must not contain '/'"))
    return errors


def _validate_secret_name(source: Object, path: Path, name: str = "secretRef") -> ErrorList:
    ref = source.get(name)
    return [field.required(path.child(name, "name"))] if ref is not None and not ref.get("name") else []


def validate_cinder(source: Object, path: Path) -> ErrorList:
    return require("volumeID")(source, path) + _validate_secret_name(source, path)


def validate_flex_volume(source: Object, path: Path) -> ErrorList:
    errors = require("driver")(source, path)
    for key in sorted(source.get("options") or ()):
        domain = "." + key.partition("/")[0].lower()
        if domain.endswith((".kubernetes.io", ".k8s.io")):
            detail = "kubernetes.io and k8s.io namespaces are reserved"
            errors.append(field.invalid(path.child("options").key(key), key, detail))
    return errors


def validate_azure_disk(source: Object, path: Path) -> ErrorList:
    errors = require("diskName", "diskURI")(source, path)
    for name, supported in (
        ("cachingMode", {"None", "ReadOnly", "ReadWrite"}),
        ("kind", {"Shared", "Dedicated", "Managed"}),
    ):
        value = source.get(name)
        if value is not None and value not in supported:
            errors.append(field.not_supported(path.child(name), value, supported))
    kind, uri = source.get("kind"), source.get("diskURI") or ""
    if kind == "Managed" and not uri.startswith("/subscriptions/"):
        errors.append(field.not_supported(path.child("diskURI"), uri, (_MANAGED_DISK,)))
    if kind not in (None, "Managed") and not uri.startswith("https://"):
        errors.append(field.not_supported(path.child("diskURI"), uri, (_BLOB_DISK,)))
    return errors


def validate_storage_os(source: Object, path: Path) -> ErrorList:
    name, namespace = source.get("volumeName") or "", source.get("volumeNamespace") or ""
    at = path.child("volumeName")
    errors = validate_dns1123_label(name, at) if name else [field.required(at)]
    if namespace:
        errors += validate_dns1123_label(namespace, path.child("volumeNamespace"))
    return errors + _validate_secret_name(source, path)


def validate_csi_driver_name(name: str, path: Path) -> ErrorList:
    errors: ErrorList = [] if name else [field.required(path)]
    if len(name.encode()) > 63:
        errors.append(field.too_long(path, name, 63))
    return errors + [field.invalid(path, name, m) for m in names.is_dns1123_subdomain(name.lower())]


def validate_csi(source: Object, path: Path) -> ErrorList:
    errors = validate_csi_driver_name(source.get("driver") or "", path.child("driver"))
    ref = source.get("nodePublishSecretRef")
    if ref is not None:
        name = ref.get("name") or ""
        if not name:
            errors.append(field.required(path.child("nodePublishSecretRef", "name")))
        else:
            errors += [field.invalid(path.child("name"), name, m) for m in names.is_dns1123_subdomain(name)]
    return errors
