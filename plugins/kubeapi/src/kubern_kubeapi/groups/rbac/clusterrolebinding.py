"""The ClusterRoleBinding kind (rbac.authorization.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ClusterRoleBindingStrategy(Strategy):
    """Rules of ClusterRoleBinding objects."""


RESOURCE = ResourceDefinition(
    group="rbac.authorization.k8s.io",
    resource="clusterrolebindings",
    kind="ClusterRoleBinding",
    versions=(VersionDefinition("v1", schema=schema("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding")),),
    strategy=ClusterRoleBindingStrategy(),
    namespaced=False,
    singular="clusterrolebinding",
)
