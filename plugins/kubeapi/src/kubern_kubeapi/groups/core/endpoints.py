"""The Endpoints kind (core), which endpoint slices replace. Next: `discovery/endpointslice.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation import net
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.formats import validate_dns1123_label, validate_qualified_name
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.service_validation import PROTOCOLS
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

DEPRECATION = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
_SUBSETS = Path("subsets")
_MAX_SHOWN = 3


def set_endpoints_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_Endpoints."""
    for subset in obj.get("subsets") or ():
        for port in subset.get("ports") or ():
            if not port.get("protocol"):
                port["protocol"] = "TCP"


def validate_subsets(obj: Object) -> ErrorList:
    """Upstream: validateEndpointSubset, of each."""
    errors: ErrorList = []
    for i, subset in enumerate(obj.get("subsets") or ()):
        at = _SUBSETS.index(i)
        addresses, not_ready = subset.get("addresses") or [], subset.get("notReadyAddresses") or []
        if not addresses and not not_ready:
            errors.append(field.required(at, "must specify `addresses` or `notReadyAddresses`"))
        for name, values in (("addresses", addresses), ("notReadyAddresses", not_ready)):
            for j, address in enumerate(values):
                errors += _validate_address(address, at.child(name).index(j))
        ports = subset.get("ports") or []
        for j, port in enumerate(ports):
            errors += _validate_port(port, len(ports) > 1, at.child("ports").index(j))
    return errors


def _validate_address(address: Object, path: Path) -> ErrorList:
    ip = address.get("ip", "")
    errors = net.validate_ip_for_legacy_field(path.child("ip"), ip, set())
    if address.get("hostname"):
        errors += validate_dns1123_label(address["hostname"], path.child("hostname"))
    node = address.get("nodeName")
    if node is not None:
        errors += [field.invalid(path.child("nodeName"), node, m) for m in names.name_is_dns_subdomain(node, False)]
    return errors + net.validate_non_special_ip(ip, path.child("ip"))


def _validate_port(port: Object, require_name: bool, path: Path) -> ErrorList:
    errors: ErrorList = []
    name, protocol = port.get("name", ""), port.get("protocol", "")
    if name:
        errors += validate_dns1123_label(name, path.child("name"))
    elif require_name:
        errors.append(field.required(path.child("name")))
    errors += net.validate_port_num(port.get("port", 0), path.child("port"))
    if not protocol:
        errors.append(field.required(path.child("protocol")))
    elif protocol not in PROTOCOLS:
        errors.append(field.not_supported(path.child("protocol"), protocol, PROTOCOLS))
    if port.get("appProtocol") is not None:
        errors += validate_qualified_name(port["appProtocol"], path.child("appProtocol"))
    return errors


class EndpointsStrategy(Strategy):
    """Rules of endpoints."""

    allow_create_on_update = True

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        return errors + validate_subsets(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        errors += validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        unchanged = semantic_equal(obj.get("subsets"), old.get("subsets"))
        return errors if unchanged else errors + validate_subsets(obj)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return [
            warning
            for i, subset in enumerate(obj.get("subsets") or ())
            for name in ("addresses", "notReadyAddresses")
            for j, address in enumerate(subset.get(name) or ())
            for warning in net.warnings_for_ip(_SUBSETS.index(i).child(name).index(j).child("ip"), address["ip"])
        ]

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return self.warnings_on_create(ctx, obj)


def _endpoints_text(obj: Object) -> str:
    """The first addresses with their ports, and how many there are beside (upstream: formatEndpoints)."""
    subsets = obj.get("subsets") or []
    if not subsets:
        return "<none>"
    shown: list[str] = []
    for subset in subsets:
        ips = [a.get("ip", "") for a in subset.get("addresses") or ()]
        ports = subset.get("ports") or []
        shown += [join_host_port(ip, p.get("port", 0)) for p in ports for ip in ips] if ports else ips
    text = ",".join(shown[:_MAX_SHOWN])
    return f"{text} + {len(shown) - _MAX_SHOWN} more..." if len(shown) > _MAX_SHOWN else text


def join_host_port(host: str, port: int) -> str:
    """`host:port`, IPv6 addresses in brackets (Go: net.JoinHostPort)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], _endpoints_text(obj), age(obj)]


RESOURCE = ResourceDefinition(
    group="",
    resource="endpoints",
    kind="Endpoints",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("", "v1", "Endpoints"),
            default=set_endpoints_defaults,
            columns=(NAME_COLUMN, described("Endpoints", "core.v1.Endpoints.subsets"), AGE_COLUMN),
            cells=_cells,
            deprecation_warning=DEPRECATION,
        ),
    ),
    strategy=EndpointsStrategy(),
    singular="endpoints",
    short_names=("ep",),
    storage_prefix="services/endpoints",
)
