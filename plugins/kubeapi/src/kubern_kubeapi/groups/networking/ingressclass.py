"""The IngressClass kind (networking.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class IngressClassStrategy(Strategy):
    """Rules of IngressClass objects."""


RESOURCE = ResourceDefinition(
    group="networking.k8s.io",
    resource="ingressclasses",
    kind="IngressClass",
    versions=(VersionDefinition("v1", schema=schema("networking.k8s.io", "v1", "IngressClass")),),
    strategy=IngressClassStrategy(),
    namespaced=False,
    singular="ingressclass",
)
