"""The authentication.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.authentication import selfsubjectreview, tokenreview

GROUP = APIGroupInfo(
    group="authentication.k8s.io",
    versions=("v1",),
    resources=(
        selfsubjectreview.RESOURCE,
        tokenreview.RESOURCE,
    ),
    group_priority_minimum=17700,
)
