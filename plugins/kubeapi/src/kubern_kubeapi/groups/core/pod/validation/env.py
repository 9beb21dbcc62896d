"""Environment variables of containers (upstream: ValidateEnv, ValidateEnvFrom). Next: `containers.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import (
    is_config_map_key,
    is_relaxed_env_var_name,
    validate_dns1123_label,
)
from kubern_kubeapi.groups.core.field_refs import (
    ENV_FIELDS,
    validate_object_field_selector,
    validate_resource_field_selector,
)
from kubern_kubeapi.groups.core.pod.validation.paths import validate_path_no_backsteps
from kubern_kubeapi.groups.core.pod.validation.windows import visit_containers

Object = Mapping[str, Any]


def validate_env(variables: list[Object] | None, path: Path) -> ErrorList:
    """The `env` list."""
    errors: ErrorList = []
    for i, variable in enumerate(variables or ()):
        at = path.index(i)
        name = variable.get("name") or ""
        if not name:
            errors.append(field.required(at.child("name")))
        else:
            errors += [field.invalid(at.child("name"), name, m) for m in is_relaxed_env_var_name(name)]
        if variable.get("valueFrom") is not None:
            errors += _validate_value_from(variable, at.child("valueFrom"))
    return errors


def _validate_value_from(variable: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    source = variable["valueFrom"]
    count = 0
    if (ref := source.get("fieldRef")) is not None:
        count += 1
        errors += validate_object_field_selector(ref, ENV_FIELDS, path.child("fieldRef"))
    if (ref := source.get("resourceFieldRef")) is not None:
        count += 1
        errors += validate_resource_field_selector(ref, path.child("resourceFieldRef"), volume=False)
    for kind in ("configMapKeyRef", "secretKeyRef"):
        if (ref := source.get(kind)) is not None:
            count += 1
            errors += _validate_key_selector(ref, path.child(kind))
    if (ref := source.get("fileKeyRef")) is not None:
        count += 1
        errors += _validate_file_key_selector(ref, path.child("fileKeyRef"))
    if not count:
        detail = (
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        )
        errors.append(field.invalid(path, "", detail))
    elif variable.get("value"):
        errors.append(field.invalid(path, "", "may not be specified when `value` is not empty"))
    elif count > 1:
        errors.append(field.invalid(path, "", "may not have more than one field specified at a time"))
    return errors


def _validate_key_selector(ref: Object, path: Path) -> ErrorList:
    name, key = ref.get("name") or "", ref.get("key") or ""
    errors: ErrorList = [field.invalid(path.child("name"), name, m) for m in names.is_dns1123_subdomain(name)]
    if not key:
        errors.append(field.required(path.child("key")))
    else:
        errors += [field.invalid(path.child("key"), key, m) for m in is_config_map_key(key)]
    return errors


def _validate_file_key_selector(ref: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    key, volume, target = (ref.get(name) or "" for name in ("key", "volumeName", "path"))
    if not key:
        errors.append(field.required(path.child("key")))
    else:
        errors += [field.invalid(path.child("key"), key, m) for m in is_relaxed_env_var_name(key)]
    if not volume:
        errors.append(field.required(path.child("volumeName")))
    else:
        errors += validate_dns1123_label(volume, path.child("volumeName"))
    if not target:
        errors.append(field.required(path.child("path")))
    else:
        errors += validate_path_no_backsteps(target, path.child("path"))
    return errors


def validate_env_file_volumes(spec: Object, path: Path) -> ErrorList:
    """Files that variables come from lie in emptyDir volumes of the pod."""
    errors: ErrorList = []
    volumes = {volume.get("name") or "": volume for volume in spec.get("volumes") or ()}
    for container, at in visit_containers(spec, path):
        for i, variable in enumerate(container.get("env") or ()):
            ref = (variable.get("valueFrom") or {}).get("fileKeyRef")
            if ref is None:
                continue
            name = ref.get("volumeName") or ""
            here = at.child("env").index(i).child("valueFrom", "fileKeyRef", "volumeName")
            if name not in volumes:
                errors.append(field.not_found(here, name))
            elif volumes[name].get("emptyDir") is None:
                errors.append(field.invalid(here, name, "referenced volume must be of type emptyDir"))
    return errors


def validate_env_from(sources: list[Object] | None, path: Path) -> ErrorList:
    """The `envFrom` list."""
    errors: ErrorList = []
    for i, source in enumerate(sources or ()):
        at = path.index(i)
        prefix = source.get("prefix")
        if prefix:
            errors += [field.invalid(at.child("prefix"), prefix, m) for m in is_relaxed_env_var_name(prefix)]
        count = 0
        for kind in ("configMapRef", "secretRef"):
            if source.get(kind) is not None:
                count += 1
                errors += _validate_env_source(source[kind], at.child(kind))
        if not count:
            errors.append(field.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif count > 1:
            errors.append(field.invalid(path, "", "may not have more than one field specified at a time"))
    return errors


def _validate_env_source(ref: Object, path: Path) -> ErrorList:
    name = ref.get("name") or ""
    if not name:
        return [field.required(path.child("name"))]
    return [field.invalid(path.child("name"), name, m) for m in names.name_is_dns_subdomain(name, True)]
