"""Questions about a service's spec that validation, allocation and tables all ask (upstream: pkg/api/service).

Next: `service.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Spec = Mapping[str, Any]

CLUSTER_IP = "ClusterIP"
NODE_PORT = "NodePort"
LOAD_BALANCER = "LoadBalancer"
EXTERNAL_NAME = "ExternalName"
SERVICE_TYPES = (CLUSTER_IP, EXTERNAL_NAME, LOAD_BALANCER, NODE_PORT)
HEADLESS = "None"
IPV4 = "IPv4"
IPV6 = "IPv6"


def is_headless(spec: Spec) -> bool:
    """A service that has no address of its own."""
    return spec.get("clusterIPs") == [HEADLESS]


def externally_accessible(spec: Spec) -> bool:
    """Whether traffic from outside the cluster can reach it."""
    kind = spec.get("type")
    return kind in (LOAD_BALANCER, NODE_PORT) or (kind == CLUSTER_IP and bool(spec.get("externalIPs")))


def needs_health_check(spec: Spec) -> bool:
    """Whether load balancers probe the nodes for local endpoints."""
    return spec.get("type") == LOAD_BALANCER and spec.get("externalTrafficPolicy") == "Local"


def needs_cluster_ip(spec: Spec) -> bool:
    """Whether the type has a cluster IP (`None` counts as one)."""
    return spec.get("type") != EXTERNAL_NAME


def needs_node_port(spec: Spec) -> bool:
    """Whether the type has node ports."""
    return spec.get("type") in (NODE_PORT, LOAD_BALANCER)


def should_allocate_node_ports(spec: Spec) -> bool:
    """Whether ports without a node port get one."""
    kind = spec.get("type")
    return kind == NODE_PORT or (kind == LOAD_BALANCER and spec.get("allocateLoadBalancerNodePorts") is not False)


def node_ports(spec: Spec) -> list[int]:
    """The node ports in use, in the order of the ports."""
    return [p["nodePort"] for p in spec.get("ports") or () if p.get("nodePort")]
