"""The Pod kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class PodStrategy(Strategy):
    """Rules of Pod objects."""


class PodEphemeralContainersStrategy(PodStrategy):
    """Rules of the ephemeralcontainers subresource."""


class PodResizeStrategy(PodStrategy):
    """Rules of the resize subresource."""


class PodStatusStrategy(PodStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="",
    resource="pods",
    kind="Pod",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "Pod")),),
    strategy=PodStrategy(),
    singular="pod",
    short_names=("po",),
    categories=("all",),
    subresources=(
        Subresource("attach", verbs=("create", "get"), kind="PodAttachOptions"),
        Subresource("binding", verbs=("create",), kind="Binding"),
        Subresource("ephemeralcontainers", strategy=PodEphemeralContainersStrategy()),
        Subresource("eviction", verbs=("create",), kind="Eviction", group="policy", version="v1"),
        Subresource("exec", verbs=("create", "get"), kind="PodExecOptions"),
        Subresource("log", verbs=("get",)),
        Subresource("portforward", verbs=("create", "get"), kind="PodPortForwardOptions"),
        Subresource("proxy", verbs=("create", "delete", "get", "patch", "update"), kind="PodProxyOptions"),
        Subresource("resize", strategy=PodResizeStrategy()),
        Subresource("status", strategy=PodStatusStrategy()),
    ),
)
