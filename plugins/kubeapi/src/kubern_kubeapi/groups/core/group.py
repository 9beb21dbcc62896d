"""The core group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.core import (
    binding,
    componentstatus,
    configmap,
    endpoints,
    event,
    limitrange,
    namespace,
    node,
    persistentvolume,
    persistentvolumeclaim,
    podtemplate,
    replicationcontroller,
    resourcequota,
    secret,
    service,
    serviceaccount,
)
from kubern_kubeapi.groups.core.pod import resource as pod

GROUP = APIGroupInfo(
    group="",
    versions=("v1",),
    resources=(
        binding.RESOURCE,
        componentstatus.RESOURCE,
        configmap.RESOURCE,
        endpoints.RESOURCE,
        event.RESOURCE,
        limitrange.RESOURCE,
        namespace.RESOURCE,
        node.RESOURCE,
        persistentvolumeclaim.RESOURCE,
        persistentvolume.RESOURCE,
        pod.RESOURCE,
        podtemplate.RESOURCE,
        replicationcontroller.RESOURCE,
        resourcequota.RESOURCE,
        secret.RESOURCE,
        serviceaccount.RESOURCE,
        service.RESOURCE,
    ),
    group_priority_minimum=18000,
    version_priorities=(1,),
)
