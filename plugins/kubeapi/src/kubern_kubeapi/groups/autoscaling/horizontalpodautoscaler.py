"""The HorizontalPodAutoscaler kind (autoscaling), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class HorizontalPodAutoscalerStrategy(Strategy):
    """Rules of HorizontalPodAutoscaler objects."""


class HorizontalPodAutoscalerStatusStrategy(HorizontalPodAutoscalerStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="autoscaling",
    resource="horizontalpodautoscalers",
    kind="HorizontalPodAutoscaler",
    versions=(
        VersionDefinition("v2", schema=schema("autoscaling", "v2", "HorizontalPodAutoscaler")),
        VersionDefinition("v1", schema=schema("autoscaling", "v1", "HorizontalPodAutoscaler")),
    ),
    strategy=HorizontalPodAutoscalerStrategy(),
    singular="horizontalpodautoscaler",
    short_names=("hpa",),
    categories=("all",),
    subresources=(Subresource("status", strategy=HorizontalPodAutoscalerStatusStrategy()),),
    storage_version="v2",
)
