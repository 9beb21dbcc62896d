"""The ServiceAccount kind (core), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class ServiceAccountStrategy(Strategy):
    """Rules of ServiceAccount objects."""


RESOURCE = ResourceDefinition(
    group="",
    resource="serviceaccounts",
    kind="ServiceAccount",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "ServiceAccount")),),
    strategy=ServiceAccountStrategy(),
    singular="serviceaccount",
    short_names=("sa",),
    subresources=(
        Subresource("token", verbs=("create",), kind="TokenRequest", group="authentication.k8s.io", version="v1"),
    ),
)
