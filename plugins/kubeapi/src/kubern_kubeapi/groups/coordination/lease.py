"""The Lease kind (coordination.k8s.io), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class LeaseStrategy(Strategy):
    """Rules of Lease objects."""


RESOURCE = ResourceDefinition(
    group="coordination.k8s.io",
    resource="leases",
    kind="Lease",
    versions=(VersionDefinition("v1", schema=schema("coordination.k8s.io", "v1", "Lease")),),
    strategy=LeaseStrategy(),
    singular="lease",
)
