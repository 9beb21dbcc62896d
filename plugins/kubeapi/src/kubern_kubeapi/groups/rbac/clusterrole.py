"""The ClusterRole kind (rbac.authorization.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ClusterRoleStrategy(Strategy):
    """Rules of ClusterRole objects."""


RESOURCE = ResourceDefinition(
    group="rbac.authorization.k8s.io",
    resource="clusterroles",
    kind="ClusterRole",
    versions=(VersionDefinition("v1", schema=schema("rbac.authorization.k8s.io", "v1", "ClusterRole")),),
    strategy=ClusterRoleStrategy(),
    namespaced=False,
    singular="clusterrole",
)
