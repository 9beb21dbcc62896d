"""The LimitRange kind (core). Next: the LimitRanger admission plugin, which applies it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.quantity import Quantity
from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.core.resource_lists import (
    is_overcommit_allowed,
    round_up_to_milli,
    validate_container_resource_name,
    validate_resource_name,
)
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
Values = dict[str, Quantity]

_LIMITS = Path("spec", "limits")
_TYPES = ("Pod", "Container", "PersistentVolumeClaim")
_LISTS = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
_ONE = Quantity.parse("1")
_MAX_MILLI = (1 << 63) // 1000


def set_limit_range_defaults(obj: Object) -> None:
    """What a container's limits leave out follows from the others (upstream: SetDefaults_LimitRangeItem)."""
    for item in obj.get("spec", {}).get("limits") or ():
        if item.get("type") == "Container":
            limits = {**(item.get("max") or {}), **(item.get("default") or {})}
            requests = {**(item.get("min") or {}), **limits, **(item.get("defaultRequest") or {})}
            item.update({k: v for k, v in (("default", limits), ("defaultRequest", requests)) if v})
        for name in _LISTS:
            round_up_to_milli(item.get(name))


def validate_limit_range(obj: Object) -> ErrorList:
    """Upstream: ValidateLimitRange."""
    errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
    seen: set[str] = set()
    for i, item in enumerate(obj.get("spec", {}).get("limits") or ()):
        at, kind = _LIMITS.index(i), item.get("type", "")
        errors += _validate_type(kind, at.child("type"))
        if kind in seen:
            errors.append(field.duplicate(at.child("type"), kind))
        seen.add(kind)
        errors += _validate_names(item, kind, at)
        lists = {name: {k: Quantity.parse(v) for k, v in (item.get(name) or {}).items()} for name in _LISTS}
        if kind == "Pod":
            lists["default"], lists["defaultRequest"] = {}, {}
        for key in sorted(set().union(*lists.values())):
            errors += _validate_order(key, {n: v[key] for n, v in lists.items() if key in v}, at)
    return errors


def _validate_type(kind: str, path: Path) -> ErrorList:
    errors: ErrorList = [field.invalid(path, kind, m) for m in names.is_qualified_name(kind)]
    if not errors and "/" not in kind and kind not in _TYPES:
        errors.append(field.invalid(path, kind, "must be a standard limit type or fully qualified"))
    return errors


def _validate_names(item: Object, kind: str, path: Path) -> ErrorList:
    check = validate_container_resource_name if kind in ("Pod", "Container") else validate_resource_name
    errors: ErrorList = []
    for name in _LISTS:
        values, at = item.get(name) or {}, path.child(name)
        if name == "maxLimitRequestRatio" and kind == "PersistentVolumeClaim":
            errors += _validate_storage_bounds(item, path)
        if kind == "Pod" and name in ("default", "defaultRequest"):
            if values:
                errors.append(field.forbidden(at, "may not be specified when `type` is 'Pod'"))
            continue
        for key in sorted(values):
            errors += check(key, at.key(key))
    return errors


def _validate_storage_bounds(item: Object, path: Path) -> ErrorList:
    if any("storage" in (item.get(name) or {}) for name in ("min", "max")):
        return []
    detail = "either minimum or maximum storage value is required, but neither was provided"
    return [field.required(path.child("limits"), detail)]


_ORDER = (
    ("min", "max", "min", "min", "min value {0} is greater than max value {1}"),
    ("min", "defaultRequest", "defaultRequest", "defaultRequest", "min value {0} is greater than default request value {1}"),
    ("defaultRequest", "max", "defaultRequest", "defaultRequest", "default request value {0} is greater than max value {1}"),
    ("defaultRequest", "default", "defaultRequest", "defaultRequest", "default request value {0} is greater than default limit value {1}"),
    ("min", "default", "default", "min", "min value {0} is greater than default value {1}"),
    ("default", "max", "default", "max", "default value {0} is greater than max value {1}"),
)  # fmt: skip
"""The smaller, the larger, where a violation is reported, whose value is shown, and the words."""


def _validate_order(key: str, values: Values, path: Path) -> ErrorList:
    errors: ErrorList = []
    for small, large, place, shown, words in _ORDER:
        if small in values and large in values and values[small] > values[large]:
            detail = words.format(values[small], values[large])
            errors.append(field.invalid(path.child(place).key(key), str(values[shown]), detail))
    errors += _validate_ratio(key, values, path)
    default, request = values.get("default"), values.get("defaultRequest")
    if default is not None and request is not None and default != request and not is_overcommit_allowed(key):
        detail = f"default value {default} must equal to defaultRequest value {request} in {key}"
        errors.append(field.invalid(path.child("defaultRequest").key(key), str(request), detail))
    return errors


def _validate_ratio(key: str, values: Values, path: Path) -> ErrorList:
    ratio = values.get("maxLimitRequestRatio")
    if ratio is None:
        return []
    errors: ErrorList = []
    at = path.child("maxLimitRequestRatio").key(key)
    if ratio < _ONE:
        errors.append(field.invalid(at, str(ratio), f"ratio {ratio} is less than 1"))
    low, high = values.get("min"), values.get("max")
    if low is None or high is None:
        return errors
    wanted: float = ratio.value()
    bottom, top = low.value(), high.value()
    if max(ratio.value(), bottom, top) < _MAX_MILLI:
        wanted, bottom, top = ratio.milli_value() / 1000, low.milli_value(), high.milli_value()
    limit = top / bottom if bottom else float("inf")
    if wanted > limit:
        errors.append(field.invalid(at, str(ratio), f"ratio {ratio} is greater than max/min = {limit:.6f}"))
    return errors


class LimitRangeStrategy(Strategy):
    """Rules of limit ranges."""

    allow_create_on_update = True

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        if not obj["metadata"].get("name") and not obj["metadata"].get("generateName"):
            obj["metadata"]["name"] = str(uuid.uuid4())

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_limit_range(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_limit_range(obj)


RESOURCE = ResourceDefinition(
    group="",
    resource="limitranges",
    kind="LimitRange",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("", "v1", "LimitRange"),
            default=set_limit_range_defaults,
        ),
    ),
    strategy=LimitRangeStrategy(),
    singular="limitrange",
    short_names=("limits",),
)
