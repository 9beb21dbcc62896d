"""The Service kind (core): defaults, strategies, columns. Next: `service_validation.py`, `allocation/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age, format_labels
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation import net
from kubern.registry.strategy import Strategy, keep_status
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.service_kind import (
    CLUSTER_IP,
    EXTERNAL_NAME,
    LOAD_BALANCER,
    NODE_PORT,
    externally_accessible,
    needs_cluster_ip,
    needs_health_check,
    needs_node_port,
    node_ports,
)
from kubern_kubeapi.groups.core.service_store import ServiceStore
from kubern_kubeapi.groups.core.service_validation import (
    validate_load_balancer_status,
    validate_service_create,
    validate_service_update,
)
from kubern_kubeapi.groups.core.service_warnings import service_warnings
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta_update
from kubern_kubeapi.streaming import factories

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

DEFAULT_AFFINITY_SECONDS = 10800


def set_service_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_Service."""
    spec = obj.setdefault("spec", {})
    affinity = spec.setdefault("sessionAffinity", "None")
    if affinity == "None":
        spec.pop("sessionAffinityConfig", None)
    elif affinity == "ClientIP":
        client_ip = (spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}
        if client_ip.get("timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": DEFAULT_AFFINITY_SECONDS}}
    kind = spec.setdefault("type", CLUSTER_IP)
    for port in spec.get("ports") or ():
        if not port.get("protocol"):
            port["protocol"] = "TCP"
        if not port.get("targetPort"):
            port["targetPort"] = port.get("port", 0)
    if externally_accessible(spec) and not spec.get("externalTrafficPolicy"):
        spec["externalTrafficPolicy"] = "Cluster"
    if kind in (CLUSTER_IP, NODE_PORT, LOAD_BALANCER) and spec.get("internalTrafficPolicy") is None:
        spec["internalTrafficPolicy"] = "Cluster"
    if kind == LOAD_BALANCER:
        spec.setdefault("allocateLoadBalancerNodePorts", True)
        for ingress in obj.get("status", {}).get("loadBalancer", {}).get("ingress") or ():
            if ingress.get("ip"):
                ingress.setdefault("ipMode", "VIP")


class ServiceStrategy(Strategy):
    """Rules of services; addresses and ports are handed out by the store's hooks before these run."""

    allow_create_on_update = True
    reset_fields = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {"loadBalancer": {}}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        drop_type_dependent_fields(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_service_create(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_service_update(obj, old)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return service_warnings(obj)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return service_warnings(obj)

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        return names.name_is_dns_label(name, prefix)


class ServiceStatusStrategy(ServiceStrategy):
    """Rules of the status subresource, where load balancers report."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        status = obj.get("status", {}).get("loadBalancer") or {}
        old_status = old.get("status", {}).get("loadBalancer") or {}
        at = Path("status", "loadBalancer")
        if obj.get("spec", {}).get("type") != LOAD_BALANCER and status.get("ingress"):
            detail = "may only be used when `spec.type` is 'LoadBalancer'"
            return [*errors, field.forbidden(at.child("ingress"), detail)]
        return errors + validate_load_balancer_status(status, at, old_status)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        at = Path("status", "loadBalancer", "ingress")
        ingresses = obj.get("status", {}).get("loadBalancer", {}).get("ingress") or ()
        return [
            warning
            for i, ingress in enumerate(ingresses)
            if ingress.get("ip")
            for warning in net.warnings_for_ip(at.index(i), ingress["ip"])
        ]


def _is_balancer(spec: Mapping[str, Any]) -> bool:
    return spec.get("type") == LOAD_BALANCER


_DEPENDENT_FIELDS = (
    (needs_cluster_ip, ("clusterIPs", "ipFamilies", "ipFamilyPolicy")),
    (needs_health_check, ("healthCheckNodePort",)),
    (_is_balancer, ("allocateLoadBalancerNodePorts", "loadBalancerClass")),
    (externally_accessible, ("externalTrafficPolicy",)),
)


def drop_type_dependent_fields(obj: Object, old: Object) -> None:
    """Wipe what the new type has no use for, unless the client changed it in the same request.

    Upstream: dropTypeDependentFields.
    """
    spec, before = obj["spec"], old.get("spec", {})
    node_port_goes = needs_node_port(before) and not needs_node_port(spec)
    if node_port_goes and set(node_ports(spec)) <= set(node_ports(before)):
        for port in spec.get("ports") or ():
            port.pop("nodePort", None)
    for applies, fields in _DEPENDENT_FIELDS:
        if not applies(before) or applies(spec):
            continue
        for name in fields:
            if (spec.get(name) or None) == (before.get(name) or None):
                spec.pop(name, None)
    if "clusterIPs" not in spec and not needs_cluster_ip(spec):
        spec.pop("clusterIP", None)
    if not _is_balancer(spec):
        obj["status"] = {**obj.get("status", {}), "loadBalancer": {}}


def load_balancer_text(status: Mapping[str, Any]) -> str:
    """Addresses and names of a load balancer's status, sorted (upstream: loadBalancerStatusStringer)."""
    ingress = (status.get("loadBalancer") or {}).get("ingress") or ()
    return ",".join(sorted({i.get("ip") or i.get("hostname") for i in ingress if i.get("ip") or i.get("hostname")}))


def _external_ip(obj: Object) -> str:
    spec = obj.get("spec", {})
    kind = spec.get("type")
    external = list(spec.get("externalIPs") or ())
    if kind in (CLUSTER_IP, NODE_PORT):
        return ",".join(external) or "<none>"
    if kind == LOAD_BALANCER:
        balancer = load_balancer_text(obj.get("status", {}))
        return ",".join(([balancer] if balancer else []) + external) or "<pending>"
    return spec.get("externalName", "") if kind == EXTERNAL_NAME else "<unknown>"


def _port_text(port: Mapping[str, Any]) -> str:
    node_port = port.get("nodePort")
    number = f"{port.get('port', 0)}:{node_port}" if node_port else str(port.get("port", 0))
    return f"{number}/{port.get('protocol', '')}"


def _cells(obj: Object) -> list[Any]:
    spec = obj.get("spec", {})
    return [
        obj["metadata"]["name"],
        spec.get("type", ""),
        (spec.get("clusterIPs") or ["<none>"])[0],
        _external_ip(obj),
        ",".join(map(_port_text, spec.get("ports") or ())) or "<none>",
        age(obj),
        format_labels(spec.get("selector")),
    ]


_COLUMNS = (
    NAME_COLUMN,
    described("Type", "core.v1.ServiceSpec.type"),
    described("Cluster-IP", "core.v1.ServiceSpec.clusterIP"),
    described("External-IP", "core.v1.ServiceSpec.externalIPs"),
    described("Port(s)", "core.v1.ServiceSpec.ports"),
    AGE_COLUMN,
    described("Selector", "core.v1.ServiceSpec.selector", priority=1),
)


def _fields(obj: Object) -> Mapping[str, str]:
    spec = obj.get("spec", {})
    return {"spec.clusterIP": spec.get("clusterIP", ""), "spec.type": spec.get("type", "")}


RESOURCE = ResourceDefinition(
    group="",
    resource="services",
    kind="Service",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("", "v1", "Service"),
            default=set_service_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=ServiceStrategy(),
    store=ServiceStore,
    return_deleted_object=True,
    singular="service",
    short_names=("svc",),
    categories=("all",),
    subresources=(
        Subresource(
            "proxy",
            verbs=("create", "delete", "get", "patch", "update"),
            kind="ServiceProxyOptions",
            factory=factories.service_proxy,
        ),
        Subresource("status", strategy=ServiceStatusStrategy()),
    ),
    storage_prefix="services/specs",
    selectable_fields=("spec.clusterIP", "spec.type"),
    fields=_fields,
)
