"""The ComponentStatus kind (core), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ComponentStatusStrategy(Strategy):
    """Rules of ComponentStatus objects."""


RESOURCE = ResourceDefinition(
    group="",
    resource="componentstatuses",
    kind="ComponentStatus",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "ComponentStatus")),),
    strategy=ComponentStatusStrategy(),
    namespaced=False,
    singular="componentstatus",
    short_names=("cs",),
    verbs=("get", "list"),
)
