"""Projected and downward API volumes (upstream: validateProjectionSources, validateDownwardAPIVolumeFile)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern_kubeapi.groups.core.field_refs import (
    VOLUME_FIELDS,
    validate_object_field_selector,
    validate_resource_field_selector,
)
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.core.pod.validation.paths import validate_file_mode, validate_local_non_reserved_path
from kubern_kubeapi.groups.core.volume_sources import validate_key_to_path

Object = Mapping[str, Any]
_MIN_TOKEN_SECONDS = 600
_MAX_TOKEN_SECONDS = 2**32
_KINDS = ("secret", "configMap", "downwardAPI", "serviceAccountToken")


def validate_downward_api(source: Object, path: Path) -> ErrorList:
    """A downwardAPI volume; problems of its items are reported at the volume itself."""
    errors = validate_file_mode(source.get("defaultMode"), path.child("defaultMode"))
    for item in source.get("items") or ():
        errors += _validate_downward_file(item, path)
    return errors


def _validate_downward_file(item: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    target = item.get("path") or ""
    if not target:
        errors.append(field.required(path.child("path")))
    errors += validate_local_non_reserved_path(target, path.child("path"))
    field_ref, resource_ref = item.get("fieldRef"), item.get("resourceFieldRef")
    if field_ref is not None:
        errors += validate_object_field_selector(field_ref, VOLUME_FIELDS, path.child("fieldRef"))
        if resource_ref is not None:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            errors.append(field.invalid(path, "resource", detail))
    elif resource_ref is not None:
        errors += validate_resource_field_selector(resource_ref, path.child("resourceFieldRef"), volume=True)
    else:
        errors.append(field.required(path, "one of fieldRef and resourceFieldRef is required"))
    return errors + validate_file_mode(item.get("mode"), path.child("mode"))


def validate_projected(source: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    """A projected volume: one kind per source, no path twice."""
    errors = validate_file_mode(source.get("defaultMode"), path.child("defaultMode"))
    paths: set[str] = set()
    for i, projection in enumerate(source.get("sources") or ()):
        at = path.child("sources").index(i)
        for kind in _KINDS:
            if projection.get(kind) is not None:
                errors += _validate_projection(kind, projection[kind], paths, at.child(kind), path, options)
        if sum(projection.get(kind) is not None for kind in _KINDS) > 1:
            errors.append(field.forbidden(at, "may not specify more than 1 volume type per source"))
    return errors


def _validate_projection(
    kind: str, source: Object, paths: set[str], at: Path, path: Path, options: PodValidationOptions
) -> ErrorList:
    if kind == "serviceAccountToken":
        return _validate_token(source, at, path, options)
    errors: ErrorList = []
    name = source.get("name") or ""
    if kind != "downwardAPI" and not name:
        errors.append(field.required(at.child("name")))
    for i, item in enumerate(source.get("items") or ()):
        target = item.get("path") or ""
        if kind == "downwardAPI":
            errors += _validate_downward_file(item, at)
        else:
            errors += validate_key_to_path(item, at.child("items").index(i))
        if target in paths:
            value = target if kind == "downwardAPI" else name
            errors.append(field.invalid(path, value, "conflicting duplicate paths"))
        elif target:
            paths.add(target)
    return errors


def _validate_token(source: Object, at: Path, path: Path, options: PodValidationOptions) -> ErrorList:
    errors: ErrorList = []
    seconds, target = source.get("expirationSeconds") or 0, source.get("path") or ""
    if seconds < _MIN_TOKEN_SECONDS:
        detail = "may not specify a duration less than 10 minutes"
        errors.append(field.invalid(at.child("expirationSeconds"), seconds, detail))
    if seconds > _MAX_TOKEN_SECONDS:
        detail = "may not specify a duration larger than 2^32 seconds"
        errors.append(field.invalid(at.child("expirationSeconds"), seconds, detail))
    if not target:
        errors.append(field.required(path.child("path")))
    elif not options.allow_non_local_projected_token_path:
        errors += validate_local_non_reserved_path(target, path.child("path"))
    return errors
