"""The certificates.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.certificates import certificatesigningrequest

GROUP = APIGroupInfo(
    group="certificates.k8s.io",
    versions=("v1",),
    resources=(certificatesigningrequest.RESOURCE,),
    group_priority_minimum=17300,
)
