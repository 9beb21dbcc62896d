"""The flowcontrol.apiserver.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.flowcontrol import flowschema, prioritylevelconfiguration

GROUP = APIGroupInfo(
    group="flowcontrol.apiserver.k8s.io",
    versions=("v1",),
    resources=(
        flowschema.RESOURCE,
        prioritylevelconfiguration.RESOURCE,
    ),
    group_priority_minimum=16100,
    version_priorities=(21,),
)
