"""The node.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.node import runtimeclass

GROUP = APIGroupInfo(
    group="node.k8s.io",
    versions=("v1",),
    resources=(runtimeclass.RESOURCE,),
    group_priority_minimum=16300,
)
