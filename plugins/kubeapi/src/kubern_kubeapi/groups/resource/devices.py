"""Devices of a resource slice (upstream: validateDevice). Next: `resourceslice.py`; `capacity.py` below."""

from __future__ import annotations

import re
from typing import Any, Final

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.labels import validate_label_name
from kubern_kubeapi.groups.core.node_selector import validate_node_selector
from kubern_kubeapi.groups.resource.capacity import validate_request_policy
from kubern_kubeapi.groups.resource.claim_status import validate_binding_conditions
from kubern_kubeapi.groups.resource.internal_types import RESOURCE_TYPES
from kubern_kubeapi.groups.resource.limits import (
    MAX_DOMAIN_LENGTH,
    MAX_KEY_LENGTH,
    validate_label,
    validate_list,
    validate_map,
    validate_qualified_name,
    validate_set,
    validate_subdomain,
)
from kubern_kubeapi.groups.resource.requests import EFFECTS
from kubern_kubeapi.groups.resource.selectors import MAX_ATTRIBUTE_LENGTH, MAX_ATTRIBUTES_AND_CAPACITIES

Object = dict[str, Any]

MAX_TAINTS: Final = 16
MAX_CONSUMPTIONS: Final = 2
MAX_COUNTERS: Final = 32
_ATTRIBUTE_KINDS: Final = ("bool", "int", "string", "version")
_NUMBER = r"(0|[1-9]\d*)"
_PRE_RELEASE = r"(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_SEMVER: Final = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-{_PRE_RELEASE}(\.{_PRE_RELEASE})*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?",
    re.ASCII,
)
_ONE_PLACE: Final = (
    "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to "
    "true in the ResourceSlice spec"
)
_NO_PLACE: Final = (
    "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the "
    "ResourceSlice spec"
)
TRUE_OR_UNSET: Final = "must be either unset or set to true"


def validate_device(device: Object, path: Path, *, places_itself: bool) -> ErrorList:
    """A device; `places_itself` says that it names its nodes itself."""
    errors = validate_label(device.get("name", ""), path.child("name"))
    attributes, capacity = device.get("attributes") or {}, device.get("capacity") or {}
    total, most = len(attributes) + len(capacity), MAX_ATTRIBUTES_AND_CAPACITIES
    if total > most:
        detail = f"the total number of attributes and capacities must not exceed {most}"
        errors.append(field.invalid(path, total, detail))
    at = path.child("attributes")
    errors += validate_map(attributes, None, MAX_KEY_LENGTH, validate_qualified_name, _validate_attribute, at)
    check = _validate_shared_capacity if device.get("allowMultipleAllocations") else _validate_capacity
    errors += validate_map(capacity, None, MAX_KEY_LENGTH, validate_qualified_name, check, path.child("capacity"))
    errors += validate_list(device.get("taints"), MAX_TAINTS, _validate_taint, path.child("taints"))
    errors += validate_set(
        device.get("consumesCounters"),
        MAX_CONSUMPTIONS,
        _validate_consumption,
        path.child("consumesCounters"),
        key=lambda consumption: str(consumption.get("counterSet", "")),
    )
    errors += _validate_places(device, path) if places_itself else _validate_no_places(device, path)
    return errors + validate_binding_conditions(device, path)


def _validate_attribute(attribute: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    text, version = attribute.get("string"), attribute.get("version")
    if text is not None and len(text.encode()) > MAX_ATTRIBUTE_LENGTH:
        errors.append(field.too_long(path.child("string"), "", MAX_ATTRIBUTE_LENGTH))
    if version is not None:
        at = path.child("version")
        if not _SEMVER.fullmatch(version):
            errors.append(field.invalid(at, version, "must be a string compatible with semver.org spec 2.0.0"))
        if len(version.encode()) > MAX_ATTRIBUTE_LENGTH:
            errors.append(field.too_long(at, "", MAX_ATTRIBUTE_LENGTH))
    given = sum(attribute.get(kind) is not None for kind in _ATTRIBUTE_KINDS)
    detail = "exactly one value must be specified"
    if not given:
        errors.append(field.invalid(path, "", detail))
    elif given > 1:
        errors.append(field.invalid(path, RESOURCE_TYPES.render("DeviceAttribute", attribute), detail))
    return errors


def _validate_shared_capacity(capacity: Object, path: Path) -> ErrorList:
    if capacity.get("requestPolicy") is None:
        return []
    return validate_request_policy(capacity, path.child("requestPolicy"))


def _validate_capacity(capacity: Object, path: Path) -> ErrorList:
    if capacity.get("requestPolicy") is None:
        return []
    return [field.forbidden(path.child("requestPolicy"), "allowMultipleAllocations must be true")]


def _validate_taint(taint: Object, path: Path) -> ErrorList:
    errors = validate_label_name(taint.get("key", ""), path.child("key"))
    value, effect, at = taint.get("value", ""), taint.get("effect", ""), path.child("effect")
    if value:
        errors += [field.invalid(path.child("value"), value, m) for m in names.is_valid_label_value(value)]
    if not effect:
        errors.append(field.required(at))
    elif effect not in EFFECTS:
        errors.append(field.not_supported(at, effect, EFFECTS))
    return errors


def _validate_consumption(consumption: Object, path: Path) -> ErrorList:
    errors = _validate_set_name(consumption.get("counterSet", ""), path.child("counterSet"))
    return errors + _validate_counters(consumption, path.child("counters"))


def _validate_set_name(name: str, path: Path) -> ErrorList:
    return validate_label(name, path) if name else [field.required(path)]


def _validate_counters(holder: Object, path: Path) -> ErrorList:
    counters = holder.get("counters")
    if not counters:
        return [field.required(path)]
    # Any quantity is a valid number to count.
    return validate_map(counters, MAX_COUNTERS, MAX_DOMAIN_LENGTH, validate_label, lambda counter, at: [], path)


def validate_counter_set(counters: Object, path: Path) -> ErrorList:
    """Counters that devices of the pool share."""
    errors = _validate_set_name(counters.get("name", ""), path.child("name"))
    return errors + _validate_counters(counters, path.child("counters"))


def _validate_places(device: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    given: list[str] = []
    node, selector, everywhere = device.get("nodeName"), device.get("nodeSelector"), device.get("allNodes")
    if node is not None:
        at = path.child("nodeName")
        if node:
            given.append("`nodeName`")
        errors += validate_subdomain(node, at) if node else [field.invalid(at, node, "must not be empty")]
    if selector is not None:
        given.append("`nodeSelector`")
        errors += validate_node_selector(selector, path.child("nodeSelector"))
    if everywhere:
        given.append("`allNodes`")
    elif everywhere is not None:
        errors.append(field.invalid(path.child("allNodes"), everywhere, TRUE_OR_UNSET))
    if not given:
        errors.append(field.required(path, _ONE_PLACE))
    elif len(given) > 1:
        errors.append(field.invalid(path, f"{{{', '.join(given)}}}", _ONE_PLACE))
    return errors


def _validate_no_places(device: Object, path: Path) -> ErrorList:
    if all(device.get(name) is None for name in ("nodeName", "nodeSelector", "allNodes")):
        return []
    return [field.invalid(path, None, _NO_PLACE)]
