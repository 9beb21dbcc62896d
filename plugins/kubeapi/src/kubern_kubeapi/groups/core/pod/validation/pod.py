"""Pods as a whole: create and update (upstream: ValidatePodCreate, ValidatePodUpdate).

Next: `status.py`, `resize.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import orjson

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, FieldError, Path
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.formats import MAX_INT32, inclusive_range_error
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.core.pod.diff import diff
from kubern_kubeapi.groups.core.pod.internal_types import CORE_TYPES, render_pod_spec
from kubern_kubeapi.groups.core.pod.options import NEW_POD, PodValidationOptions, options_for_update
from kubern_kubeapi.groups.core.pod.validation.annotations import (
    MIRROR_POD,
    validate_app_armor_annotations_match,
    validate_pod_annotations,
    validate_pod_annotations_update,
    validate_seccomp_annotations_match,
)
from kubern_kubeapi.groups.core.pod.validation.containers import validate_image_padding
from kubern_kubeapi.groups.core.pod.validation.gated import validate_gated_changes
from kubern_kubeapi.groups.core.pod.validation.scheduling import validate_tolerations
from kubern_kubeapi.groups.core.pod.validation.spec import validate_pod_spec
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

Object = Mapping[str, Any]
METADATA = Path("metadata")
ANNOTATIONS = METADATA.child("annotations")
SPEC = Path("spec")
_MAX_REMEMBERED = 1024
_MAX_REMEMBERED_BYTES = 16 * 1024
_UPDATABLE = (
    "`spec.containers[*].image`",
    "`spec.initContainers[*].image`",
    "`spec.activeDeadlineSeconds`",
    "`spec.tolerations` (only additions to existing tolerations)",
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
)


def annotations_of(obj: Object) -> Mapping[str, str]:
    return obj["metadata"].get("annotations") or {}


def validate_pod_metadata_and_spec(pod: Object, old: Object | None) -> ErrorList:
    """What holds for new and for changed pods; the spec of an `old` pod is not held against its successor."""
    meta, spec = pod["metadata"], pod.get("spec") or {}
    errors = validate_object_meta(meta, True, names.name_is_dns_subdomain)
    errors += validate_pod_annotations(annotations_of(pod), spec, ANNOTATIONS)
    spec_errors = _validate_spec(spec, meta, NEW_POD)
    if spec_errors and old is not None:
        # What the old object excuses only matters where something is wrong, and costs more to find out.
        spec_errors = _validate_spec(spec, meta, options_for_update(old.get("spec"), resource_is_pod=True))
    errors += spec_errors
    if not spec.get("serviceAccountName"):
        errors += _forbid_token_projections(spec)
    for name in ("containers", "initContainers"):
        for i, container in enumerate(spec.get(name) or ()):
            errors += validate_image_padding(container, SPEC.child(name).index(i))
    return errors


def _validate_spec(spec: Object, meta: Object, options: PodValidationOptions) -> ErrorList:
    """The rules of the spec alone, remembered: most writes of a pod leave its spec as it was."""
    text = orjson.dumps(spec)
    if len(text) > _MAX_REMEMBERED_BYTES:
        return validate_pod_spec(spec, meta, SPEC, options)
    # Of the metadata these rules look at the mirror annotation, and at the name for claims of ephemeral volumes.
    name = meta.get("name", "") if b'"ephemeral"' in text else ""
    return list(_spec_errors(text, name, MIRROR_POD in (meta.get("annotations") or {}), options))


@functools.lru_cache(maxsize=_MAX_REMEMBERED)
def _spec_errors(text: bytes, pod_name: str, mirror: bool, options: PodValidationOptions) -> tuple[FieldError, ...]:
    meta = {"name": pod_name, "annotations": {MIRROR_POD: ""} if mirror else {}}
    return tuple(validate_pod_spec(orjson.loads(text), meta, SPEC, options))


def _forbid_token_projections(spec: Object) -> ErrorList:
    errors: ErrorList = []
    for i, volume in enumerate(spec.get("volumes") or ()):
        for j, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
            if source.get("serviceAccountToken") is not None:
                at = SPEC.child("volumes").index(i).child("projected", "sources").index(j)
                detail = "must not be specified when serviceAccountName is not set"
                errors.append(field.forbidden(at.child("serviceAccountToken"), detail))
    return errors


def validate_pod_create(pod: Object) -> ErrorList:
    """A new pod."""
    spec = pod.get("spec") or {}
    errors = validate_pod_metadata_and_spec(pod, None)
    if spec.get("ephemeralContainers"):
        errors.append(field.forbidden(SPEC.child("ephemeralContainers"), "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        detail = "cannot be set until all schedulingGates have been cleared"
        errors.append(field.forbidden(SPEC.child("nodeName"), detail))
    errors += validate_seccomp_annotations_match(annotations_of(pod), spec, SPEC)
    return errors + validate_app_armor_annotations_match(annotations_of(pod), spec, SPEC)


def validate_pod_update(pod: Object, old: Object) -> ErrorList:
    """A changed pod: of the spec only a few fields may differ."""
    spec, old_spec = pod["spec"], old["spec"]
    errors = validate_object_meta_update(pod["metadata"], old["metadata"])
    errors += validate_pod_metadata_and_spec(pod, old)
    errors += validate_pod_annotations_update(annotations_of(pod), annotations_of(old), spec, ANNOTATIONS)
    for name in ("containers", "initContainers"):
        found, stop = _validate_container_updates(spec.get(name) or [], old_spec.get(name) or [], SPEC.child(name))
        errors += found
        if stop:
            return errors
    found, stop = _validate_deadline_update(spec.get("activeDeadlineSeconds"), old_spec.get("activeDeadlineSeconds"))
    errors += found
    if stop:
        return errors
    errors += _validate_only_added_tolerations(spec.get("tolerations") or [], old_spec.get("tolerations") or [])
    errors += _validate_only_deleted_gates(spec.get("schedulingGates") or [], old_spec.get("schedulingGates") or [])
    if semantic_equal(spec, old_spec):
        return errors
    munged = _with_updatable_fields_of(spec, old_spec)
    if old_spec.get("schedulingGates"):
        errors += validate_gated_changes(munged, old_spec, SPEC)
    if not semantic_equal(munged, old_spec):
        text = diff(render_pod_spec(old_spec), render_pod_spec(munged))
        detail = "pod updates may not change fields other than " + ",".join(_UPDATABLE)
        errors.append(field.forbidden(SPEC, f"{detail}\n{text}"))
    return errors


def _validate_container_updates(new: list[Object], old: list[Object], path: Path) -> tuple[ErrorList, bool]:
    """(problems, whether to look no further)."""
    if len(new) != len(old):
        return [field.forbidden(path, "pod updates may not add or remove containers")], True
    errors: ErrorList = []
    for i, container in enumerate(new):
        if not container.get("image"):
            errors.append(field.required(path.index(i).child("image")))
        errors += validate_image_padding(container, path.index(i))
    return errors, False


def _validate_deadline_update(new: int | None, old: int | None) -> tuple[ErrorList, bool]:
    """(problems, whether to look no further): from nothing to something, or to less."""
    path = SPEC.child("activeDeadlineSeconds")
    if new is None:
        detail = "must not update from a positive integer to nil value"
        return ([field.invalid(path, None, detail)] if old is not None else []), False
    if not 0 <= new <= MAX_INT32:
        return [field.invalid(path, new, inclusive_range_error(0, MAX_INT32))], True
    if old is not None and old < new:
        return [field.invalid(path, new, "must be less than or equal to previous value")], True
    return [], False


def _validate_only_added_tolerations(new: list[Object], old: list[Object]) -> ErrorList:
    path = SPEC.child("tolerations")

    def without_seconds(toleration: Object) -> dict[str, Any]:
        return {k: v for k, v in toleration.items() if k != "tolerationSeconds"}

    if new != old:
        kept = [without_seconds(t) for t in new]
        if any(without_seconds(t) not in kept for t in old):
            return [field.forbidden(path, "existing toleration can not be modified except its tolerationSeconds")]
    return validate_tolerations(new, path)


def _validate_only_deleted_gates(new: list[Object], old: list[Object]) -> ErrorList:
    errors: ErrorList = []
    known = {gate.get("name") for gate in old}
    added = {gate.get("name"): i for i, gate in enumerate(new) if gate.get("name") not in known}
    for name, i in added.items():
        detail = f"only deletion is allowed, but found new scheduling gate '{name}'"
        errors.append(field.forbidden(SPEC.child("schedulingGates").index(i).child("name"), detail))
    return errors


def _with_updatable_fields_of(spec: Object, old: Object) -> dict[str, Any]:
    """`spec` with the fields that may change set back to the old ones."""
    munged = dict(spec)
    for name in ("containers", "initContainers"):
        if spec.get(name):
            olds = old.get(name) or []
            munged[name] = [{**c, "image": olds[i].get("image", "")} for i, c in enumerate(spec[name])]
    for name in ("activeDeadlineSeconds", "schedulingGates", "tolerations"):
        take(munged, name, old)
    period, old_period = spec.get("terminationGracePeriodSeconds"), old.get("terminationGracePeriodSeconds")
    if period == 1 and old_period is not None and old_period < 0:
        munged["terminationGracePeriodSeconds"] = old_period
    return munged


def take(target: dict[str, Any], name: str, source: Object) -> None:
    """Set a member to another object's, or remove it."""
    if name in source:
        target[name] = source[name]
    else:
        target.pop(name, None)


def validate_ephemeral_containers_update(pod: Object, old: Object) -> ErrorList:
    """A change of spec.ephemeralContainers: additions only."""
    if MIRROR_POD in annotations_of(old):
        return [field.forbidden(Path(""), "static pods do not support ephemeral containers")]
    errors = validate_object_meta_update(pod["metadata"], old["metadata"])
    errors += validate_pod_metadata_and_spec(pod, old)
    errors += validate_pod_annotations_update(annotations_of(pod), annotations_of(old), pod["spec"], ANNOTATIONS)
    path = SPEC.child("ephemeralContainers")
    new = {c.get("name"): c for c in pod["spec"].get("ephemeralContainers") or ()}
    for container in old["spec"].get("ephemeralContainers") or ():
        quoted = go_quote(container.get("name") or "")
        successor = new.get(container.get("name"))
        if successor is None:
            detail = f"existing ephemeral containers {quoted} may not be removed\n"
            errors.append(field.forbidden(path, detail))
        elif not semantic_equal(container, successor):
            text = diff(*(CORE_TYPES.render("EphemeralContainer", c) for c in (container, successor)))
            detail = f"existing ephemeral containers {quoted} may not be changed\n{text}"
            errors.append(field.forbidden(path, detail))
    return errors
