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
from kubern_kubeapi.groups.apps.internal_types import APPS_TYPES
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.workloads import (
    SPEC,
    STATUS,
    is_malformed_selector,
    selector_value,
    template_options,
    validate_collision_count,
    validate_counters,
    validate_not_above,
    validate_required_selector,
    validate_template,
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


def validate_stateful_set(obj: Object, old: Object | None) -> ErrorList:
    """A new stateful set."""
    errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_label)
    return errors + _validate_spec(obj["spec"], (old or {}).get("spec"), template_options(old))


def validate_stateful_set_update(obj: Object, old: Object) -> ErrorList:
    """A changed stateful set: of the spec only some fields may differ."""
    errors = validate_object_meta_update(obj["metadata"], old["metadata"])
    errors += _validate_spec(obj["spec"], old["spec"], template_options(old))
    fixed, old_fixed = ({k: v for k, v in o["spec"].items() if k not in _MUTABLE} for o in (obj, old))
    if not semantic_equal(fixed, old_fixed):
        errors.append(field.forbidden(SPEC, _IMMUTABLE_DETAIL))
    return errors


def _validate_spec(spec: Object, old: Object | None, options: PodValidationOptions) -> ErrorList:
    errors: ErrorList = []
    policy = spec.get("podManagementPolicy") or ""
    at = SPEC.child("podManagementPolicy")
    if not policy:
        errors.append(field.required(at))
    elif policy not in ("OrderedReady", "Parallel"):
        errors.append(field.invalid(at, policy, "must be 'OrderedReady' or 'Parallel'"))
    errors += _validate_update_strategy(spec.get("updateStrategy") or {}, SPEC.child("updateStrategy"))
    errors += _validate_retention(spec.get("persistentVolumeClaimRetentionPolicy"))
    errors += validate_counters(spec, ("replicas", "minReadySeconds"), SPEC)
    if spec.get("ordinals") is not None:
        errors += validate_counters(spec["ordinals"], ("start",), SPEC.child("ordinals"))
    service = spec.get("serviceName")
    if service and service != (old or {}).get("serviceName"):
        errors += validate_dns1123_label(service, SPEC.child("serviceName"))
    errors += validate_required_selector(spec, "statefulset", SPEC, options)
    if is_malformed_selector(spec.get("selector")):
        return [*errors, field.invalid(SPEC.child("selector"), selector_value(spec["selector"]), "")]
    return errors + validate_template(spec, "StatefulSet", SPEC, options, _claim_volumes(spec))


def _claim_volumes(spec: Object) -> list[Object]:
    """The volumes that the claim templates will be, for mounts that name them."""
    volumes = ((spec.get("template") or {}).get("spec") or {}).get("volumes") or ()
    taken = {volume.get("name") for volume in volumes}
    claims = {(c.get("metadata") or {}).get("name") for c in spec.get("volumeClaimTemplates") or ()}
    valid = sorted(name for name in claims if name and name not in taken and not names.is_dns1123_label(name))
    return [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in valid]


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
