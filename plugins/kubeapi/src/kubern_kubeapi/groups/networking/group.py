"""The networking.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.networking import ingress, ingressclass, ipaddress, networkpolicy, servicecidr

GROUP = APIGroupInfo(
    group="networking.k8s.io",
    versions=("v1",),
    resources=(
        ingressclass.RESOURCE,
        ingress.RESOURCE,
        ipaddress.RESOURCE,
        networkpolicy.RESOURCE,
        servicecidr.RESOURCE,
    ),
    group_priority_minimum=17200,
)
