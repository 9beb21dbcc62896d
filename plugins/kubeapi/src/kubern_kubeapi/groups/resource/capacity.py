"""How much of a capacity a request may ask for (upstream: validateRequestPolicy). Next: `devices.py`."""

from __future__ import annotations

from typing import Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.quantity import Quantity
from kubern_kubeapi.groups.resource.limits import validate_set

Object = dict[str, Any]

MAX_VALUES: Final = 10


def validate_request_policy(capacity: Object, path: Path) -> ErrorList:
    """Either distinct values or a range, with a default among them."""
    policy, most = capacity["requestPolicy"], Quantity.parse(capacity.get("value", "0"))
    values, valid_range = policy.get("validValues") or [], policy.get("validRange")
    if values and valid_range is not None:
        detail = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'
        return [field.forbidden(path, detail)]
    default = policy.get("default")
    for name in ("validValues", "validRange"):
        if policy.get(name) and default is None:
            return [field.required(path.child("default"), f"required when {name} is defined")]
    if values:
        return _validate_values(Quantity.parse(default), most, values, path.child("validValues"))
    if valid_range is not None:
        return _validate_range(Quantity.parse(default), most, valid_range, path.child("validRange"))
    return []


def _validate_values(default: Quantity, most: Quantity, values: list[str], path: Path) -> ErrorList:
    parsed = [Quantity.parse(value) for value in values]
    errors: ErrorList = [
        field.invalid(path.index(i), str(parsed[i]), "values must be sorted in ascending order")
        for i in range(1, len(parsed))
        if parsed[i - 1].compare(parsed[i]) > 0
    ]

    def check(option: Quantity, at: Path) -> ErrorList:
        if option.compare(most) <= 0:
            return []
        return [field.invalid(at, str(option), f"option is larger than capacity value: {most}")]

    errors += validate_set(parsed, MAX_VALUES, check, path, key=lambda option: str(option.value()))
    if all(option.compare(default) for option in parsed):
        errors.append(field.invalid(path, str(default), "default value is not valid according to the requestPolicy"))
    return errors


def _validate_range(default: Quantity, most: Quantity, valid_range: Object, path: Path) -> ErrorList:
    at_min, at_max = path.child("min"), path.child("max")
    if valid_range.get("min") is None:
        return [field.required(at_min, "required when validRange is defined")]
    low = Quantity.parse(valid_range["min"])
    high = Quantity.parse(valid_range["max"]) if valid_range.get("max") is not None else None
    errors: ErrorList = []
    if low.compare(most) > 0:
        errors.append(field.invalid(at_min, str(low), f"min is larger than capacity value: {most}"))
    if default.compare(low) < 0:
        errors.append(field.invalid(at_min, str(default), f"default is less than min: {low}"))
    if high is not None:
        if low.compare(high) > 0:
            errors.append(field.invalid(at_max, str(low), f"min is larger than max: {high}"))
        if high.compare(most) > 0:
            errors.append(field.invalid(at_max, str(high), f"max is larger than capacity value: {most}"))
        if default.compare(high) > 0:
            errors.append(field.invalid(at_max, str(default), f"default is more than max: {high}"))
    if valid_range.get("step") is not None:
        errors += _validate_step(Quantity.parse(valid_range["step"]), default, low, high, most, path.child("step"))
    return errors


def _validate_step(
    step: Quantity, default: Quantity, low: Quantity, high: Quantity | None, most: Quantity, path: Path
) -> ErrorList:
    errors: ErrorList = []
    added = low + step
    if added.compare(most) > 0:
        errors.append(field.invalid(path, str(step), f"one step {added} is larger than capacity value: {most}"))
    for value in (default, high):
        if value is None:
            continue
        # Differs from kube-apiserver: a step that counts as 0 makes it panic.
        if not step.value() or (value.value() - low.value()) % step.value():
            detail = f"value is not a multiple of a given step ({step}) from ({low})"
            errors.append(field.invalid(path, str(value), detail))
    return errors
