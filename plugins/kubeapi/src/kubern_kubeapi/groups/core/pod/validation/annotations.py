"""Annotations that once were a pod's fields (upstream: ValidatePodSpecificAnnotations and its kin)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.util.gojson import JSONSyntaxError, decode
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.core.pod.validation.paths import validate_local_descending_path
from kubern_kubeapi.groups.core.pod.validation.scheduling import validate_tolerations
from kubern_kubeapi.groups.core.pod.validation.windows import visit_containers

Object = Mapping[str, Any]
Annotations = Mapping[str, str]
MIRROR_POD = "kubernetes.io/config.mirror"
POD_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
TOLERATIONS = "scheduler.alpha.kubernetes.io/tolerations"
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER_PREFIX = "container.seccomp.security.alpha.kubernetes.io/"
APP_ARMOR_PREFIX = "container.apparmor.security.beta.kubernetes.io/"
_INT32 = re.compile(r"[-+]?[0-9]+", re.ASCII)


def validate_pod_annotations(annotations: Annotations, spec: Object, path: Path) -> ErrorList:
    """The well-known annotations of a pod or template."""
    errors: ErrorList = []
    if MIRROR_POD in annotations and not spec.get("nodeName"):
        detail = "must set spec.nodeName if mirror pod annotation is set"
        errors.append(field.invalid(path.key(MIRROR_POD), annotations[MIRROR_POD], detail))
    if annotations.get(TOLERATIONS):
        errors += _validate_tolerations(annotations[TOLERATIONS], path)
    cost = annotations.get(POD_DELETION_COST)
    if cost is not None and not _is_int32(cost):
        errors.append(field.invalid(path.key(POD_DELETION_COST), cost, "must be a 32bit integer"))
    errors += _validate_seccomp(annotations, path)
    return errors + _validate_app_armor(annotations, spec, path)


def _is_int32(text: str) -> bool:
    """Whether ParseInt takes it, without a plus or leading zeros, which GetDeletionCostFromPodAnnotations refuses."""
    if not _INT32.fullmatch(text) or text.startswith("+") or (len(text) > 1 and text.startswith("0")):
        return False
    return -(2**31) <= int(text) < 2**31


def _validate_tolerations(text: str, path: Path) -> ErrorList:
    try:
        tolerations = decode_objects(text, "core.Toleration")
    except ValueError as error:
        return [field.invalid(path, TOLERATIONS, str(error))]
    return validate_tolerations(tolerations, path.child(TOLERATIONS))


def decode_objects(text: str, go_type: str) -> list[Mapping[str, Any]]:
    """A JSON list of objects, as an annotation holds it. Raises ValueError with Go's words."""
    try:
        value = decode(text.encode())
    except JSONSyntaxError as error:
        raise ValueError(str(error)) from error
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"json: cannot unmarshal {_json_type(value)} into Go value of type []{go_type}")
    for item in value:
        if item is not None and not isinstance(item, dict):
            raise ValueError(f"json: cannot unmarshal {_json_type(item)} into Go value of type {go_type}")
    return [item or {} for item in value]


def _json_type(value: Any) -> str:
    names: tuple[tuple[type, str], ...] = ((bool, "bool"), (str, "string"), (dict, "object"), (list, "array"))
    return next((name for kind, name in names if isinstance(value, kind)), "number")


def _validate_seccomp(annotations: Annotations, path: Path) -> ErrorList:
    errors: ErrorList = []
    if SECCOMP_POD in annotations:
        errors += _validate_seccomp_profile(annotations[SECCOMP_POD], path.child(SECCOMP_POD))
    for key in sorted(annotations):
        if key.startswith(SECCOMP_CONTAINER_PREFIX):
            errors += _validate_seccomp_profile(annotations[key], path.child(key))
    return errors


def _validate_seccomp_profile(profile: str, path: Path) -> ErrorList:
    if profile in ("runtime/default", "docker/default", "unconfined"):
        return []
    if profile.startswith("localhost/"):
        return validate_local_descending_path(profile.removeprefix("localhost/"), path)
    return [field.invalid(path, profile, "must be a valid seccomp profile")]


def _validate_app_armor(annotations: Annotations, spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    for key in sorted(annotations):
        if not key.startswith(APP_ARMOR_PREFIX):
            continue
        name, profile = key.removeprefix(APP_ARMOR_PREFIX), annotations[key]
        if all(container.get("name") != name for container, _ in visit_containers(spec, path)):
            errors.append(field.invalid(path.key(key), name, "container not found"))
        if profile not in ("", "runtime/default", "unconfined") and not profile.startswith("localhost/"):
            detail = f"invalid AppArmor profile name: {go_quote(profile)}"
            errors.append(field.invalid(path.key(key), profile, detail))
    return errors


def has_app_armor(annotations: Iterable[str]) -> bool:
    """Whether any of them is about a container's AppArmor profile."""
    return any(key.startswith(APP_ARMOR_PREFIX) for key in annotations)


def _mismatch(profile: Object, annotation: str, what: str, path: Path) -> ErrorList:
    """The annotation and the field say the same."""
    kind = profile.get("type")
    runtime = ("runtime/default", "docker/default") if what == "seccomp" else ("runtime/default",)
    type_error = field.forbidden(path.child("type"), f"{what} type in annotation and field must match")
    if kind == "Unconfined":
        return [] if annotation == "unconfined" else [type_error]
    if kind == "RuntimeDefault":
        return [] if annotation in runtime else [type_error]
    if kind != "Localhost":
        return []
    if not annotation.startswith("localhost/"):
        return [type_error]
    if annotation.removeprefix("localhost/") != profile.get("localhostProfile"):
        detail = f"{what} profile in annotation and field must match"
        return [field.forbidden(path.child("localhostProfile"), detail)]
    return []


def validate_seccomp_annotations_match(annotations: Annotations, spec: Object, path: Path) -> ErrorList:
    if not any("seccomp" in key for key in annotations):
        return []
    errors: ErrorList = []
    profile = (spec.get("securityContext") or {}).get("seccompProfile")
    if profile is not None and SECCOMP_POD in annotations:
        at = path.child("securityContext", "seccompProfile")
        errors += _mismatch(profile, annotations[SECCOMP_POD], "seccomp", at)
    for container, at in visit_containers(spec, path):
        profile = (container.get("securityContext") or {}).get("seccompProfile")
        annotation = annotations.get(SECCOMP_CONTAINER_PREFIX + (container.get("name") or ""))
        if profile is not None and annotation is not None:
            errors += _mismatch(profile, annotation, "seccomp", at.child("securityContext", "seccompProfile"))
    return errors


def validate_app_armor_annotations_match(annotations: Annotations, spec: Object, path: Path) -> ErrorList:
    if not has_app_armor(annotations) or (spec.get("os") or {}).get("name") == "windows":
        return []
    errors: ErrorList = []
    of_pod = (spec.get("securityContext") or {}).get("appArmorProfile")
    for container, at in visit_containers(spec, path):
        profile = (container.get("securityContext") or {}).get("appArmorProfile")
        profile = of_pod if profile is None else profile
        annotation = annotations.get(APP_ARMOR_PREFIX + (container.get("name") or ""))
        if profile is not None and annotation is not None:
            errors += _mismatch(profile, annotation, "apparmor", at.child("securityContext", "appArmorProfile"))
    return errors


def validate_pod_annotations_update(new: Annotations, old: Annotations, spec: Object, path: Path) -> ErrorList:
    """Some annotations of a pod never change."""
    errors: ErrorList = []
    for key in sorted(old):
        if new.get(key) != old[key]:
            errors += _frozen_annotation(key, "remove or update", path)
    for key in sorted(new):
        if key not in old:
            errors += _frozen_annotation(key, "add", path)
    return errors + validate_pod_annotations(new, spec, path)


def _frozen_annotation(key: str, verb: str, path: Path) -> ErrorList:
    if key.startswith(APP_ARMOR_PREFIX):
        return [field.forbidden(path.key(key), f"may not {verb} AppArmor annotations")]
    if key == MIRROR_POD:
        return [field.forbidden(path.key(key), f"may not {verb} mirror pod annotation")]
    return []
