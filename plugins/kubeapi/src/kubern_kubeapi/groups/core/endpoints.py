"""The Endpoints kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class EndpointsStrategy(Strategy):
    """Rules of Endpoints objects."""


RESOURCE = ResourceDefinition(
    group="",
    resource="endpoints",
    kind="Endpoints",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "Endpoints")),),
    strategy=EndpointsStrategy(),
    singular="endpoints",
    short_names=("ep",),
    storage_prefix="services/endpoints",
)
