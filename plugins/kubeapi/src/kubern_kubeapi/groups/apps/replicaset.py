"""The ReplicaSet kind (apps), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, ScaleSpec, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ReplicaSetStrategy(Strategy):
    """Rules of ReplicaSet objects."""


class ReplicaSetStatusStrategy(ReplicaSetStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="apps",
    resource="replicasets",
    kind="ReplicaSet",
    versions=(VersionDefinition("v1", schema=schema("apps", "v1", "ReplicaSet")),),
    strategy=ReplicaSetStrategy(),
    singular="replicaset",
    short_names=("rs",),
    categories=("all",),
    subresources=(
        Subresource("scale", scale=ScaleSpec(), kind="Scale", group="autoscaling", version="v1"),
        Subresource("status", strategy=ReplicaSetStatusStrategy()),
    ),
)
