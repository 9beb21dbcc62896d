"""The autoscaling group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.autoscaling import horizontalpodautoscaler

GROUP = APIGroupInfo(
    group="autoscaling",
    versions=("v2", "v1"),
    resources=(horizontalpodautoscaler.RESOURCE,),
    group_priority_minimum=17500,
    version_priorities=(30, 15),
)
