"""What services use: load balancers and node ports (upstream: evaluator/core/services.go)."""

from __future__ import annotations

from typing import Any

from kubern.admission.interface import CREATE, UPDATE
from kubern.apimachinery.quantity import Quantity
from kubern_kubeapi.admission.quota.evaluators import ObjectCount
from kubern_kubeapi.admission.quota.usage import ONE, ZERO, Usage

Object = dict[str, Any]
SERVICES, NODE_PORTS, LOAD_BALANCERS = "services", "services.nodeports", "services.loadbalancers"


class Services(ObjectCount):
    """Measures services."""

    def __init__(self) -> None:
        super().__init__("", "services")
        self._names = {self.count, SERVICES, NODE_PORTS, LOAD_BALANCERS}

    def handles(self, operation: str, subresource: str) -> bool:
        return operation in (CREATE, UPDATE) and not subresource

    def matching_resources(self, names: list[str]) -> list[str]:
        return [name for name in names if name in self._names]

    def usage(self, obj: Object) -> Usage:
        spec = obj.get("spec") or {}
        ports = spec.get("ports") or []
        node_ports, balancers = 0, ZERO
        if spec.get("type") == "NodePort":
            node_ports = len(ports)
        elif spec.get("type") == "LoadBalancer":
            # Not allocated yet: what counts is what is going to be.
            allocates = spec.get("allocateLoadBalancerNodePorts") is not False
            node_ports = len(ports) if allocates else sum(1 for p in ports if p.get("nodePort"))
            balancers = ONE
        return {self.count: ONE, SERVICES: ONE, NODE_PORTS: Quantity(node_ports), LOAD_BALANCERS: balancers}
