"""The RoleBinding kind (rbac.authorization.k8s.io), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class RoleBindingStrategy(Strategy):
    """Rules of RoleBinding objects."""


RESOURCE = ResourceDefinition(
    group="rbac.authorization.k8s.io",
    resource="rolebindings",
    kind="RoleBinding",
    versions=(VersionDefinition("v1", schema=schema("rbac.authorization.k8s.io", "v1", "RoleBinding")),),
    strategy=RoleBindingStrategy(),
    singular="rolebinding",
)
