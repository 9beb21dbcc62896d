"""Rules of autoscalers (upstream: pkg/apis/autoscaling/validation). Next: `horizontalpodautoscaler.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.quantity import Quantity
from kubern.apimachinery.validation.formats import IS_NOT_POSITIVE
from kubern_kubeapi.groups.core.resource_lists import validate_nonnegative_quantity
from kubern_kubeapi.groups.workloads import SPEC

Object = Mapping[str, Any]
_MAX_STABILIZATION_SECONDS = 3600
_MAX_PERIOD_SECONDS = 1800
_METRIC_TYPES = ("ContainerResource", "External", "Object", "Pods", "Resource")
_FIELDS = {
    "Object": "object",
    "External": "external",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}


@dataclass(frozen=True, slots=True)
class HPAValidationOptions:
    """What is let through because it was already there."""

    min_replicas_lower_bound: int = 1
    allow_invalid_scale_target: bool = False
    allow_invalid_described_object: bool = False


def options_for(old: Object | None) -> HPAValidationOptions:
    """The options for the successor of `old`, those for new ones when there is none."""
    if old is None:
        return HPAValidationOptions()
    spec = old.get("spec") or {}
    described = [(m.get("object") or {}).get("describedObject") or {} for m in spec.get("metrics") or ()]
    return HPAValidationOptions(
        0 if spec.get("minReplicas") == 0 else 1,
        bool(api_version_problem(spec.get("scaleTargetRef") or {}, needs_group=True)),
        any(api_version_problem(reference, needs_group=False) for reference in described),
    )


def api_version_problem(reference: Object, *, needs_group: bool) -> str:
    """What is wrong with a reference's apiVersion, "" when nothing is."""
    text = reference.get("apiVersion") or ""
    if text.count("/") > 1:
        return f"unexpected GroupVersion string: {text}"
    if needs_group and "/" not in text and reference.get("kind") != "ReplicationController":
        return "apiVersion must specify API group"
    return ""


def validate_spec(spec: Object, options: HPAValidationOptions) -> ErrorList:
    """The whole spec, in the stored version."""
    errors: ErrorList = []
    low, high = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    at = SPEC.child("maxReplicas")
    if low is not None and low < options.min_replicas_lower_bound:
        detail = f"must be greater than or equal to {options.min_replicas_lower_bound}"
        errors.append(field.invalid(SPEC.child("minReplicas"), low, detail))
    if high == 0:
        errors.append(field.required(at, "must be set and greater than 0"))
    elif high < 0:
        errors.append(field.invalid(at, high, "must be greater than 0"))
    if low is not None and high < low:
        errors.append(field.invalid(at, high, "must be greater than or equal to `minReplicas`"))
    target = spec.get("scaleTargetRef") or {}
    allow = options.allow_invalid_scale_target
    errors += _validate_reference(target, SPEC.child("scaleTargetRef"), allow, needs_group=True)
    errors += _validate_metrics(spec.get("metrics") or [], low, options)
    behavior = spec.get("behavior") or {}
    for name in ("scaleUp", "scaleDown"):
        if behavior.get(name) is not None:
            errors += _validate_rules(behavior[name], SPEC.child("behavior", name))
    return errors


def _validate_segment(value: str, path: Path, missing: str = "") -> ErrorList:
    if not value:
        return [field.required(path, missing)]
    return [field.invalid(path, value, message) for message in names.is_valid_path_segment_name(value)]


def _validate_reference(reference: Object, path: Path, allow_invalid: bool, *, needs_group: bool) -> ErrorList:
    errors = _validate_segment(reference.get("kind") or "", path.child("kind"))
    errors += _validate_segment(reference.get("name") or "", path.child("name"))
    problem = "" if allow_invalid else api_version_problem(reference, needs_group=needs_group)
    if problem:
        errors.append(field.invalid(path.child("apiVersion"), reference.get("apiVersion") or "", problem))
    return errors


def _validate_metrics(metrics: list[Object], min_replicas: int | None, options: HPAValidationOptions) -> ErrorList:
    errors: ErrorList = []
    path = SPEC.child("metrics")
    for i, metric in enumerate(metrics):
        errors += _validate_metric(metric, path.index(i), options)
    if min_replicas == 0 and not any(m.get("type") in ("Object", "External") for m in metrics):
        detail = "must specify at least one Object or External metric to support scaling to zero replicas"
        errors.append(field.forbidden(path, detail))
    return errors


def _validate_metric(metric: Object, path: Path, options: HPAValidationOptions) -> ErrorList:
    errors: ErrorList = []
    kind = metric.get("type") or ""
    if not kind:
        errors.append(field.required(path.child("type"), "must specify a metric source type"))
    if kind not in _METRIC_TYPES:
        errors.append(field.not_supported(path.child("type"), kind, _METRIC_TYPES))
    present = [name for name in _FIELDS.values() if metric.get(name) is not None]
    if present:
        errors += _SOURCES[present[0]](metric[present[0]], path.child(present[0]), options)
    expected = _FIELDS.get(kind)
    if expected is None:
        # Upstream reports an unknown type in two places.
        errors.append(field.not_supported(path.child("type"), kind, _METRIC_TYPES))
    elif metric.get(expected) is None:
        detail = "must populate information for the given metric source"
        errors.append(field.required(path.child(expected), detail))
    if len(present) > 1:
        others = sorted(name for name in present if name != expected)
        errors += [field.forbidden(path.child(n), "must populate the given metric source only") for n in others]
    return errors


def _validate_object(source: Object, path: Path, options: HPAValidationOptions) -> ErrorList:
    described = source.get("describedObject") or {}
    allow = options.allow_invalid_described_object
    errors = _validate_reference(described, path.child("describedObject"), allow, needs_group=False)
    errors += _validate_identifier(source, path) + _validate_target(source, path)
    target = source.get("target") or {}
    if target.get("value") is None and target.get("averageValue") is None:
        detail = "must set either a target value or averageValue"
        errors.append(field.required(path.child("target", "averageValue"), detail))
    return errors


def _validate_external(source: Object, path: Path, options: HPAValidationOptions) -> ErrorList:
    errors = _validate_identifier(source, path) + _validate_target(source, path)
    target = source.get("target") or {}
    value, average = target.get("value"), target.get("averageValue")
    if value is None and average is None:
        detail = "must set either a target value for metric or a per-pod target"
        errors.append(field.required(path.child("target", "averageValue"), detail))
    if value is not None and average is not None:
        detail = "may not set both a target value for metric and a per-pod target"
        errors.append(field.forbidden(path.child("target", "value"), detail))
    return errors


def _validate_pods(source: Object, path: Path, options: HPAValidationOptions) -> ErrorList:
    errors = _validate_identifier(source, path) + _validate_target(source, path)
    average = (source.get("target") or {}).get("averageValue")
    if average is None or Quantity.parse(average).sign != 1:
        detail = "must specify a positive target averageValue"
        errors.append(field.required(path.child("target", "averageValue"), detail))
    return errors


def _validate_resource(source: Object, path: Path, options: HPAValidationOptions) -> ErrorList:
    errors: ErrorList = []
    if not source.get("name"):
        errors.append(field.required(path.child("name"), "must specify a resource name"))
    return errors + _validate_resource_target(source, path)


def _validate_container_resource(source: Object, path: Path, options: HPAValidationOptions) -> ErrorList:
    errors: ErrorList = []
    if not source.get("name"):
        errors.append(field.required(path.child("name"), "must specify a resource name"))
    if not source.get("container"):
        errors.append(field.required(path.child("container"), "must specify a container"))
    return errors + _validate_resource_target(source, path)


def _validate_resource_target(source: Object, path: Path) -> ErrorList:
    errors = _validate_target(source, path)
    target = source.get("target") or {}
    utilization, average = target.get("averageUtilization"), target.get("averageValue")
    if utilization is None and average is None:
        detail = "must set either a target raw value or a target utilization"
        errors.append(field.required(path.child("target", "averageUtilization"), detail))
    if utilization is not None and average is not None:
        detail = "may not set both a target raw value and a target utilization"
        errors.append(field.forbidden(path.child("target", "averageValue"), detail))
    return errors


def _validate_identifier(source: Object, path: Path) -> ErrorList:
    name = (source.get("metric") or {}).get("name") or ""
    return _validate_segment(name, path.child("metric", "name"), "must specify a metric name")


def _validate_target(source: Object, path: Path) -> ErrorList:
    target = source.get("target") or {}
    at = path.child("target")
    errors: ErrorList = []
    kind = target.get("type") or ""
    if not kind:
        errors.append(field.required(at.child("type"), "must specify a metric target type"))
    if kind not in ("Utilization", "Value", "AverageValue"):
        errors.append(field.invalid(at.child("type"), kind, "must be either Utilization, Value, or AverageValue"))
    for name in ("value", "averageValue"):
        if target.get(name) is not None and Quantity.parse(target[name]).sign != 1:
            errors.append(field.invalid(at.child(name), target[name], "must be positive"))
    utilization = target.get("averageUtilization")
    if utilization is not None and utilization < 1:
        errors.append(field.invalid(at.child("averageUtilization"), utilization, "must be greater than 0"))
    return errors


_SOURCES: Mapping[str, Callable[[Object, Path, HPAValidationOptions], ErrorList]] = {
    "object": _validate_object,
    "external": _validate_external,
    "pods": _validate_pods,
    "resource": _validate_resource,
    "containerResource": _validate_container_resource,
}


def _validate_rules(rules: Object, path: Path) -> ErrorList:
    """spec.behavior.scaleUp and scaleDown."""
    errors: ErrorList = []
    window, policy = rules.get("stabilizationWindowSeconds"), rules.get("selectPolicy")
    at = path.child("stabilizationWindowSeconds")
    if window is not None and window < 0:
        errors.append(field.invalid(at, window, "must be greater than or equal to zero"))
    if window is not None and window > _MAX_STABILIZATION_SECONDS:
        errors.append(field.invalid(at, window, f"must be less than or equal to {_MAX_STABILIZATION_SECONDS}"))
    if policy is not None and policy not in ("Disabled", "Max", "Min"):
        errors.append(field.not_supported(path.child("selectPolicy"), policy, ("Disabled", "Max", "Min")))
    policies = rules.get("policies") or []
    if not policies:
        errors.append(field.required(path.child("policies"), "must specify at least one Policy"))
    for i, item in enumerate(policies):
        errors += _validate_policy(item, path.child("policies").index(i))
    if rules.get("tolerance") is not None:
        errors += validate_nonnegative_quantity(Quantity.parse(rules["tolerance"]), path.child("tolerance"))
    return errors


def _validate_policy(policy: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    kind, value, period = policy.get("type") or "", policy.get("value") or 0, policy.get("periodSeconds") or 0
    if kind not in ("Percent", "Pods"):
        errors.append(field.not_supported(path.child("type"), kind, ("Percent", "Pods")))
    if value <= 0:
        errors.append(field.invalid(path.child("value"), value, IS_NOT_POSITIVE))
    at = path.child("periodSeconds")
    if period <= 0:
        errors.append(field.invalid(at, period, IS_NOT_POSITIVE))
    if period > _MAX_PERIOD_SECONDS:
        errors.append(field.invalid(at, period, f"must be less than or equal to {_MAX_PERIOD_SECONDS}"))
    return errors
