"""The CronJob kind (batch), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class CronJobStrategy(Strategy):
    """Rules of CronJob objects."""


class CronJobStatusStrategy(CronJobStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="batch",
    resource="cronjobs",
    kind="CronJob",
    versions=(VersionDefinition("v1", schema=schema("batch", "v1", "CronJob")),),
    strategy=CronJobStrategy(),
    singular="cronjob",
    short_names=("cj",),
    categories=("all",),
    subresources=(Subresource("status", strategy=CronJobStatusStrategy()),),
)
