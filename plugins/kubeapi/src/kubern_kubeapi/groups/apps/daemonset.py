"""The DaemonSet kind (apps), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class DaemonSetStrategy(Strategy):
    """Rules of DaemonSet objects."""


class DaemonSetStatusStrategy(DaemonSetStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="apps",
    resource="daemonsets",
    kind="DaemonSet",
    versions=(VersionDefinition("v1", schema=schema("apps", "v1", "DaemonSet")),),
    strategy=DaemonSetStrategy(),
    singular="daemonset",
    short_names=("ds",),
    categories=("all",),
    subresources=(Subresource("status", strategy=DaemonSetStatusStrategy()),),
)
