"""The resource.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.resource import deviceclass, resourceclaim, resourceclaimtemplate, resourceslice

GROUP = APIGroupInfo(
    group="resource.k8s.io",
    versions=("v1",),
    resources=(
        deviceclass.RESOURCE,
        resourceclaim.RESOURCE,
        resourceclaimtemplate.RESOURCE,
        resourceslice.RESOURCE,
    ),
    group_priority_minimum=16200,
    version_priorities=(21,),
)
