"""The authorization.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.authorization import (
    localsubjectaccessreview,
    selfsubjectaccessreview,
    selfsubjectrulesreview,
    subjectaccessreview,
)

GROUP = APIGroupInfo(
    group="authorization.k8s.io",
    versions=("v1",),
    resources=(
        localsubjectaccessreview.RESOURCE,
        selfsubjectaccessreview.RESOURCE,
        selfsubjectrulesreview.RESOURCE,
        subjectaccessreview.RESOURCE,
    ),
    group_priority_minimum=17600,
)
