"""Names and parameters that the kinds of this group share (upstream: pkg/apis/storage/validation). Next: any kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import validate_qualified_name

MAX_PARAMETERS = 512
MAX_PARAMETERS_SIZE = 256 * 1024
_MAX_DRIVER_NAME = 63


def validate_provisioner(name: str, path: Path) -> ErrorList:
    """A provisioner, attacher or driver: a qualified name in any case."""
    if not name:
        return [field.required(path)]
    return [field.invalid(path, name, m) for m in names.is_qualified_name(name.lower())]


def validate_csi_driver_name(name: str, path: Path) -> ErrorList:
    """A DNS subdomain in any case, at most 63 long (upstream: ValidateCSIDriverName)."""
    if not name:
        return [field.required(path)]
    errors: ErrorList = []
    if len(name) > _MAX_DRIVER_NAME:
        errors.append(field.too_long(path, "", _MAX_DRIVER_NAME))
    return errors + [field.invalid(path, name, m) for m in names.is_dns1123_subdomain(name.lower())]


def validate_parameters(parameters: Mapping[str, str] | None, allow_empty: bool, path: Path) -> ErrorList:
    """Parameters for a driver: named, and limited in number and size."""
    parameters = parameters or {}
    if len(parameters) > MAX_PARAMETERS:
        return [field.too_long(path, "", MAX_PARAMETERS)]
    errors: ErrorList = [field.invalid(path, key, "field can not be empty.") for key in parameters if not key]
    if sum(len(k.encode()) + len(v.encode()) for k, v in parameters.items()) > MAX_PARAMETERS_SIZE:
        errors.append(field.too_long(path, "", MAX_PARAMETERS_SIZE))
    if not allow_empty and not parameters:
        errors.append(field.required(path, "must contain at least one key/value pair"))
    return errors


def validate_topology_keys(keys: list[str], path: Path) -> ErrorList:
    """Label keys, each once; problems are reported at the driver itself."""
    errors: ErrorList = []
    for i, key in enumerate(keys):
        if not key:
            errors.append(field.required(path))
        if key in keys[:i]:
            errors.append(field.duplicate(path, key))
        errors += validate_qualified_name(key, path)
    return errors


def class_name_text(obj: Mapping[str, Any], marks: tuple[str, ...]) -> str:
    """The name, marked when one of the annotations `marks` says that this is the default class."""
    annotations = obj["metadata"].get("annotations") or {}
    default = any(annotations.get(mark) == "true" for mark in marks)
    return f"{obj['metadata']['name']} (default)" if default else obj["metadata"]["name"]
