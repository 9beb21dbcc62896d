"""The Event kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class EventStrategy(Strategy):
    """Rules of Event objects."""


RESOURCE = ResourceDefinition(
    group="",
    resource="events",
    kind="Event",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "Event")),),
    strategy=EventStrategy(),
    singular="event",
    short_names=("ev",),
)
