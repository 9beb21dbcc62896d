"""The Node kind (core), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class NodeStrategy(Strategy):
    """Rules of Node objects."""


class NodeStatusStrategy(NodeStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="",
    resource="nodes",
    kind="Node",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "Node")),),
    strategy=NodeStrategy(),
    namespaced=False,
    singular="node",
    short_names=("no",),
    subresources=(
        Subresource("proxy", verbs=("create", "delete", "get", "patch", "update"), kind="NodeProxyOptions"),
        Subresource("status", strategy=NodeStatusStrategy()),
    ),
    storage_prefix="minions",
)
