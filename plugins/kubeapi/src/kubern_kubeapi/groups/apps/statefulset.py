"""The StatefulSet kind (apps), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, ScaleSpec, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class StatefulSetStrategy(Strategy):
    """Rules of StatefulSet objects."""


class StatefulSetStatusStrategy(StatefulSetStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="apps",
    resource="statefulsets",
    kind="StatefulSet",
    versions=(VersionDefinition("v1", schema=schema("apps", "v1", "StatefulSet")),),
    strategy=StatefulSetStrategy(),
    singular="statefulset",
    short_names=("sts",),
    categories=("all",),
    subresources=(
        Subresource("scale", scale=ScaleSpec(), kind="Scale", group="autoscaling", version="v1"),
        Subresource("status", strategy=StatefulSetStatusStrategy()),
    ),
)
