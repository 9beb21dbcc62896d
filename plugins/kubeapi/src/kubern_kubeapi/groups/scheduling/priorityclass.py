"""The PriorityClass kind (scheduling.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class PriorityClassStrategy(Strategy):
    """Rules of PriorityClass objects."""


RESOURCE = ResourceDefinition(
    group="scheduling.k8s.io",
    resource="priorityclasses",
    kind="PriorityClass",
    versions=(VersionDefinition("v1", schema=schema("scheduling.k8s.io", "v1", "PriorityClass")),),
    strategy=PriorityClassStrategy(),
    namespaced=False,
    singular="priorityclass",
    short_names=("pc",),
)
