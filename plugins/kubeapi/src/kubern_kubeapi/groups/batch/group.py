"""The batch group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.batch import cronjob, job

GROUP = APIGroupInfo(
    group="batch",
    versions=("v1",),
    resources=(
        cronjob.RESOURCE,
        job.RESOURCE,
    ),
    group_priority_minimum=17400,
)
