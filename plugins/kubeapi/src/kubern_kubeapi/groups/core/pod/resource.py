"""The Pod resource and its subresources, declared. Next: `strategy.py`, `validation/pod.py`, `printer.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern_kubeapi.groups.core.pod.defaults import default_pod
from kubern_kubeapi.groups.core.pod.printer import COLUMNS, pod_cells, pod_row_conditions
from kubern_kubeapi.groups.core.pod.strategy import (
    PodEphemeralContainersStrategy,
    PodResizeStrategy,
    PodStatusStrategy,
    PodStrategy,
)
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.streaming import factories

if TYPE_CHECKING:
    from kubern.registry.store import ResourceStore
    from kubern.server import GenericAPIServer

_PROXY_VERBS = ("create", "delete", "get", "patch", "update")
_FIELDS = (
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.podIPs",
    "status.nominatedNodeName",
)
_FIELD_LABELS = {**{name: name for name in _FIELDS}, "spec.host": "spec.nodeName"}
"""With the name that the first clients of v1 used."""


def _fields(pod: Mapping[str, Any]) -> dict[str, str]:
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    return {
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.restartPolicy": spec.get("restartPolicy", ""),
        "spec.schedulerName": spec.get("schedulerName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", ""),
        "spec.hostNetwork": "true" if spec.get("hostNetwork") else "false",
        "status.phase": status.get("phase", ""),
        "status.podIP": next((ip.get("ip", "") for ip in status.get("podIPs") or ()), ""),
        "status.podIPs": "",
        "status.nominatedNodeName": status.get("nominatedNodeName", ""),
    }


def _binding(store: ResourceStore, server: GenericAPIServer) -> object:
    from kubern_kubeapi.groups.core.pod.binding import BindingStorage

    return BindingStorage(store)


def _eviction(store: ResourceStore, server: GenericAPIServer) -> object:
    from kubern_kubeapi.groups.core.pod.eviction import EvictionStorage

    return EvictionStorage(store, server)


RESOURCE = ResourceDefinition(
    group="",
    resource="pods",
    kind="Pod",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("", "v1", "Pod"),
            default=default_pod,
            field_labels=_FIELD_LABELS,
            columns=COLUMNS,
            cells=pod_cells,
            row_conditions=pod_row_conditions,
        ),
    ),
    strategy=PodStrategy(),
    return_deleted_object=True,
    singular="pod",
    short_names=("po",),
    categories=("all",),
    selectable_fields=_FIELDS,
    fields=_fields,
    subresources=(
        Subresource("attach", verbs=("create", "get"), kind="PodAttachOptions", factory=factories.attach),
        Subresource("binding", verbs=("create",), kind="Binding", factory=_binding),
        Subresource("ephemeralcontainers", strategy=PodEphemeralContainersStrategy()),
        Subresource("eviction", verbs=("create",), kind="Eviction", group="policy", version="v1", factory=_eviction),
        Subresource("exec", verbs=("create", "get"), kind="PodExecOptions", factory=factories.exec_),
        Subresource("log", verbs=("get",), factory=factories.log),
        Subresource(
            "portforward", verbs=("create", "get"), kind="PodPortForwardOptions", factory=factories.port_forward
        ),
        Subresource("proxy", verbs=_PROXY_VERBS, kind="PodProxyOptions", factory=factories.pod_proxy),
        Subresource("resize", strategy=PodResizeStrategy()),
        Subresource("status", strategy=PodStatusStrategy()),
    ),
)
