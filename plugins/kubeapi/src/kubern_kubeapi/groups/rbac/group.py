"""The rbac.authorization.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.rbac import clusterrole, clusterrolebinding, role, rolebinding

GROUP = APIGroupInfo(
    group="rbac.authorization.k8s.io",
    versions=("v1",),
    resources=(
        clusterrolebinding.RESOURCE,
        clusterrole.RESOURCE,
        rolebinding.RESOURCE,
        role.RESOURCE,
    ),
    group_priority_minimum=17000,
)
