"""The storage.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.storage import (
    csidriver,
    csinode,
    csistoragecapacity,
    storageclass,
    volumeattachment,
    volumeattributesclass,
)

GROUP = APIGroupInfo(
    group="storage.k8s.io",
    versions=("v1",),
    resources=(
        csidriver.RESOURCE,
        csinode.RESOURCE,
        csistoragecapacity.RESOURCE,
        storageclass.RESOURCE,
        volumeattachment.RESOURCE,
        volumeattributesclass.RESOURCE,
    ),
    group_priority_minimum=16800,
)
