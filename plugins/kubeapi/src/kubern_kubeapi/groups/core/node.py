"""The Node kind: defaults, strategies, table. Next: `node_validation.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.net import warnings_for_cidr
from kubern.registry.strategy import FieldPath, Strategy, keep_status
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.node_validation import SPEC, validate_node, validate_node_update
from kubern_kubeapi.groups.core.pod.defaults import sync_ips
from kubern_kubeapi.groups.core.resource_lists import round_up_to_milli
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.streaming import factories

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"
_NONE = "<none>"
_UNKNOWN = "<unknown>"


def default_node(node: Object) -> None:
    sync_ips(node.setdefault("spec", {}), "podCIDR", "podCIDRs", key="")
    status = node.setdefault("status", {})
    if status.get("allocatable") is None and status.get("capacity") is not None:
        status["allocatable"] = dict(status["capacity"])
    round_up_to_milli(status.get("capacity"))
    round_up_to_milli(status.get("allocatable"))


def _drop_disabled(node: Object, old: Object | None) -> None:
    """Fields of dynamic kubelet configuration, a feature that is gone, stay only where they already are."""
    for holder, name in (("spec", "configSource"), ("status", "config")):
        if not ((old or {}).get(holder) or {}).get(name):
            (node.get(holder) or {}).pop(name, None)


def _warnings(node: Object) -> list[str]:
    spec = node.get("spec") or {}
    warnings = []
    if spec.get("configSource") is not None:
        warnings.append("spec.configSource: the feature is removed")
    if spec.get("externalID"):
        warnings.append("spec.externalID: this field is deprecated, and is unused by Kubernetes")
    for i, cidr in enumerate(spec.get("podCIDRs") or ()):
        warnings += warnings_for_cidr(SPEC.child("podCIDRs").index(i), cidr)
    return warnings


class NodeStrategy(Strategy):
    """Rules of Node objects; a new node may bring its status."""

    reset_fields: tuple[FieldPath, ...] = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        _drop_disabled(obj, None)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_node(obj)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return _warnings(obj)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        _drop_disabled(obj, old)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_node(obj) + validate_node_update(obj, old)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return _warnings(obj)


class NodeStatusStrategy(NodeStrategy):
    """Rules of the status subresource."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec") or {}
        _drop_disabled(obj, old)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_node_update(obj, old)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return []


_COLUMNS = (
    NAME_COLUMN,
    Column("Status", description="The status of the node"),
    Column("Roles", description="The roles of the node"),
    AGE_COLUMN,
    described("Version", "core.v1.NodeSystemInfo.kubeletVersion"),
    described("Internal-IP", "core.v1.NodeStatus.addresses", priority=1),
    described("External-IP", "core.v1.NodeStatus.addresses", priority=1),
    described("OS-Image", "core.v1.NodeSystemInfo.osImage", priority=1),
    described("Kernel-Version", "core.v1.NodeSystemInfo.kernelVersion", priority=1),
    described("Container-Runtime", "core.v1.NodeSystemInfo.containerRuntimeVersion", priority=1),
)


def _status_cell(node: Mapping[str, Any]) -> str:
    ready = [c for c in (node.get("status") or {}).get("conditions") or () if c.get("type") == "Ready"]
    if not ready:
        shown = ["Unknown"]
    else:
        shown = ["Ready" if ready[-1].get("status") == "True" else "NotReady"]
    if (node.get("spec") or {}).get("unschedulable"):
        shown.append("SchedulingDisabled")
    return ",".join(shown)


def _roles_cell(node: Mapping[str, Any]) -> str:
    roles = set()
    for key, value in (node["metadata"].get("labels") or {}).items():
        if key.startswith(_ROLE_PREFIX):
            roles.add(key.removeprefix(_ROLE_PREFIX))
        elif key == _ROLE_LABEL:
            roles.add(value)
    return ",".join(sorted(roles - {""})) or _NONE


def _kernel_cell(info: Mapping[str, Any]) -> str:
    kernel, architecture = info.get("kernelVersion"), info.get("architecture")
    if not kernel:
        return _UNKNOWN
    return f"{kernel} ({architecture})" if architecture else str(kernel)


def _cells(node: Mapping[str, Any]) -> list[Any]:
    status = node.get("status") or {}
    info = status.get("nodeInfo") or {}
    addresses: dict[str, str] = {}
    for address in status.get("addresses") or ():
        addresses.setdefault(address.get("type") or "", address.get("address") or "")
    return [
        node["metadata"].get("name", ""),
        _status_cell(node),
        _roles_cell(node),
        age(node),
        info.get("kubeletVersion") or "",
        addresses.get("InternalIP", _NONE),
        addresses.get("ExternalIP", _NONE),
        info.get("osImage") or _UNKNOWN,
        _kernel_cell(info),
        info.get("containerRuntimeVersion") or _UNKNOWN,
    ]


def _fields(node: Mapping[str, Any]) -> dict[str, str]:
    return {"spec.unschedulable": "true" if (node.get("spec") or {}).get("unschedulable") else "false"}


RESOURCE = ResourceDefinition(
    group="",
    resource="nodes",
    kind="Node",
    versions=(
        VersionDefinition("v1", schema=schema("", "v1", "Node"), default=default_node, columns=_COLUMNS, cells=_cells),
    ),
    strategy=NodeStrategy(),
    namespaced=False,
    singular="node",
    short_names=("no",),
    selectable_fields=("spec.unschedulable",),
    fields=_fields,
    subresources=(
        Subresource(
            "proxy",
            verbs=("create", "delete", "get", "patch", "update"),
            kind="NodeProxyOptions",
            factory=factories.node_proxy,
        ),
        Subresource("status", strategy=NodeStatusStrategy()),
    ),
    storage_prefix="minions",
)
