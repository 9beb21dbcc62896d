"""Validation of stateful sets (upstream: pkg/apis/apps/validation). Next: `../workloads.py`."""

from __future__ import annotations

from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.formats import (
    int_or_percent_value,
    validate_dns1123_label,
    validate_not_more_than_100_percent,
    validate_positive_int_or_percent,
)
from kubern.apimachinery.validation.labels import validate_labels
from kubern.apimachinery.validation.objectmeta import validate_annotations
from kubern_kubeapi.groups.apps.internal_types import APPS_TYPES
from kubern_kubeapi.groups.core.claim_spec import validate_claim_spec
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.core.pod.validation.annotations import validate_pod_annotations
from kubern_kubeapi.groups.core.pod.validation.spec import validate_pod_template_spec
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.workloads import (
    SPEC,
    STATUS,
    is_malformed_selector,
    labels_of,
    selector_value,
    template_options,
    validate_always_running,
    validate_collision_count,
    validate_counters,
    validate_not_above,
    validate_required_selector,
    validate_template_labels,
)

Object = dict[str, Any]
_MUTABLE = (
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
)  # fmt: skip
_IMMUTABLE_DETAIL = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def validate_stateful_set(obj: Object) -> ErrorList:
    """A new stateful set."""
    errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_label)
    return errors + _validate_spec(obj["spec"], template_options(None))


def validate_stateful_set_update(obj: Object, old: Object) -> ErrorList:
    """A changed stateful set: of the spec only some fields may differ.

    Fields that cannot change are not judged again, and neither is the template when the stored spec is invalid.
    """
    errors = validate_object_meta_update(obj["metadata"], old["metadata"])
    options = template_options(old)
    check_template = not _validate_spec(old["spec"], options, new=False)
    errors += _validate_spec(obj["spec"], options, new=False, check_template=check_template)
    fixed, old_fixed = ({k: v for k, v in o["spec"].items() if k not in _MUTABLE} for o in (obj, old))
    if not semantic_equal(fixed, old_fixed):
        errors.append(field.forbidden(SPEC, _IMMUTABLE_DETAIL))
    return errors


def _validate_spec(
    spec: Object, options: PodValidationOptions, *, new: bool = True, check_template: bool = True
) -> ErrorList:
    errors: ErrorList = []
    policy = spec.get("podManagementPolicy") or ""
    at = SPEC.child("podManagementPolicy")
    if not policy:
        errors.append(field.required(at))
    elif policy not in ("OrderedReady", "Parallel"):
        errors.append(field.invalid(at, policy, "must be 'OrderedReady' or 'Parallel'"))
    errors += _validate_update_strategy(spec.get("updateStrategy") or {}, SPEC.child("updateStrategy"))
    errors += _validate_retention(spec.get("persistentVolumeClaimRetentionPolicy"))
    for i, claim in enumerate(spec.get("volumeClaimTemplates") or () if new else ()):
        errors += validate_claim_spec(
            claim.get("spec") or {}, SPEC.child("volumeClaimTemplates").index(i).child("spec")
        )
    errors += validate_counters(spec, ("replicas", "minReadySeconds"), SPEC)
    if spec.get("ordinals") is not None:
        errors += validate_counters(spec["ordinals"], ("start",), SPEC.child("ordinals"))
    service = spec.get("serviceName")
    if service and new:
        errors += validate_dns1123_label(service, SPEC.child("serviceName"))
    errors += validate_required_selector(spec, "statefulset", SPEC, options)
    if is_malformed_selector(spec.get("selector")):
        errors.append(field.invalid(SPEC.child("selector"), selector_value(spec["selector"]), ""))
    else:
        errors += _validate_template(spec, options, check_template)
    return errors + validate_always_running(spec.get("template") or {}, "StatefulSet", SPEC.child("template"))


def _validate_template(spec: Object, options: PodValidationOptions, whole: bool) -> ErrorList:
    """spec.template as the controller makes pods of it; upstream looks at its metadata twice."""
    template = spec.get("template") or {}
    at = SPEC.child("template")
    errors = validate_template_labels(spec, SPEC)
    if whole:
        errors += validate_pod_template_spec(_effective_template(spec), at, options)
    annotations = (template.get("metadata") or {}).get("annotations") or {}
    errors += validate_labels(labels_of(template), at.child("labels"))
    errors += validate_annotations(annotations, at.child("annotations"))
    return errors + validate_pod_annotations(annotations, template.get("spec") or {}, at.child("annotations"))


def _effective_template(spec: Object) -> Object:
    """The template with the volumes of the claims, without the names that the controller gives each pod."""
    template = spec.get("template") or {}
    pod = {k: v for k, v in (template.get("spec") or {}).items() if k not in ("hostname", "subdomain")}
    claims = sorted({(c.get("metadata") or {}).get("name") or "" for c in spec.get("volumeClaimTemplates") or ()})
    if claims:
        own = [volume for volume in pod.get("volumes") or () if volume.get("name") not in claims]
        pod["volumes"] = [{"name": n, "persistentVolumeClaim": {"claimName": n}} for n in claims] + own
    return {**template, "spec": pod}


def _validate_update_strategy(strategy: Object, path: Path) -> ErrorList:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    at = path.child("rollingUpdate")
    if not kind:
        return [field.required(path)]
    if kind == "OnDelete":
        if rolling is None:
            return []
        shown = APPS_TYPES.render("RollingUpdateStatefulSetStrategy", rolling)
        return [field.invalid(at, shown, "only allowed for updateStrategy 'RollingUpdate'")]
    if kind != "RollingUpdate":
        shown = APPS_TYPES.render("StatefulSetUpdateStrategy", strategy)
        return [field.invalid(path, shown, "must be 'RollingUpdate' or 'OnDelete'")]
    if rolling is None:
        return []
    errors = validate_counters(rolling, ("partition",), at)
    unavailable = rolling.get("maxUnavailable")
    if unavailable is not None:
        below = at.child("maxUnavailable")
        errors += validate_positive_int_or_percent(unavailable, below)
        if not int_or_percent_value(unavailable):
            errors.append(field.invalid(below, unavailable, "cannot be 0"))
        errors += validate_not_more_than_100_percent(unavailable, below)
    return errors


def _validate_retention(policy: Object | None) -> ErrorList:
    errors: ErrorList = []
    path = SPEC.child("persistentVolumeClaimRetentionPolicy")
    for name in ("whenDeleted", "whenScaled") if policy is not None else ():
        value = (policy or {}).get(name) or ""
        if value not in ("Retain", "Delete"):
            errors.append(field.not_supported(path.child(name), value, ("Retain", "Delete")))
    return errors


def validate_stateful_set_status_update(obj: Object, old: Object) -> ErrorList:
    status = obj.get("status") or {}
    bounded = ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
    counters = ("replicas", *bounded, "observedGeneration", "collisionCount")
    errors = validate_counters(status, counters, STATUS)
    errors += validate_not_above(status, bounded, "replicas", "cannot be greater than status.replicas")
    detail = "cannot be greater than status.readyReplicas"
    errors += validate_not_above(status, ("availableReplicas",), "readyReplicas", detail)
    errors += validate_object_meta_update(obj["metadata"], old["metadata"])
    return errors + validate_collision_count(status, old.get("status") or {})
