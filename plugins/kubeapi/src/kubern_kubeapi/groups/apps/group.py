"""The apps group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.apps import controllerrevision, daemonset, deployment, replicaset, statefulset

GROUP = APIGroupInfo(
    group="apps",
    versions=("v1",),
    resources=(
        controllerrevision.RESOURCE,
        daemonset.RESOURCE,
        deployment.RESOURCE,
        replicaset.RESOURCE,
        statefulset.RESOURCE,
    ),
    group_priority_minimum=17800,
)
