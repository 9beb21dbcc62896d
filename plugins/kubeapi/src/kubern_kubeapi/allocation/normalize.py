"""What a client left out of an update although the server had filled it in, and clusterIP beside clusterIPs.

Upstream: patchAllocatedValues and normalizeClusterIPs. Next: `hooks.py`.
"""

from __future__ import annotations

from typing import Any

from kubern_kubeapi.groups.core.service_kind import needs_cluster_ip, needs_health_check, needs_node_port

Object = dict[str, Any]


def normalize_cluster_ips(service: Object, old: Object | None) -> None:
    """Follow the one of clusterIP and clusterIPs that the client changed, in place."""
    spec = service["spec"]
    first, addresses = spec.get("clusterIP") or "", spec.get("clusterIPs") or []
    if old is None:
        if first and not addresses:
            spec["clusterIPs"] = [first]
        return
    before = old.get("spec", {})
    old_first, old_addresses = before.get("clusterIP") or "", before.get("clusterIPs") or []
    if old_addresses and not addresses and old_first == first:
        spec["clusterIPs"] = addresses = list(old_addresses)
    if old_first == first or old_addresses != addresses:
        return
    if old_first and not first:
        spec.pop("clusterIPs", None)
    else:
        spec["clusterIPs"] = [first]


def patch_allocated_values(service: Object, old: Object) -> None:
    """Keep addresses and ports that the client did not mention, in place."""
    spec, before = service["spec"], old.get("spec", {})
    if needs_cluster_ip(before) and needs_cluster_ip(spec):
        if not spec.get("clusterIP") and before.get("clusterIP"):
            spec["clusterIP"] = before["clusterIP"]
        if not spec.get("clusterIPs") and spec.get("clusterIP") == before.get("clusterIP") and before.get("clusterIPs"):
            spec["clusterIPs"] = list(before["clusterIPs"])
    if needs_node_port(before) and needs_node_port(spec):
        _patch_node_ports(spec, before)
    if needs_health_check(before) and needs_health_check(spec) and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = before.get("healthCheckNodePort", 0)


def _patch_node_ports(spec: Object, before: Object) -> None:
    ports, old_ports = spec.get("ports") or (), before.get("ports") or ()
    used = {p["nodePort"] for p in old_ports if p.get("nodePort")} & {p["nodePort"] for p in ports if p.get("nodePort")}
    by_name = {p.get("name", ""): p.get("nodePort", 0) for p in old_ports}
    for port in ports:
        if port.get("nodePort"):
            continue
        known = by_name.get(port.get("name", ""), 0)
        if known and known not in used:
            port["nodePort"] = known
