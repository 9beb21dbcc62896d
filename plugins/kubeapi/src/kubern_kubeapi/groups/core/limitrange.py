"""The LimitRange kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class LimitRangeStrategy(Strategy):
    """Rules of LimitRange objects."""


RESOURCE = ResourceDefinition(
    group="",
    resource="limitranges",
    kind="LimitRange",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "LimitRange")),),
    strategy=LimitRangeStrategy(),
    singular="limitrange",
    short_names=("limits",),
)
