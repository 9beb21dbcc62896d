"""The scheduling.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.scheduling import priorityclass

GROUP = APIGroupInfo(
    group="scheduling.k8s.io",
    versions=("v1",),
    resources=(priorityclass.RESOURCE,),
    group_priority_minimum=16600,
)
