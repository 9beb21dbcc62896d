"""The ControllerRevision kind (apps), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ControllerRevisionStrategy(Strategy):
    """Rules of ControllerRevision objects."""


RESOURCE = ResourceDefinition(
    group="apps",
    resource="controllerrevisions",
    kind="ControllerRevision",
    versions=(VersionDefinition("v1", schema=schema("apps", "v1", "ControllerRevision")),),
    strategy=ControllerRevisionStrategy(),
    singular="controllerrevision",
)
