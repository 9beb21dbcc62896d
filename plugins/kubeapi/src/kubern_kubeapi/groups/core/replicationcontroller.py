"""The ReplicationController kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, ScaleSpec, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ReplicationControllerStrategy(Strategy):
    """Rules of ReplicationController objects."""


class ReplicationControllerStatusStrategy(ReplicationControllerStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="",
    resource="replicationcontrollers",
    kind="ReplicationController",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "ReplicationController")),),
    strategy=ReplicationControllerStrategy(),
    singular="replicationcontroller",
    short_names=("rc",),
    categories=("all",),
    subresources=(
        Subresource("scale", scale=ScaleSpec(), kind="Scale", group="autoscaling", version="v1"),
        Subresource("status", strategy=ReplicationControllerStatusStrategy()),
    ),
    storage_prefix="controllers",
)
