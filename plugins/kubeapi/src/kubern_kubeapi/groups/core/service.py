"""The Service kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ServiceStrategy(Strategy):
    """Rules of Service objects."""


class ServiceStatusStrategy(ServiceStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="",
    resource="services",
    kind="Service",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "Service")),),
    strategy=ServiceStrategy(),
    singular="service",
    short_names=("svc",),
    categories=("all",),
    subresources=(
        Subresource("proxy", verbs=("create", "delete", "get", "patch", "update"), kind="ServiceProxyOptions"),
        Subresource("status", strategy=ServiceStatusStrategy()),
    ),
    storage_prefix="services/specs",
)
