"""The FlowSchema kind (flowcontrol.apiserver.k8s.io). Next: `flowschema_validation.py`."""

from __future__ import annotations

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
from kubern.registry.strategy import Strategy, bump_generation, keep_status
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.flowcontrol.flowschema_validation import (
    validate_conditions,
    validate_flow_schema,
)

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

DANGLING = "Dangling"
DEFAULT_MATCHING_PRECEDENCE = 1000


def set_flow_schema_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_FlowSchemaSpec."""
    spec = obj.setdefault("spec", {})
    if not spec.get("matchingPrecedence"):
        spec["matchingPrecedence"] = DEFAULT_MATCHING_PRECEDENCE


class FlowSchemaStrategy(Strategy):
    """Rules of flow schemas."""

    reset_fields = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1
        obj["status"] = {}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        bump_generation(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_flow_schema(obj)


class FlowSchemaStatusStrategy(FlowSchemaStrategy):
    """Rules of the status subresource, which keeps the metadata."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_conditions(obj.get("status", {}))


def _cells(obj: Object) -> list[Any]:
    spec = obj.get("spec", {})
    method = spec.get("distinguisherMethod")
    conditions = obj.get("status", {}).get("conditions") or ()
    return [
        obj["metadata"]["name"],
        (spec.get("priorityLevelConfiguration") or {}).get("name", ""),
        spec.get("matchingPrecedence", 0),
        method.get("type", "") if method is not None else "<none>",
        age(obj),
        next((c.get("status", "") for c in conditions if c.get("type") == DANGLING), "?"),
    ]


def _precedence(obj: Object) -> tuple[int, str]:
    """Tables list the schemas as requests meet them (upstream: FlowSchemaSequence)."""
    return obj.get("spec", {}).get("matchingPrecedence", 0), obj["metadata"]["name"]


_COLUMNS = (
    NAME_COLUMN,
    described("PriorityLevel", "flowcontrol.v1.PriorityLevelConfigurationReference.name"),
    described("MatchingPrecedence", "flowcontrol.v1.FlowSchemaSpec.matchingPrecedence"),
    described("DistinguisherMethod", "flowcontrol.v1.FlowSchemaSpec.distinguisherMethod"),
    AGE_COLUMN,
    Column("MissingPL", description="references a broken or non-existent PriorityLevelConfiguration"),
)

RESOURCE = ResourceDefinition(
    group="flowcontrol.apiserver.k8s.io",
    resource="flowschemas",
    kind="FlowSchema",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("flowcontrol.apiserver.k8s.io", "v1", "FlowSchema"),
            default=set_flow_schema_defaults,
            columns=_COLUMNS,
            cells=_cells,
            row_order=_precedence,
        ),
    ),
    strategy=FlowSchemaStrategy(),
    namespaced=False,
    singular="flowschema",
    subresources=(Subresource("status", strategy=FlowSchemaStatusStrategy()),),
)
