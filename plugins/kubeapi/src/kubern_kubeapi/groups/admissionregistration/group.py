"""The admissionregistration.k8s.io group put together. Next: one of its kinds."""

from __future__ import annotations

from kubern.apimachinery.resource import APIGroupInfo
from kubern_kubeapi.groups.admissionregistration import (
    mutatingadmissionpolicy,
    mutatingadmissionpolicybinding,
    mutatingwebhookconfiguration,
    validatingadmissionpolicy,
    validatingadmissionpolicybinding,
    validatingwebhookconfiguration,
)

GROUP = APIGroupInfo(
    group="admissionregistration.k8s.io",
    versions=("v1",),
    resources=(
        mutatingadmissionpolicy.RESOURCE,
        mutatingadmissionpolicybinding.RESOURCE,
        mutatingwebhookconfiguration.RESOURCE,
        validatingadmissionpolicy.RESOURCE,
        validatingadmissionpolicybinding.RESOURCE,
        validatingwebhookconfiguration.RESOURCE,
    ),
    group_priority_minimum=16700,
)
