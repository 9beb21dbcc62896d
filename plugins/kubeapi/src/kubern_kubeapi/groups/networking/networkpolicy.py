"""The NetworkPolicy kind (networking.k8s.io), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class NetworkPolicyStrategy(Strategy):
    """Rules of NetworkPolicy objects."""


RESOURCE = ResourceDefinition(
    group="networking.k8s.io",
    resource="networkpolicies",
    kind="NetworkPolicy",
    versions=(VersionDefinition("v1", schema=schema("networking.k8s.io", "v1", "NetworkPolicy")),),
    strategy=NetworkPolicyStrategy(),
    singular="networkpolicy",
    short_names=("netpol",),
)
