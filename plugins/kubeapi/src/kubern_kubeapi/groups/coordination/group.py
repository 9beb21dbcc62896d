"""The coordination.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.coordination import lease

GROUP = APIGroupInfo(
    group="coordination.k8s.io",
    versions=("v1",),
    resources=(lease.RESOURCE,),
    group_priority_minimum=16500,
)
