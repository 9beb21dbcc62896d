"""The ControllerRevision kind: a stored state of a daemon set or stateful set. Next: `group.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, Column, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.objectmeta import FIELD_IMMUTABLE, validate_nonnegative
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]


def _validate(obj: Object) -> ErrorList:
    errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
    return errors + validate_nonnegative(obj.get("revision") or 0, Path("revision"))


def _validate_data(data: Any) -> ErrorList:
    if data is None:
        return [field.required(Path("data"), "data is mandatory")]
    if not isinstance(data, dict):
        return [field.required(Path("data"), "data must be a valid JSON object")]
    return []


class ControllerRevisionStrategy(Strategy):
    """Rules of ControllerRevision objects: the data never changes."""

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return _validate(obj) + _validate_data(obj.get("data"))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        errors += _validate(obj)
        if obj.get("data") != old.get("data"):
            errors.append(field.invalid(Path("data"), obj.get("data"), FIELD_IMMUTABLE))
        return errors


_COLUMNS = (
    NAME_COLUMN,
    Column("Controller", description="Controller of the object"),
    described("Revision", "apps.v1.ControllerRevision.revision"),
    AGE_COLUMN,
)


def _controller(obj: Mapping[str, Any]) -> str:
    """The controlling owner as `daemonset.apps/name`, `<none>` without one."""
    for owner in obj["metadata"].get("ownerReferences") or ():
        if owner.get("controller"):
            group, slash, _ = (owner.get("apiVersion") or "").partition("/")
            kind = (owner.get("kind") or "").lower() + (f".{group}" if slash else "")
            return f"{kind}/{owner.get('name') or ''}"
    return "<none>"


def _cells(obj: Mapping[str, Any]) -> list[Any]:
    return [obj["metadata"].get("name", ""), _controller(obj), obj.get("revision") or 0, age(obj)]


RESOURCE = ResourceDefinition(
    group="apps",
    resource="controllerrevisions",
    kind="ControllerRevision",
    versions=(
        VersionDefinition("v1", schema=schema("apps", "v1", "ControllerRevision"), columns=_COLUMNS, cells=_cells),
    ),
    strategy=ControllerRevisionStrategy(),
    singular="controllerrevision",
)
