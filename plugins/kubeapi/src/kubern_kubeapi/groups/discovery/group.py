"""The discovery.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.discovery import endpointslice

GROUP = APIGroupInfo(
    group="discovery.k8s.io",
    versions=("v1",),
    resources=(endpointslice.RESOURCE,),
    group_priority_minimum=16200,
)
