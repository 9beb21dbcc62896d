"""The scale subresource of any kind: autoscaling/v1 Scale as a view of the object (upstream: ScaleREST of each kind)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import GroupKind, StatusError, bad_request, invalid
from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.field import Path as FieldPath
from kubern.apimachinery.field import invalid as field_invalid
from kubern.apimachinery.managedfields.scale import ScaleHandler, scale_entries
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, Column
from kubern.registry.written import Written
from kubern.util.json_copy import json_copy

if TYPE_CHECKING:
    from kubern.apimachinery.managedfields.elements import Path
    from kubern.apimachinery.resource import ResourceDefinition, ScaleSpec
    from kubern.registry.rest import Preconditions
    from kubern.registry.store import ResourceStore
    from kubern.registry.strategy import Strategy
    from kubern.registry.written import UpdatedObject, Validate
    from kubern.request import RequestContext

Object = dict[str, Any]


SCALE_KIND = GroupKind("autoscaling", "Scale")
SCALE_COLUMNS = (
    Column("Name", description=NAME_COLUMN.description),
    Column("Desired", "integer", description="replicas is the desired number of instances for the scaled object."),
    Column(
        "Available", "integer", description="replicas is the actual number of observed instances of the scaled object."
    ),
    AGE_COLUMN,
)


def scale_cells(scale: Object) -> list[Any]:
    """The row of a Scale."""
    desired = scale.get("spec", {}).get("replicas", 0)
    return [scale["metadata"]["name"], desired, scale.get("status", {}).get("replicas", 0), age(scale)]


def get_path(obj: Object, path: str) -> Any:
    """The value at a dotted path, None when it is not there."""
    node: Any = obj
    for part in path.split("."):
        if not isinstance(node, dict) or part not in node:
            return None
        node = node[part]
    return node


def set_path(obj: Object, path: str, value: Any) -> None:
    """Set the value at a dotted path, making objects on the way."""
    *parents, last = path.split(".")
    node = obj
    for part in parents:
        node = node.setdefault(part, {})
    node[last] = value


def _replicas_paths(definition: ResourceDefinition, spec: ScaleSpec) -> dict[str, Path | None]:
    path = tuple("f:" + part for part in spec.spec_replicas.split("."))
    return {definition.api_version(v.version): path for v in definition.versions}


def scale_of(obj: Object, spec: ScaleSpec) -> Object:
    """The Scale of an object, without managedFields."""
    meta = obj["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    status: Object = {"replicas": get_path(obj, spec.status_replicas) or 0}
    selector = spec.selector(obj) if spec.selector is not None else ""
    if selector:
        status["selector"] = selector
    replicas = get_path(obj, spec.spec_replicas)
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {k: meta[k] for k in kept if k in meta},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def validate_scale(scale: Object) -> ErrorList:
    """upstream: autoscaling/validation.ValidateScale."""
    replicas = scale.get("spec", {}).get("replicas", 0)
    if replicas < 0:
        return [field_invalid(FieldPath("spec", "replicas"), replicas, "must be greater than or equal to 0")]
    return []


class ScaleStorage:
    """Get and update of the Scale view; updates go through the parent's store and strategy."""

    def __init__(self, store: ResourceStore, spec: ScaleSpec) -> None:
        self.store = store
        self.spec = spec

    @property
    def namespaced(self) -> bool:
        return self.store.namespaced

    def not_found(self, name: str) -> StatusError:
        return self.store.not_found(name)

    async def get(self, ctx: RequestContext, name: str, resource_version: str = "") -> Object:
        """The Scale as a dict."""
        found = await self.store.get(ctx, name, resource_version)
        return scale_of(found.decode(), self.spec)

    def check(self, name: str, scale: Object) -> None:
        """Raises StatusError 422 for a Scale that cannot be."""
        errors = validate_scale(scale)
        if errors:
            raise invalid(SCALE_KIND, name, errors)

    def replicas_paths(self) -> dict[str, Path | None]:
        """Where the replicas are in each apiVersion of the parent, None where it has no scale."""
        return _replicas_paths(self.store.definition, self.spec)

    def _handler(self, ctx: RequestContext, obj: Object) -> ScaleHandler:
        version = self.store.definition.api_version(ctx.info.api_version)
        return ScaleHandler(scale_entries(obj), version, self.replicas_paths())

    def view(self, obj: Object) -> Object:
        """The Scale of an object, without managedFields."""
        return scale_of(obj, self.spec)

    def _scale(self, ctx: RequestContext, obj: Object) -> Object:
        """The Scale of an object, owned by whoever owns the object's replicas."""
        scale = self.view(obj)
        entries = self._handler(ctx, obj).to_subresource()
        if entries:
            scale["metadata"]["managedFields"] = entries
        return scale

    async def update(
        self,
        ctx: RequestContext,
        name: str,
        updated: UpdatedObject,
        *,
        validate: Validate | None = None,
        validate_create: Validate | None = None,
        preconditions: Preconditions | None = None,
        force_allow_create: bool = False,
        dry_run: bool = False,
        strategy: Strategy | None = None,
    ) -> Written:
        """Set the replicas of the parent to those of the Scale that `updated` makes. Raises StatusError."""

        async def update_parent(old: Object | None) -> Object:
            if old is None:
                raise self.not_found(name)
            old_scale = self._scale(ctx, old)
            scale = await updated(json_copy(old_scale))
            if not isinstance(scale.get("spec", {}), dict):
                raise bad_request("expected input object type to be Scale")
            self.check(name, scale)
            if validate is not None:
                await validate(scale, old_scale)
            obj = json_copy(old)
            obj["metadata"]["managedFields"] = self._handler(ctx, old).to_parent(scale_entries(scale))
            set_path(obj, self.spec.spec_replicas, scale.get("spec", {}).get("replicas", 0))
            version = scale["metadata"].get("resourceVersion")
            if version:
                obj["metadata"]["resourceVersion"] = version
            return obj

        written = await self.store.update(ctx, name, update_parent, preconditions=preconditions, dry_run=dry_run)
        return Written(scale_of(written.obj, self.spec), None)
