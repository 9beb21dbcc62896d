"""The FlowSchema kind (flowcontrol.apiserver.k8s.io), cluster-scoped. Next: `group.py`."""

from __future__ import annotations

from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.declare import schema


class FlowSchemaStrategy(Strategy):
    """Rules of FlowSchema objects."""


class FlowSchemaStatusStrategy(FlowSchemaStrategy):
    """Rules of the status subresource."""


RESOURCE = ResourceDefinition(
    group="flowcontrol.apiserver.k8s.io",
    resource="flowschemas",
    kind="FlowSchema",
    versions=(VersionDefinition("v1", schema=schema("flowcontrol.apiserver.k8s.io", "v1", "FlowSchema")),),
    strategy=FlowSchemaStrategy(),
    namespaced=False,
    singular="flowschema",
    subresources=(Subresource("status", strategy=FlowSchemaStatusStrategy()),),
)
