"""The RuntimeClass kind (node.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class RuntimeClassStrategy(Strategy):
    """Rules of RuntimeClass objects."""


RESOURCE = ResourceDefinition(
    group="node.k8s.io",
    resource="runtimeclasses",
    kind="RuntimeClass",
    versions=(VersionDefinition("v1", schema=schema("node.k8s.io", "v1", "RuntimeClass")),),
    strategy=RuntimeClassStrategy(),
    namespaced=False,
    singular="runtimeclass",
)
