"""The RuntimeClass kind (node.k8s.io). Next: the RuntimeClass admission plugin, which applies it to pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, Column, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.labels import validate_labels
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.core.pod.internal_types import CORE_TYPES
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.core.pod.validation.resources import validate_overhead
from kubern_kubeapi.groups.core.pod.validation.scheduling import validate_tolerations
from kubern_kubeapi.groups.core.resource_lists import round_up_to_milli
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.node_labels import node_label_deprecation
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_HANDLER = Path("handler")
_SCHEDULING = Path("scheduling")


def set_runtime_class_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_ResourceList."""
    round_up_to_milli((obj.get("overhead") or {}).get("podFixed"))


def _validate_scheduling(scheduling: Object) -> ErrorList:
    errors = validate_labels(scheduling.get("nodeSelector"), _SCHEDULING.child("nodeSelector"))
    tolerations, at = scheduling.get("tolerations") or [], _SCHEDULING.child("tolerations")
    errors += validate_tolerations(tolerations, at)
    for i, toleration in enumerate(tolerations):
        if toleration in tolerations[:i]:
            errors.append(field.duplicate(at.index(i), CORE_TYPES.render("Toleration", toleration)))
    return errors


def _selector_warnings(obj: Object) -> list[str]:
    """Upstream: GetWarningsForRuntimeClass."""
    selector = (obj.get("scheduling") or {}).get("nodeSelector") or {}
    messages = map(node_label_deprecation, sorted(selector))
    return [f"{_SCHEDULING.child('nodeSelector')}: {message}" for message in messages if message]


class RuntimeClassStrategy(Strategy):
    """Rules of runtime classes."""

    allow_create_on_update = True
    allow_unconditional_update = False

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
        handler = obj.get("handler", "")
        problems = names.is_dns1123_label(handler) if handler else []
        errors += [field.invalid(_HANDLER, handler, m) for m in problems] if handler else [field.required(_HANDLER)]
        overhead, scheduling = obj.get("overhead"), obj.get("scheduling")
        if overhead is not None:
            errors += validate_overhead(overhead.get("podFixed") or {}, Path("overhead"), PodValidationOptions())
        return errors + (_validate_scheduling(scheduling) if scheduling is not None else [])

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return _selector_warnings(obj)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return _selector_warnings(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = self.validate(ctx, obj) + validate_object_meta_update(obj["metadata"], old["metadata"])
        return errors + validate_immutable(obj.get("handler", ""), old.get("handler", ""), _HANDLER)


def _cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], obj.get("handler", ""), age(obj)]


RESOURCE = ResourceDefinition(
    group="node.k8s.io",
    resource="runtimeclasses",
    kind="RuntimeClass",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("node.k8s.io", "v1", "RuntimeClass"),
            default=set_runtime_class_defaults,
            columns=(NAME_COLUMN, Column("Handler"), AGE_COLUMN),
            cells=_cells,
        ),
    ),
    strategy=RuntimeClassStrategy(),
    namespaced=False,
    singular="runtimeclass",
)
