"""The Role kind (rbac.authorization.k8s.io). Next: `rules.py`, which it shares with ClusterRole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import names
from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta_update
from kubern_kubeapi.groups.rbac.rules import validate_rules

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]


class RoleStrategy(Strategy):
    """Rules of roles."""

    allow_create_on_update = True

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_rules(obj, True)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        problems = self.validate(ctx, obj)
        # Upstream validates the role here and again as part of the update.
        return [*problems, *problems, *validate_object_meta_update(obj["metadata"], old["metadata"])]

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        return names.name_is_path_segment(name, prefix)


RESOURCE = ResourceDefinition(
    group="rbac.authorization.k8s.io",
    resource="roles",
    kind="Role",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("rbac.authorization.k8s.io", "v1", "Role"),
        ),
    ),
    strategy=RoleStrategy(),
    singular="role",
)
