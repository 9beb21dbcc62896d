"""The PriorityClass kind (scheduling.k8s.io). Next: the Priority admission plugin, which resolves names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import errors as api_errors
from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern.registry.rest import DeleteOptions
from kubern.registry.store import ResourceStore
from kubern.registry.strategy import Strategy
from kubern.registry.written import Deleted, Validate
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

SYSTEM_PREFIX = "system-"
SYSTEM_CLASSES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}
HIGHEST_USER_PRIORITY = 1_000_000_000
PREEMPTION_POLICIES = ("PreemptLowerPriority", "Never")
_POLICY = Path("preemptionPolicy")


def set_priority_class_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_PriorityClass."""
    if obj.get("preemptionPolicy") is None:
        obj["preemptionPolicy"] = "PreemptLowerPriority"


def _system_class_problem(obj: Object) -> str:
    """Why a class with the reserved prefix is not one of the system's, "" when it is."""
    name = obj["metadata"]["name"]
    if name not in SYSTEM_CLASSES:
        return f"{name} is not a known system priority class"
    if obj.get("value", 0) != SYSTEM_CLASSES[name]:
        return f"value of {name} PriorityClass must be {SYSTEM_CLASSES[name]}"
    return f"globalDefault of {name} PriorityClass must be false" if obj.get("globalDefault") else ""


def validate_priority_class(obj: Object) -> ErrorList:
    """Upstream: ValidatePriorityClass."""
    errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
    if obj["metadata"].get("name", "").startswith(SYSTEM_PREFIX):
        problem = _system_class_problem(obj)
        if problem:
            detail = (
                f"priority class names with '{SYSTEM_PREFIX}' prefix are reserved for system use only. error: {problem}"
            )
            errors.append(field.forbidden(Path("metadata", "name"), detail))
    elif obj.get("value", 0) > HIGHEST_USER_PRIORITY:
        detail = f"maximum allowed value of a user defined priority is {HIGHEST_USER_PRIORITY}"
        errors.append(field.forbidden(Path("value"), detail))
    policy = obj.get("preemptionPolicy")
    if policy == "":
        errors.append(field.required(_POLICY))
    elif policy is not None and policy not in PREEMPTION_POLICIES:
        errors.append(field.not_supported_in_order(_POLICY, policy, PREEMPTION_POLICIES))
    return errors


class PriorityClassStrategy(Strategy):
    """Rules of priority classes: pods carry the number, so it does not change."""

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_priority_class(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        if obj.get("value", 0) != old.get("value", 0):
            errors.append(field.forbidden(Path("value"), "may not be changed in an update."))
        return errors + validate_immutable(obj.get("preemptionPolicy"), old.get("preemptionPolicy"), _POLICY)


class PriorityClassStore(ResourceStore):
    """A ResourceStore that keeps the system's classes."""

    async def delete(
        self, ctx: RequestContext, name: str, options: DeleteOptions, *, validate: Validate | None = None
    ) -> Deleted:
        """As the generic store. Raises StatusError 403 for a class of the system."""
        if name in SYSTEM_CLASSES:
            message = "this is a system priority class and cannot be deleted"
            raise api_errors.forbidden(self.definition.group_resource, name, message)
        return await super().delete(ctx, name, options, validate=validate)


def _cells(obj: Object) -> list[Any]:
    return [
        obj["metadata"]["name"],
        obj.get("value", 0),
        bool(obj.get("globalDefault")),
        age(obj),
        obj.get("preemptionPolicy", ""),
    ]


_COLUMNS = (
    NAME_COLUMN,
    described("Value", "scheduling.v1.PriorityClass.value", "integer"),
    described("Global-Default", "scheduling.v1.PriorityClass.globalDefault", "boolean"),
    AGE_COLUMN,
    described("PreemptionPolicy", "scheduling.v1.PriorityClass.preemptionPolicy"),
)

RESOURCE = ResourceDefinition(
    group="scheduling.k8s.io",
    resource="priorityclasses",
    kind="PriorityClass",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("scheduling.k8s.io", "v1", "PriorityClass"),
            default=set_priority_class_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=PriorityClassStrategy(),
    namespaced=False,
    singular="priorityclass",
    short_names=("pc",),
    store=PriorityClassStore,
)
