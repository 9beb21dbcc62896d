"""The Role kind (rbac.authorization.k8s.io), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class RoleStrategy(Strategy):
    """Rules of Role objects."""


RESOURCE = ResourceDefinition(
    group="rbac.authorization.k8s.io",
    resource="roles",
    kind="Role",
    versions=(VersionDefinition("v1", schema=schema("rbac.authorization.k8s.io", "v1", "Role")),),
    strategy=RoleStrategy(),
    singular="role",
)
