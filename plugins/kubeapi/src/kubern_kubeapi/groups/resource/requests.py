"""Requests for devices: the spec of claims and of their templates (upstream: validateDeviceClaim).

Next: `resourceclaim.py`, `resourceclaimtemplate.py`; `selectors.py` for the expressions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.labels import validate_label_name
from kubern_kubeapi.groups.resource.limits import (
    validate_driver_name,
    validate_fully_qualified_name,
    validate_label,
    validate_list,
    validate_set,
    validate_subdomain,
)
from kubern_kubeapi.groups.resource.selectors import validate_selectors

Object = dict[str, Any]
RequestNames = dict[str, frozenset[str] | None]
"""The requests of a claim, each with its subrequests, None when it has none."""

MAX_REQUESTS: Final = 32
MAX_CONSTRAINTS: Final = 32
MAX_CONFIG: Final = 32
MAX_FIRST_AVAILABLE: Final = 8
MAX_TOLERATIONS: Final = 16
MAX_PARAMETERS_LENGTH: Final = 10 * 1024
EXACT_COUNT, ALL = "ExactCount", "All"
EFFECTS: Final = ("NoExecute", "NoSchedule", "None")
_OPERATORS: Final = ("Equal", "Exists")
_ONE_KIND: Final = "exactly one of `exactly` or `firstAvailable` is required"
_NO_REQUEST: Final = (
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
)
_ONE_ATTRIBUTE: Final = (
    'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
)


def set_claim_defaults(spec: Object) -> None:
    """Upstream: SetDefaults_ExactDeviceRequest and SetDefaults_DeviceSubRequest."""
    for request in _exact_requests(spec):
        if not request.get("allocationMode"):
            request["allocationMode"] = EXACT_COUNT
        if request["allocationMode"] == EXACT_COUNT and not request.get("count"):
            request["count"] = 1


def _exact_requests(spec: Object) -> Iterator[Object]:
    for request in spec.get("devices", {}).get("requests") or ():
        if request.get("exactly") is not None:
            yield request["exactly"]
        yield from request.get("firstAvailable") or ()


def request_names(spec: Object) -> RequestNames:
    """Upstream: gatherRequestNames."""
    found: RequestNames = {}
    for request in spec.get("devices", {}).get("requests") or ():
        alternatives = request.get("firstAvailable") or ()
        found[request.get("name", "")] = frozenset(a.get("name", "") for a in alternatives) if alternatives else None
    return found


def _name_of(item: Object) -> str:
    return str(item.get("name", ""))


def validate_claim_spec(spec: Object, path: Path) -> ErrorList:
    """Requests, constraints and configuration."""
    devices, at, known = spec.get("devices", {}), path.child("devices"), request_names(spec)

    def constraint(item: Object, where: Path) -> ErrorList:
        return _validate_constraint(item, where, known)

    def config(item: Object, where: Path) -> ErrorList:
        errors = validate_request_refs(item.get("requests"), where.child("requests"), known)
        return errors + validate_configuration(item, where)

    errors = validate_set(devices.get("requests"), MAX_REQUESTS, _validate_request, at.child("requests"), key=_name_of)
    errors += validate_list(devices.get("constraints"), MAX_CONSTRAINTS, constraint, at.child("constraints"))
    return errors + validate_list(devices.get("config"), MAX_CONFIG, config, at.child("config"))


def _validate_request(request: Object, path: Path) -> ErrorList:
    errors = validate_label(request.get("name", ""), path.child("name"))
    alternatives, exactly = request.get("firstAvailable") or [], request.get("exactly")
    if exactly is not None and alternatives:
        return [*errors, field.invalid(path, None, f"{_ONE_KIND}, but multiple fields are set")]
    if alternatives:
        at = path.child("firstAvailable")
        return errors + validate_set(alternatives, MAX_FIRST_AVAILABLE, _validate_subrequest, at, key=_name_of)
    if exactly is None:
        return [*errors, field.required(path, _ONE_KIND)]
    return errors + _validate_exact(exactly, path.child("exactly"))


def _validate_subrequest(request: Object, path: Path) -> ErrorList:
    return validate_label(request.get("name", ""), path.child("name")) + _validate_exact(request, path)


def _validate_exact(request: Object, path: Path) -> ErrorList:
    name, at = request.get("deviceClassName", ""), path.child("deviceClassName")
    errors = validate_subdomain(name, at) if name else [field.required(at)]
    errors += validate_selectors(request.get("selectors"), path.child("selectors"))
    errors += _validate_allocation_mode(request, path)
    return errors + validate_list(
        request.get("tolerations"), MAX_TOLERATIONS, validate_toleration, path.child("tolerations")
    )


def _validate_allocation_mode(request: Object, path: Path) -> ErrorList:
    mode, count = request.get("allocationMode", ""), request.get("count", 0)
    if mode == ALL:
        detail = f"must not be specified when allocationMode is '{ALL}'"
        return [field.invalid(path.child("count"), count, detail)] if count else []
    if mode == EXACT_COUNT:
        return [] if count > 0 else [field.invalid(path.child("count"), count, "must be greater than zero")]
    return [field.not_supported(path.child("allocationMode"), mode, (ALL, EXACT_COUNT))]


def validate_toleration(toleration: Object, path: Path) -> ErrorList:
    """What taints a request bears with."""
    errors: ErrorList = []
    if toleration.get("key"):
        errors += validate_label_name(toleration["key"], path.child("key"))
    operator, value, at = toleration.get("operator", ""), toleration.get("value", ""), path.child("operator")
    if operator == "Exists":
        if value:
            errors.append(field.invalid(path.child("value"), value, "must be empty for operator `Exists`"))
    elif operator == "Equal":
        errors += [field.invalid(path.child("value"), value, m) for m in names.is_valid_label_value(value)]
    elif not operator:
        errors.append(field.required(at))
    else:
        errors.append(field.not_supported(at, operator, _OPERATORS))
    effect = toleration.get("effect", "")
    if effect and effect not in EFFECTS:
        errors.append(field.not_supported(path.child("effect"), effect, EFFECTS))
    return errors


def _validate_constraint(constraint: Object, path: Path, known: RequestNames) -> ErrorList:
    errors = validate_request_refs(constraint.get("requests"), path.child("requests"), known)
    for name in ("matchAttribute", "distinctAttribute"):
        if constraint.get(name) is not None:
            return errors + validate_fully_qualified_name(constraint[name], path.child(name))
    # As upstream says it, of none as well.
    return [*errors, field.required(path, _ONE_ATTRIBUTE)]


def validate_request_refs(refs: list[str] | None, path: Path, known: RequestNames) -> ErrorList:
    """Names of requests, or request/subrequest."""
    return validate_set(refs, MAX_REQUESTS, lambda name, at: validate_request_ref(name, at, known), path)


def validate_request_ref(name: str, path: Path, known: RequestNames) -> ErrorList:
    """One reference to a request of the claim."""
    parts = name.split("/")
    if len(parts) > 2:
        return [field.invalid(path, name, _NO_REQUEST)]
    errors: ErrorList = []
    for part in parts:
        errors += validate_label(part, path)
    found = parts[0] in known and (len(parts) == 1 or parts[1] in (known[parts[0]] or ()))
    return errors if found else [*errors, field.invalid(path, name, _NO_REQUEST)]


def validate_configuration(config: Object, path: Path) -> ErrorList:
    """Parameters for a driver."""
    opaque = config.get("opaque")
    if opaque is None:
        return [field.required(path.child("opaque"))]
    at = path.child("opaque")
    errors = validate_driver_name(opaque.get("driver", ""), at.child("driver"))
    return errors + validate_raw_object(opaque.get("parameters"), at.child("parameters"), MAX_PARAMETERS_LENGTH)


def validate_raw_object(value: Any, path: Path, most: int) -> ErrorList:
    """A JSON object of limited size."""
    if value is None:
        return [field.required(path)]
    if len(orjson.dumps(value)) > most:
        return [field.too_long(path, "", most)]
    return [] if isinstance(value, dict) else [field.invalid(path, "<value omitted>", "must be a valid JSON object")]
