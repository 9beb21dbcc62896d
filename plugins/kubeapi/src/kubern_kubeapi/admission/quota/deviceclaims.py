"""What resource claims use: devices, by device class (upstream: evaluator/core/resource_claims.go).

A class may stand for an extended resource. Claims are then counted under that resource's name too, except for what
the pod that a claim was made for is charged with already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.admission.interface import CREATE, UPDATE
from kubern.apimachinery.quantity import Quantity
from kubern_kubeapi.admission.lister import Derived, Lister
from kubern_kubeapi.admission.pods import annotations_of
from kubern_kubeapi.admission.quota.evaluators import ObjectCount
from kubern_kubeapi.admission.quota.pods import REQUESTS, Pods
from kubern_kubeapi.admission.quota.usage import ONE, ZERO, Usage

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
GROUP, RESOURCE = "resource.k8s.io", "resourceclaims"
PER_CLASS_SUFFIX = ".deviceclass.resource.k8s.io/devices"
IMPLICIT_PREFIX = "requests.deviceclass.resource.kubernetes.io/"
FOR_EXTENDED_RESOURCES = "resource.kubernetes.io/extended-resource-claim"
MOST_DEVICES = 32
"""How many devices a request for all of them may get."""


class DeviceClaims(ObjectCount):
    """Measures claims; bound to one claim by `bind`."""

    def __init__(self, config: CompletedConfig) -> None:
        super().__init__(GROUP, RESOURCE)
        self._extended = "DRAExtendedResource" in config.options.facts.feature_gates
        self._names = Derived(Lister(config, GROUP, "deviceclasses"), _extended_names)
        self._claims = Lister(config, GROUP, RESOURCE)
        self._pods = Lister(config, "", "pods")

    def handles(self, operation: str, subresource: str) -> bool:
        return operation in (CREATE, UPDATE) and not subresource

    async def bind(self, obj: Object) -> Measure:
        if not self._extended:
            return Measure(None, {})
        pod = await self._pod_of(obj)
        return Measure(await self._names.get(), Pods().usage(pod) if pod is not None else {})

    async def _pod_of(self, claim: Object) -> Object | None:
        """The pod for whose extended resources the claim was made, when it is the pod's (first) such claim."""
        owner = _owning_pod(claim)
        meta = claim["metadata"]
        pod = await self._pods.get(meta.get("namespace", ""), owner["name"]) if owner is not None else None
        if owner is None or pod is None or pod["metadata"].get("uid") != owner.get("uid"):
            return None
        status = (pod.get("status") or {}).get("extendedResourceClaimStatus")
        if status is not None:
            return pod if status.get("resourceClaimName") == meta.get("name", "") else None
        mine = _age(claim)
        for other in await self._claims.objects(meta.get("namespace", "")):
            other_owner = _owning_pod(other)
            if other_owner is not None and other_owner.get("uid") == owner.get("uid") and _age(other) < mine:
                return None
        return pod


class Measure(ObjectCount):
    """Measures one claim; `names` maps device classes to extended resources, None when there are none."""

    def __init__(self, names: dict[str, str] | None, charged: Usage) -> None:
        super().__init__(GROUP, RESOURCE)
        self._names = names
        self._charged = charged

    def matching_resources(self, names: list[str]) -> list[str]:
        return [name for name in names if self._matches(name)]

    def _matches(self, name: str) -> bool:
        if name == self.count or name.endswith(PER_CLASS_SUFFIX):
            return True
        if self._names is None:
            return False
        if name.startswith(IMPLICIT_PREFIX):
            return name.removeprefix(IMPLICIT_PREFIX) in self._names
        return name.startswith(REQUESTS) and name.removeprefix(REQUESTS) in self._names.values()

    def usage(self, obj: Object) -> Usage:
        devices: dict[str, Quantity] = {}
        for request in ((obj.get("spec") or {}).get("devices") or {}).get("requests") or ():
            for device_class, quantity in _of_request(request).items():
                devices[device_class] = devices.get(device_class, ZERO) + quantity
        result = {self.count: ONE, **{name + PER_CLASS_SUFFIX: quantity for name, quantity in devices.items()}}
        if self._names is not None:
            result |= self._as_extended_resources(devices, self._names)
        return result

    def _as_extended_resources(self, devices: dict[str, Quantity], names: dict[str, str]) -> Usage:
        usage: Usage = {}
        for device_class, quantity in devices.items():
            usage[IMPLICIT_PREFIX + device_class] = quantity
            if device_class in names:
                usage[REQUESTS + names[device_class]] = quantity
        remaining = {name: quantity - self._charged.get(name, ZERO) for name, quantity in usage.items()}
        return {name: quantity for name, quantity in remaining.items() if quantity.sign > 0}


def _of_request(request: Object) -> dict[str, Quantity]:
    """Devices by class; of alternatives, the most that one of them takes of each class."""
    alternatives = request.get("firstAvailable") or [request.get("exactly") or {}]
    most: dict[str, Quantity] = {}
    for wanted in alternatives:
        name = wanted.get("deviceClassName", "")
        mode = wanted.get("allocationMode")
        count = wanted.get("count", 0) if mode == "ExactCount" else MOST_DEVICES if mode == "All" else 0
        most[name] = max(most.get(name, ZERO), Quantity(count))
    return most


def _owning_pod(claim: Object) -> Object | None:
    if annotations_of(claim).get(FOR_EXTENDED_RESOURCES) != "true":
        return None
    owners = claim["metadata"].get("ownerReferences") or ()
    owner = next((o for o in owners if o.get("controller")), None)
    is_pod = owner is not None and owner.get("kind") == "Pod" and owner.get("apiVersion") == "v1"
    return owner if is_pod else None


def _age(claim: Object) -> tuple[str, str]:
    meta = claim["metadata"]
    return meta.get("creationTimestamp", ""), meta.get("name", "")


def _extended_names(classes: list[Object]) -> dict[str, str]:
    """Device class -> the extended resource that it stands for."""
    named = {c["metadata"]["name"]: (c.get("spec") or {}).get("extendedResourceName") for c in classes}
    return {name: resource for name, resource in named.items() if resource}
