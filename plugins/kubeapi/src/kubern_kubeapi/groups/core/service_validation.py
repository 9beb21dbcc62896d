"""What a valid service is (upstream: pkg/apis/core/validation, ValidateService and what it calls).

Next: `service_families.py` for addresses and families, `service.py` for the strategy.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation import net
from kubern.apimachinery.validation.formats import validate_port_num_or_name
from kubern.apimachinery.validation.labels import validate_labels
from kubern_kubeapi.groups.core.service_families import (
    validate_cluster_ips_related_fields,
    validate_upgrade_downgrade_cluster_ips,
    validate_upgrade_downgrade_ip_families,
)
from kubern_kubeapi.groups.core.service_kind import (
    CLUSTER_IP,
    EXTERNAL_NAME,
    LOAD_BALANCER,
    NODE_PORT,
    SERVICE_TYPES,
    externally_accessible,
    is_headless,
    needs_health_check,
)
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

Object = dict[str, Any]

PROTOCOLS = ("SCTP", "TCP", "UDP")
SOURCE_RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges"
TOPOLOGY_HINTS_ANNOTATION = "service.kubernetes.io/topology-aware-hints"
TOPOLOGY_MODE_ANNOTATION = "service.kubernetes.io/topology-mode"
_MAX_AFFINITY_SECONDS = 86400
_TRAFFIC_POLICIES = ("Cluster", "Local")
_TRAFFIC_DISTRIBUTIONS = ("PreferClose", "PreferSameZone", "PreferSameNode")
_ONLY_BALANCER = "may only be used when `type` is 'LoadBalancer'"

_META = Path("metadata")
_SPEC = Path("spec")
_PORTS = _SPEC.child("ports")


def validate_service_create(service: Object) -> ErrorList:
    """Problems of a new service."""
    return validate_object_meta(service["metadata"], True, names.name_is_dns_label) + _validate_service(service, None)


def _validate_service(service: Object, old: Object | None) -> ErrorList:
    """All problems but those of metadata; `old` excuses the odd addresses it already had."""
    spec = service.get("spec", {})
    errors = _validate_topology_annotations(service["metadata"].get("annotations") or {})
    ports = spec.get("ports") or []
    if not ports and not is_headless(spec) and spec.get("type") != EXTERNAL_NAME:
        errors.append(field.required(_PORTS))
    errors += _validate_by_type(spec)
    port_names: set[str] = set()
    for i, port in enumerate(ports):
        errors += _validate_port(port, len(ports) > 1, port_names, _PORTS.index(i))
    errors += validate_labels(spec.get("selector"), _SPEC.child("selector"))
    errors += _validate_affinity(spec)
    errors += validate_cluster_ips_related_fields(spec, old and old.get("spec"))
    errors += _validate_external_ips(spec, old)
    errors += _validate_type_and_node_ports(spec, ports)
    errors += _validate_duplicate_ports(ports)
    errors += _validate_source_ranges(service, old)
    errors += _validate_balancer_fields(spec)
    errors += _validate_load_balancer_class(spec, None)
    errors += _validate_traffic(spec)
    return errors


def validate_service_update(service: Object, old: Object) -> ErrorList:
    """Problems of a service as the successor of `old`."""
    errors = validate_object_meta_update(service["metadata"], old["metadata"])
    spec, old_spec = service.get("spec", {}), old.get("spec", {})
    errors += validate_upgrade_downgrade_cluster_ips(spec, old_spec)
    errors += validate_upgrade_downgrade_ip_families(spec, old_spec)
    errors += _validate_load_balancer_class(spec, old_spec)
    if (
        needs_health_check(old_spec)
        and needs_health_check(spec)
        and spec.get("healthCheckNodePort", 0) != old_spec.get("healthCheckNodePort", 0)
    ):
        errors.append(field.forbidden(_SPEC.child("healthCheckNodePort"), "field is immutable"))
    return errors + _validate_service(service, old)


def _validate_topology_annotations(annotations: dict[str, str]) -> ErrorList:
    hints, mode = annotations.get(TOPOLOGY_HINTS_ANNOTATION), annotations.get(TOPOLOGY_MODE_ANNOTATION)
    if hints is None or mode is None or hints == mode:
        return []
    detail = f"must match annotations[{TOPOLOGY_HINTS_ANNOTATION}] when both are specified"
    return [field.invalid(_META.child("annotations").key(TOPOLOGY_MODE_ANNOTATION), mode, detail)]


def _validate_by_type(spec: Object) -> ErrorList:
    kind = spec.get("type")
    if kind in (LOAD_BALANCER, NODE_PORT):
        if not is_headless(spec):
            return []
        detail = f"may not be set to 'None' for {kind} services"
        return [field.invalid(_SPEC.child("clusterIPs").index(0), spec["clusterIPs"][0], detail)]
    if kind != EXTERNAL_NAME:
        return []
    errors: ErrorList = [
        field.forbidden(_SPEC.child(name), "may not be set for ExternalName services")
        for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy")
        if spec.get(name)
    ]
    cname = (spec.get("externalName") or "").removesuffix(".")
    at = _SPEC.child("externalName")
    if not cname:
        errors.append(field.required(at))
    return errors + [field.invalid(at, cname, m) for m in (names.is_dns1123_subdomain(cname) if cname else ())]


def _validate_port(port: Object, require_name: bool, seen: set[str], path: Path) -> ErrorList:
    errors: ErrorList = []
    name = port.get("name", "")
    if name:
        errors += [field.invalid(path.child("name"), name, m) for m in names.is_dns1123_label(name)]
        if name in seen:
            errors.append(field.duplicate(path.child("name"), name))
        seen.add(name)
    elif require_name:
        errors.append(field.required(path.child("name")))
    errors += net.validate_port_num(port.get("port", 0), path.child("port"))
    protocol = port.get("protocol", "")
    if not protocol:
        errors.append(field.required(path.child("protocol")))
    elif protocol not in PROTOCOLS:
        errors.append(field.not_supported(path.child("protocol"), protocol, PROTOCOLS))
    errors += validate_port_num_or_name(port.get("targetPort", 0), path.child("targetPort"))
    app_protocol = port.get("appProtocol")
    if app_protocol is not None:
        at = path.child("appProtocol")
        errors += [field.invalid(at, app_protocol, m) for m in names.is_qualified_name(app_protocol)]
    return errors


def _validate_affinity(spec: Object) -> ErrorList:
    affinity = spec.get("sessionAffinity", "")
    at = _SPEC.child("sessionAffinity")
    if not affinity:
        return [field.required(at)]
    config, config_at = spec.get("sessionAffinityConfig"), _SPEC.child("sessionAffinityConfig")
    if affinity == "ClientIP":
        return _validate_client_ip_config(config, config_at)
    if affinity != "None":
        return [field.not_supported(at, affinity, ("ClientIP", "None"))]
    if config is not None:
        return [field.forbidden(config_at, "must not be set when session affinity is None")]
    return []


def _validate_client_ip_config(config: Object | None, path: Path) -> ErrorList:
    if config is None:
        return [field.required(path, "when session affinity type is ClientIP")]
    client_ip = config.get("clientIP")
    if client_ip is None:
        return [field.required(path.child("clientIP"), "when session affinity type is ClientIP")]
    at = path.child("clientIP", "timeoutSeconds")
    seconds = client_ip.get("timeoutSeconds")
    if seconds is None:
        return [field.required(at, "when session affinity type is ClientIP")]
    if seconds <= 0 or seconds > _MAX_AFFINITY_SECONDS:
        return [field.invalid(at, seconds, f"must be greater than 0 and less than {_MAX_AFFINITY_SECONDS}")]
    return []


def _validate_external_ips(spec: Object, old: Object | None) -> ErrorList:
    errors: ErrorList = []
    known = (old.get("spec", {}).get("externalIPs") or ()) if old else ()
    for i, address in enumerate(spec.get("externalIPs") or ()):
        at = _SPEC.child("externalIPs").index(i)
        problems = net.validate_ip_for_legacy_field(at, address, known)
        errors += problems or net.validate_non_special_ip(address, at)
    return errors


def _validate_type_and_node_ports(spec: Object, ports: list[Object]) -> ErrorList:
    errors: ErrorList = []
    kind = spec.get("type", "")
    if not kind:
        errors.append(field.required(_SPEC.child("type")))
    elif kind not in SERVICE_TYPES:
        errors.append(field.not_supported(_SPEC.child("type"), kind, SERVICE_TYPES))
    if kind == CLUSTER_IP:
        for i, port in enumerate(ports):
            if port.get("nodePort"):
                at = _PORTS.index(i).child("nodePort")
                errors.append(field.forbidden(at, "may not be used when `type` is 'ClusterIP'"))
    return errors


def _validate_duplicate_ports(ports: list[Object]) -> ErrorList:
    errors: ErrorList = []
    node_ports: set[tuple[str, int]] = set()
    for i, port in enumerate(ports):
        number = port.get("nodePort", 0)
        key = (port.get("protocol", ""), number)
        if number and key in node_ports:
            errors.append(field.duplicate(_PORTS.index(i).child("nodePort"), number))
        node_ports.add(key)
    numbers: set[tuple[str, int]] = set()
    for i, port in enumerate(ports):
        key = (port.get("protocol", ""), port.get("port", 0))
        if key in numbers:
            value = {
                "Name": "",
                "Protocol": key[0],
                "AppProtocol": None,
                "Port": key[1],
                "TargetPort": 0,
                "NodePort": 0,
            }
            errors.append(field.duplicate(_PORTS.index(i), value))
        numbers.add(key)
    return errors


def _validate_source_ranges(service: Object, old: Object | None) -> ErrorList:
    spec = service.get("spec", {})
    ranges = spec.get("loadBalancerSourceRanges") or []
    annotation = (service["metadata"].get("annotations") or {}).get(SOURCE_RANGES_ANNOTATION)
    if not ranges and annotation is None:
        return []
    errors: ErrorList = []
    at = _SPEC.child("LoadBalancerSourceRanges") if ranges else _META.child("annotations").key(SOURCE_RANGES_ANNOTATION)
    if spec.get("type") != LOAD_BALANCER:
        errors.append(field.forbidden(at, _ONLY_BALANCER))
    if ranges:
        known = [v.strip() for v in (old or {}).get("spec", {}).get("loadBalancerSourceRanges") or ()]
        for i, value in enumerate(ranges):
            errors += net.validate_cidr_for_legacy_field(at.index(i), value.strip(), known)
        return errors
    before = ((old or {"metadata": {}})["metadata"].get("annotations") or {}).get(SOURCE_RANGES_ANNOTATION)
    if annotation is not None and annotation.strip() and (old is None or before != annotation):
        for value in annotation.split(","):
            errors += net.validate_cidr_for_legacy_field(at, value.strip())
    return errors


def _validate_balancer_fields(spec: Object) -> ErrorList:
    allocate = spec.get("allocateLoadBalancerNodePorts")
    balancer = spec.get("type") == LOAD_BALANCER
    if allocate is not None and not balancer:
        return [field.forbidden(_SPEC.child("allocateLoadBalancerNodePorts"), _ONLY_BALANCER)]
    if allocate is None and balancer:
        return [field.required(Path("allocateLoadBalancerNodePorts"))]
    return []


def _validate_load_balancer_class(spec: Object, old_spec: Object | None) -> ErrorList:
    at = _SPEC.child("loadBalancerClass")
    wanted = spec.get("loadBalancerClass")
    balancer = spec.get("type") == LOAD_BALANCER
    errors: ErrorList = []
    was_balancer = old_spec is not None and old_spec.get("type") == LOAD_BALANCER
    if old_spec and balancer and was_balancer and wanted != old_spec.get("loadBalancerClass"):
        errors.append(field.invalid(at, wanted, "may not change once set"))
    if wanted is None:
        return errors
    if not balancer:
        return [*errors, field.forbidden(at, _ONLY_BALANCER)]
    return errors + [field.invalid(at, wanted, m) for m in names.is_qualified_name(wanted)]


def _validate_traffic(spec: Object) -> ErrorList:
    errors = _validate_external_traffic(spec)
    policy, at = spec.get("internalTrafficPolicy"), _SPEC.child("internalTrafficPolicy")
    if policy is None:
        if spec.get("type") in (NODE_PORT, LOAD_BALANCER, CLUSTER_IP):
            errors.append(field.required(at))
    elif policy not in _TRAFFIC_POLICIES:
        errors.append(field.not_supported(at, policy, _TRAFFIC_POLICIES))
    distribution = spec.get("trafficDistribution")
    if distribution is not None and distribution not in _TRAFFIC_DISTRIBUTIONS:
        errors.append(field.not_supported(_SPEC.child("trafficDistribution"), distribution, _TRAFFIC_DISTRIBUTIONS))
    return errors


def _validate_external_traffic(spec: Object) -> ErrorList:
    errors: ErrorList = []
    policy, at = spec.get("externalTrafficPolicy", ""), _SPEC.child("externalTrafficPolicy")
    if not externally_accessible(spec):
        if policy:
            errors.append(field.invalid(at, policy, "may only be set for externally-accessible services"))
    elif not policy:
        errors.append(field.required(at))
    elif policy not in _TRAFFIC_POLICIES:
        errors.append(field.not_supported(at, policy, _TRAFFIC_POLICIES))
    port, at = spec.get("healthCheckNodePort", 0), _SPEC.child("healthCheckNodePort")
    if not needs_health_check(spec):
        if port:
            detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
            errors.append(field.invalid(at, port, detail))
    elif not port:
        errors.append(field.required(at))
    else:
        errors += net.validate_port_num(port, at)
    return errors


def validate_load_balancer_status(status: Object, path: Path, old: Object) -> ErrorList:
    """What a load balancer reports: addresses with a mode, or names (upstream: ValidateLoadBalancerStatus)."""
    errors: ErrorList = []
    known = [i.get("ip", "") for i in old.get("ingress") or ()]
    for i, ingress in enumerate(status.get("ingress") or ()):
        at = path.child("ingress").index(i)
        address, mode = ingress.get("ip", ""), ingress.get("ipMode")
        if address:
            errors += net.validate_ip_for_legacy_field(at.child("ip"), address, known)
        if mode is None:
            if address:
                errors.append(field.required(at.child("ipMode"), "must be specified when `ip` is set"))
        elif not address:
            errors.append(field.forbidden(at.child("ipMode"), "may not be specified when `ip` is not set"))
        elif mode not in ("Proxy", "VIP"):
            errors.append(field.not_supported(at.child("ipMode"), mode, ("Proxy", "VIP")))
        errors += validate_ingress_hostname(ingress.get("hostname", ""), at.child("hostname"))
    return errors


def validate_ingress_hostname(hostname: str, path: Path) -> ErrorList:
    """A DNS name, if any, that is not an address."""
    if not hostname:
        return []
    errors = [field.invalid(path, hostname, m) for m in names.is_dns1123_subdomain(hostname)]
    if net.parse_ip(hostname) is not None:
        errors.append(field.invalid(path, hostname, "must be a DNS name, not an IP address"))
    return errors
