"""The status of resource claims: allocation, consumers, devices (upstream: validateResourceClaimStatusUpdate).

Next: `resourceclaim.py`.
"""

from __future__ import annotations

from typing import Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation import net
from kubern.apimachinery.validation.conditions import validate_conditions
from kubern.apimachinery.validation.labels import validate_label_name
from kubern.apimachinery.validation.objectmeta import FIELD_IMMUTABLE
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.core.node_selector import validate_node_selector
from kubern_kubeapi.groups.resource.internal_types import RESOURCE_TYPES
from kubern_kubeapi.groups.resource.limits import (
    validate_driver_name,
    validate_label,
    validate_list,
    validate_pool_name,
    validate_set,
    validate_uid,
)
from kubern_kubeapi.groups.resource.requests import (
    MAX_CONFIG,
    RequestNames,
    request_names,
    validate_configuration,
    validate_raw_object,
    validate_request_ref,
    validate_request_refs,
)

Object = dict[str, Any]
DeviceID = tuple[str, str, str, str]

MAX_RESERVED_FOR: Final = 256
MAX_RESULTS: Final = 32
MAX_BINDING_CONDITIONS: Final = 4
MAX_CONDITIONS: Final = 8
MAX_DATA_LENGTH: Final = 10 * 1024
MAX_INTERFACE_NAME: Final = 256
MAX_HARDWARE_ADDRESS: Final = 128
MAX_IPS: Final = 16
SOURCES: Final = ("FromClaim", "FromClass")
_STATUS: Final = Path("status")


def device_id(device: Object) -> DeviceID:
    """Driver, pool, device and share."""
    driver, pool, name = (str(device.get(key, "")) for key in ("driver", "pool", "device"))
    return driver, pool, name, str(device.get("shareID") or "")


def _id_text(found: DeviceID) -> str:
    return "/".join(part for part in found if part)


def allocated_devices(status: Object) -> frozenset[DeviceID]:
    """The devices of an allocation."""
    results = ((status.get("allocation") or {}).get("devices") or {}).get("results") or ()
    return frozenset(device_id(result) for result in results)


def validate_claim_status(obj: Object, old: Object) -> ErrorList:
    """The status of a claim as the successor of another."""
    status, stored = obj.get("status", {}), old.get("status", {})
    allocated, at = allocated_devices(status), _STATUS.child("reservedFor")
    reserved = status.get("reservedFor") or []
    errors = validate_set(reserved, MAX_RESERVED_FOR, _validate_consumer, at, key=lambda c: str(c.get("uid", "")))
    errors += validate_set(
        status.get("devices"),
        None,
        lambda device, path: _validate_device_status(device, path, allocated),
        _STATUS.child("devices"),
        key=lambda device: _id_text(device_id(device)),
    )
    if reserved:
        deleted = "deletionTimestamp" in obj["metadata"]
        errors += _validate_reserved(reserved, stored.get("reservedFor") or [], status, deleted)
    return errors + _validate_allocation(obj, status.get("allocation"), stored.get("allocation"))


def _validate_consumer(consumer: Object, path: Path) -> ErrorList:
    return [field.required(path.child(key)) for key in ("resource", "name", "uid") if not consumer.get(key)]


def _validate_reserved(reserved: list[Object], before: list[Object], status: Object, deleted: bool) -> ErrorList:
    at = _STATUS.child("reservedFor")
    if status.get("allocation") is None:
        return [field.forbidden(at, "may not be specified when `allocated` is not set")]
    if deleted and any(consumer not in before for consumer in reserved):
        detail = "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set"
        return [field.forbidden(at, detail)]
    return []


def _validate_allocation(obj: Object, allocation: Object | None, before: Object | None) -> ErrorList:
    at = _STATUS.child("allocation")
    if allocation is None:
        return []
    if before is not None:
        shown = RESOURCE_TYPES.render("AllocationResult", allocation)
        return [] if allocation == before else [field.invalid(at, shown, FIELD_IMMUTABLE)]
    known = request_names(obj.get("spec", {}))
    devices, path = allocation.get("devices", {}), at.child("devices")
    errors = validate_list(
        devices.get("results"), MAX_RESULTS, lambda r, p: _validate_result(r, p, known), path.child("results")
    )
    errors += validate_list(
        devices.get("config"), 2 * MAX_CONFIG, lambda c, p: _validate_config(c, p, known), path.child("config")
    )
    selector = allocation.get("nodeSelector")
    return errors if selector is None else errors + validate_node_selector(selector, at.child("nodeSelector"))


def _validate_result(result: Object, path: Path, known: RequestNames) -> ErrorList:
    errors = validate_request_ref(result.get("request", ""), path.child("request"), known)
    errors += validate_driver_name(result.get("driver", ""), path.child("driver"))
    errors += validate_pool_name(result.get("pool", ""), path.child("pool"))
    errors += validate_label(result.get("device", ""), path.child("device"))
    errors += validate_binding_conditions(result, path)
    if result.get("shareID") is not None:
        errors += validate_uid(result["shareID"], path.child("shareID"))
    return errors


def _validate_config(config: Object, path: Path, known: RequestNames) -> ErrorList:
    source, at = config.get("source", ""), path.child("source")
    errors: ErrorList = []
    if not source:
        errors.append(field.required(at))
    elif source not in SOURCES:
        errors.append(field.not_supported(at, source, SOURCES))
    errors += validate_request_refs(config.get("requests"), path.child("requests"), known)
    return errors + validate_configuration(config, path)


def validate_binding_conditions(device: Object, path: Path) -> ErrorList:
    """Conditions that binding waits for and those that end it: both or neither, and different ones."""
    good, bad = device.get("bindingConditions") or [], device.get("bindingFailureConditions") or []
    at_good, at_bad = path.child("bindingConditions"), path.child("bindingFailureConditions")
    errors = validate_list(good, MAX_BINDING_CONDITIONS, validate_label_name, at_good)
    errors += validate_list(bad, MAX_BINDING_CONDITIONS, validate_label_name, at_bad)
    errors += [field.duplicate(at_good.index(i), name) for i, name in enumerate(good) if name in good[:i]]
    for i, name in enumerate(bad):
        if name in bad[:i]:
            errors.append(field.duplicate(at_bad.index(i), name))
        if name in good:
            detail = "bindingFailureConditions must not overlap with bindingConditions"
            errors.append(field.invalid(at_bad.index(i), name, detail))
    if bad and not good:
        detail = "bindingConditions are required to use bindingFailureConditions"
        errors.append(field.invalid(at_good, None, detail))
    if good and not bad:
        detail = "bindingFailureConditions are required to use bindingConditions"
        errors.append(field.invalid(at_bad, None, detail))
    return errors


def _validate_device_status(device: Object, path: Path, allocated: frozenset[DeviceID]) -> ErrorList:
    errors = validate_driver_name(device.get("driver", ""), path.child("driver"))
    errors += validate_pool_name(device.get("pool", ""), path.child("pool"))
    errors += validate_label(device.get("device", ""), path.child("device"))
    if device.get("shareID") is not None:
        errors += validate_uid(device["shareID"], path.child("shareID"))
    found = device_id(device)
    if found not in allocated:
        errors.append(field.invalid(path, _id_text(found), "must be an allocated device in the claim"))
    conditions, at = device.get("conditions") or [], path.child("conditions")
    if len(conditions) > MAX_CONDITIONS:
        errors.append(field.too_many(at, len(conditions), MAX_CONDITIONS))
    errors += validate_conditions(conditions, at)
    if device.get("data") is not None:
        errors += validate_raw_object(device["data"], path.child("data"), MAX_DATA_LENGTH)
    network = device.get("networkData")
    return errors if network is None else errors + _validate_network_data(network, path.child("networkData"))


def _validate_network_data(network: Object, path: Path) -> ErrorList:
    limits = (("interfaceName", MAX_INTERFACE_NAME), ("hardwareAddress", MAX_HARDWARE_ADDRESS))
    errors: ErrorList = [
        field.too_long(path.child(key), "", most) for key, most in limits if len(network.get(key, "").encode()) > most
    ]
    return errors + validate_set(network.get("ips"), MAX_IPS, _validate_interface_address, path.child("ips"))


def _validate_interface_address(value: str, path: Path) -> ErrorList:
    """Upstream: IsValidInterfaceAddress."""
    parsed = net.parse_cidr(value)
    if parsed is None:
        detail = "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)"
        return [field.invalid(path, value, detail)]
    canonical = f"{parsed[0]}/{parsed[1].prefixlen}"
    return (
        [] if value == canonical else [field.invalid(path, value, f"must be in canonical form ({go_quote(canonical)})")]
    )


def drop_deallocated_devices(obj: Object, old: Object) -> None:
    """The status of devices goes with their allocation (upstream: dropDeallocatedStatusDevices)."""
    status = obj.get("status", {})
    gone = allocated_devices(old.get("status", {})) - allocated_devices(status)
    if not gone or not status.get("devices"):
        return
    kept = [device for device in status["devices"] if device_id(device) not in gone]
    if kept:
        status["devices"] = kept
    else:
        del status["devices"]
