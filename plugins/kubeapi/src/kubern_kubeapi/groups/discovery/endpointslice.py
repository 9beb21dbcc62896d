"""The EndpointSlice kind (discovery.k8s.io). Next: `../core/endpoints.py`, its predecessor."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation import net
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.formats import validate_dns1123_label, validate_qualified_name
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.service_validation import PROTOCOLS
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
NameCheck = Callable[[str], list[str]]

ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
_ENDPOINTS = Path("endpoints")
_PORTS = Path("ports")
_ADDRESS_TYPE = Path("addressType")
_MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
_CONTROLLERS = ("endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io")
_MAX_ADDRESSES = 100
_MAX_PORTS = 20000
_MAX_ENDPOINTS = 1000
_MAX_HINTS = 8
_SHOWN = 3


def set_endpoint_slice_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_EndpointPort."""
    for port in obj.get("ports") or ():
        if port.get("name") is None:
            port["name"] = ""
        if port.get("protocol") is None:
            port["protocol"] = "TCP"


def _validate_address_type(kind: str, supported: Iterable[str]) -> ErrorList:
    if not kind:
        return [field.required(_ADDRESS_TYPE)]
    return [] if kind in supported else [field.not_supported(_ADDRESS_TYPE, kind, supported)]


def validate_endpoint_slice(obj: Object, supported: Iterable[str], known: frozenset[str]) -> ErrorList:
    """Upstream: ValidateEndpointSlice; `known` are addresses that the object already had."""
    errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
    kind = obj.get("addressType", "")
    errors += _validate_address_type(kind, supported)
    endpoints = obj.get("endpoints") or []
    if len(endpoints) > _MAX_ENDPOINTS:
        errors.append(field.too_many(_ENDPOINTS, len(endpoints), _MAX_ENDPOINTS))
    else:
        for i, endpoint in enumerate(endpoints):
            errors += _validate_endpoint(endpoint, kind, known, _ENDPOINTS.index(i))
    return errors + _validate_ports(obj.get("ports") or [])


def _validate_endpoint(endpoint: Object, kind: str, known: frozenset[str], path: Path) -> ErrorList:
    errors: ErrorList = []
    addresses, at = endpoint.get("addresses") or [], path.child("addresses")
    if not addresses:
        errors.append(field.required(at, "must contain at least 1 address"))
    elif len(addresses) > _MAX_ADDRESSES:
        errors.append(field.too_many(at, len(addresses), _MAX_ADDRESSES))
    for i, address in enumerate(addresses):
        errors += _validate_address(address, kind, known, at, i)
    node = endpoint.get("nodeName")
    if node is not None:
        errors += [field.invalid(path.child("nodeName"), node, m) for m in names.is_dns1123_subdomain(node)]
    hostname = endpoint.get("hostname")
    if hostname is not None:
        errors += validate_dns1123_label(hostname, path.child("hostname"))
    hints = endpoint.get("hints")
    if hints is not None:
        zones, nodes, at = hints.get("forZones") or [], hints.get("forNodes") or [], path.child("hints")
        errors += _validate_hints(zones, names.is_valid_label_value, at.child("forZones"))
        if len(zones) <= _MAX_HINTS:
            errors += _validate_hints(nodes, names.is_dns1123_subdomain, at.child("forNodes"))
    return errors


def _validate_address(address: str, kind: str, known: frozenset[str], path: Path, index: int) -> ErrorList:
    at = path.index(index)
    if kind == "FQDN":
        return _validate_fqdn(address, at)
    if kind not in ("IPv4", "IPv6") or address in known:
        return []
    errors = net.validate_ip_for_legacy_field(at, address)
    if errors:
        return errors
    if net.is_ipv6(address) != (kind == "IPv6"):
        errors.append(field.invalid(path, address, f"must be an {kind} address"))
    return errors + net.validate_non_special_ip(address, at)


def _validate_fqdn(name: str, path: Path) -> ErrorList:
    if not name:
        return [field.required(path)]
    name = name.removesuffix(".")
    problems = names.is_dns1123_subdomain(name)
    if problems:
        return [field.invalid(path, name, ",".join(problems))]
    labels = name.split(".")
    if len(labels) < 2:
        return [field.invalid(path, name, "should be a domain with at least two segments separated by dots")]
    for label in labels:
        problems = names.is_dns1123_label(label)
        if problems:
            return [field.invalid(path, label, ",".join(problems))]
    return []


def _validate_hints(hints: list[Object], check: NameCheck, path: Path) -> ErrorList:
    if len(hints) > _MAX_HINTS:
        return [field.too_many(path, len(hints), _MAX_HINTS)]
    errors: ErrorList = []
    seen: set[str] = set()
    for i, hint in enumerate(hints):
        name, at = hint.get("name", ""), path.index(i).child("name")
        if name in seen:
            errors.append(field.duplicate(at, name))
        seen.add(name)
        errors += [field.invalid(at, name, m) for m in check(name)]
    return errors


def _validate_ports(ports: list[Object]) -> ErrorList:
    if len(ports) > _MAX_PORTS:
        return [field.too_many(_PORTS, len(ports), _MAX_PORTS)]
    errors: ErrorList = []
    seen: set[str] = set()
    for i, port in enumerate(ports):
        at, name, protocol = _PORTS.index(i), port.get("name") or "", port.get("protocol")
        if name:
            errors += validate_dns1123_label(name, at.child("name"))
        if name in seen:
            errors.append(field.duplicate(at.child("name"), name))
        seen.add(name)
        if protocol is None:
            errors.append(field.required(at.child("protocol")))
        elif protocol not in PROTOCOLS:
            errors.append(field.not_supported(at.child("protocol"), protocol, PROTOCOLS))
        if port.get("appProtocol") is not None:
            errors += validate_qualified_name(port["appProtocol"], at.child("appProtocol"))
    return errors


def _addresses(obj: Object) -> frozenset[str]:
    return frozenset(a for e in obj.get("endpoints") or () for a in e.get("addresses") or ())


def _drop_topology(obj: Object) -> None:
    """deprecatedTopology cannot be written through v1 (upstream: dropTopologyOnV1)."""
    for endpoint in obj.get("endpoints") or ():
        endpoint.pop("deprecatedTopology", None)


def _address_warnings(obj: Object) -> list[str]:
    """Warnings about addresses; the controllers of slices write only good ones, so theirs are not looked at."""
    if (obj["metadata"].get("labels") or {}).get(_MANAGED_BY) in _CONTROLLERS:
        return []
    return [
        warning
        for i, endpoint in enumerate(obj.get("endpoints") or ())
        for j, address in enumerate(endpoint.get("addresses") or ())
        for warning in net.warnings_for_ip(_ENDPOINTS.index(i).child("addresses").index(j), address)
    ]


class EndpointSliceStrategy(Strategy):
    """Rules of endpoint slices."""

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1
        _drop_topology(obj)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        meta, old_meta = obj["metadata"], old["metadata"]
        same = all(semantic_equal(obj.get(k), old.get(k)) for k in ("addressType", "endpoints", "ports"))
        if not same or not semantic_equal(meta.get("labels"), old_meta.get("labels")):
            meta["generation"] = old_meta.get("generation", 0) + 1
        if not semantic_equal(obj.get("endpoints"), old.get("endpoints")):
            _drop_topology(obj)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_endpoint_slice(obj, ADDRESS_TYPES, frozenset())

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_endpoint_slice(obj, (*ADDRESS_TYPES, "IP"), _addresses(old))
        return errors + validate_immutable(obj.get("addressType", ""), old.get("addressType", ""), _ADDRESS_TYPE)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        # Upstream names the field as if it were in a spec.
        old = ["spec.addressType: FQDN endpoints are deprecated"] if obj.get("addressType") == "FQDN" else []
        return old + _address_warnings(obj)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return _address_warnings(obj)


def _first(values: list[str]) -> str:
    """The first three values, and how many there are beside."""
    text = ",".join(values[:_SHOWN])
    return f"{text} + {len(values) - _SHOWN} more..." if len(values) > _SHOWN else text or "<unset>"


def _port_text(port: Object) -> str:
    return str(port["port"]) if port.get("port") is not None else str(port.get("name", "*"))


def _cells(obj: Object) -> list[Any]:
    addresses = [a for e in obj.get("endpoints") or () for a in e.get("addresses") or ()]
    ports = [_port_text(p) for p in obj.get("ports") or ()]
    return [obj["metadata"]["name"], obj.get("addressType", ""), _first(ports), _first(addresses), age(obj)]


_COLUMNS = (
    NAME_COLUMN,
    described("AddressType", "discovery.v1.EndpointSlice.addressType"),
    described("Ports", "discovery.v1.EndpointSlice.ports"),
    described("Endpoints", "discovery.v1.EndpointSlice.endpoints"),
    AGE_COLUMN,
)

RESOURCE = ResourceDefinition(
    group="discovery.k8s.io",
    resource="endpointslices",
    kind="EndpointSlice",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("discovery.k8s.io", "v1", "EndpointSlice"),
            default=set_endpoint_slice_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=EndpointSliceStrategy(),
    singular="endpointslice",
)
