"""The internal types of resource.k8s.io as messages show them. Next: `../gostruct.py`."""

from __future__ import annotations

from typing import Any

from kubern_kubeapi.groups.core.pod.internal_types import CORE_TYPES
from kubern_kubeapi.groups.gostruct import META_TYPES, Catalog

RESOURCE_TYPES = Catalog(
    """
    ResourceClaimSpec Devices:DeviceClaim
    DeviceClaim Requests:[]DeviceRequest Constraints:[]DeviceConstraint Config:[]DeviceClaimConfiguration
    DeviceRequest Name Exactly:*ExactDeviceRequest FirstAvailable:[]DeviceSubRequest
    ExactDeviceRequest DeviceClassName Selectors:[]DeviceSelector AllocationMode Count:i AdminAccess:- Tolerations:[]DeviceToleration Capacity:*CapacityRequirements
    DeviceSubRequest Name DeviceClassName Selectors:[]DeviceSelector AllocationMode Count:i Tolerations:[]DeviceToleration Capacity:*CapacityRequirements
    DeviceSelector CEL:*CELDeviceSelector
    CELDeviceSelector Expression
    CapacityRequirements Requests:-
    DeviceToleration Key Operator Value Effect TolerationSeconds:-
    DeviceConstraint Requests:- MatchAttribute:- DistinctAttribute:-
    DeviceClaimConfiguration Requests:- DeviceConfiguration:+DeviceConfiguration
    DeviceConfiguration Opaque:*OpaqueDeviceConfiguration
    OpaqueDeviceConfiguration Driver Parameters:-
    AllocationResult Devices:DeviceAllocationResult NodeSelector:*NodeSelector AllocationTimestamp:-
    DeviceAllocationResult Results:[]DeviceRequestAllocationResult Config:[]DeviceAllocationConfiguration
    DeviceRequestAllocationResult Request Driver Pool Device AdminAccess:- Tolerations:[]DeviceToleration BindingConditions:- BindingFailureConditions:- ShareID:- ConsumedCapacity:-
    DeviceAllocationConfiguration Source Requests:- DeviceConfiguration:+DeviceConfiguration
    DeviceAttribute IntValue=int:- BoolValue=bool:- StringValue=string:- VersionValue=version:- IntValues=ints:- BoolValues=bools:- StringValues=strings:- VersionValues=versions:-
    """,
    CORE_TYPES,
    META_TYPES,
)


def render_template_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec of a claim template, which embeds its metadata."""
    meta = META_TYPES.render("ObjectMeta", spec.get("metadata") or {}) or {}
    return {**meta, "Spec": RESOURCE_TYPES.render("ResourceClaimSpec", spec.get("spec") or {})}
