"""The Job kind (batch), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class JobStrategy(Strategy):
    """Rules of Job objects."""


class JobStatusStrategy(JobStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="batch",
    resource="jobs",
    kind="Job",
    versions=(VersionDefinition("v1", schema=schema("batch", "v1", "Job")),),
    strategy=JobStrategy(),
    singular="job",
    categories=("all",),
    subresources=(Subresource("status", strategy=JobStatusStrategy()),),
)
