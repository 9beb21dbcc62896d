"""The ConfigMap kind (core). Next: `secret.py`, its neighbour."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.formats import is_config_map_key
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

MAX_SECRET_SIZE = 1024 * 1024
_DATA = Path("data")
_BINARY_DATA = Path("binaryData")
_IMMUTABLE = "field is immutable when `immutable` is set"


def validate_config_map(obj: Object) -> ErrorList:
    """Upstream: ValidateConfigMap."""
    errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    total = 0
    for key in sorted(data):
        errors += [field.invalid(_DATA.key(key), key, m) for m in is_config_map_key(key)]
        if key in binary:
            errors.append(field.invalid(_DATA.key(key), key, "duplicate of key present in binaryData"))
        total += len(data[key].encode())
    for key in sorted(binary):
        errors += [field.invalid(_BINARY_DATA.key(key), key, m) for m in is_config_map_key(key)]
        total += len(base64.b64decode(binary[key] or ""))
    if total > MAX_SECRET_SIZE:
        errors.append(field.too_long(Path(""), "", MAX_SECRET_SIZE))
    return errors


def validate_immutable_data(obj: Object, old: Object, *names: str) -> ErrorList:
    """What was once marked immutable stays so, and its data with it."""
    if not old.get("immutable"):
        return []
    errors: ErrorList = []
    if not obj.get("immutable"):
        errors.append(field.forbidden(Path("immutable"), _IMMUTABLE))
    errors += [field.forbidden(Path(n), _IMMUTABLE) for n in names if (obj.get(n) or {}) != (old.get(n) or {})]
    return errors


class ConfigMapStrategy(Strategy):
    """Rules of config maps."""

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_config_map(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        return errors + validate_immutable_data(obj, old, "data", "binaryData") + validate_config_map(obj)


def _cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), age(obj)]


RESOURCE = ResourceDefinition(
    group="",
    resource="configmaps",
    kind="ConfigMap",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("", "v1", "ConfigMap"),
            columns=(NAME_COLUMN, described("Data", "core.v1.ConfigMap.data"), AGE_COLUMN),
            cells=_cells,
        ),
    ),
    strategy=ConfigMapStrategy(),
    singular="configmap",
    short_names=("cm",),
)
