"""The events.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.events import event

GROUP = APIGroupInfo(
    group="events.k8s.io",
    versions=("v1",),
    resources=(event.RESOURCE,),
    group_priority_minimum=17750,
)
