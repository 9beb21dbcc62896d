"""The policy group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.policy import poddisruptionbudget

GROUP = APIGroupInfo(
    group="policy",
    versions=("v1",),
    resources=(poddisruptionbudget.RESOURCE,),
    group_priority_minimum=17100,
)
