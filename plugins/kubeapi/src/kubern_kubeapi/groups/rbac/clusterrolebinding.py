"""The ClusterRoleBinding kind (rbac.authorization.k8s.io). Next: `rules.py`, which bindings of both scopes share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import names
from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.rbac.rules import (
    binding_cells,
    binding_columns,
    set_binding_defaults,
    validate_binding,
    validate_binding_update,
)

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_ROLE_KINDS = ("ClusterRole",)


class ClusterRoleBindingStrategy(Strategy):
    """Rules of these bindings."""

    allow_create_on_update = True

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_binding(obj, False, _ROLE_KINDS)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_binding_update(obj, old, False, _ROLE_KINDS)

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        return names.name_is_path_segment(name, prefix)


RESOURCE = ResourceDefinition(
    group="rbac.authorization.k8s.io",
    resource="clusterrolebindings",
    kind="ClusterRoleBinding",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding"),
            default=set_binding_defaults,
            columns=binding_columns(described("Role", "rbac.v1.ClusterRoleBinding.roleRef")),
            cells=binding_cells,
        ),
    ),
    strategy=ClusterRoleBindingStrategy(),
    namespaced=False,
    singular="clusterrolebinding",
)
