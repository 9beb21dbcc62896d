"""The Ingress kind (networking.k8s.io), namespaced. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class IngressStrategy(Strategy):
    """Rules of Ingress objects."""


class IngressStatusStrategy(IngressStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="networking.k8s.io",
    resource="ingresses",
    kind="Ingress",
    versions=(VersionDefinition("v1", schema=schema("networking.k8s.io", "v1", "Ingress")),),
    strategy=IngressStrategy(),
    singular="ingress",
    short_names=("ing",),
    subresources=(Subresource("status", strategy=IngressStatusStrategy()),),
    storage_prefix="ingress",
)
