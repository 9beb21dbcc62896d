"""The Secret kind (core). Next: `configmap.py`, whose rules for keys and immutable data it shares."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.formats import is_config_map_key
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern.registry.strategy import Strategy
from kubern.util.gojson import JSONSyntaxError, decode
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.configmap import MAX_SECRET_SIZE, validate_immutable_data
from kubern_kubeapi.groups.core.secret_warnings import CERTIFICATE_KEY, PRIVATE_KEY_KEY, TLS_TYPE, secret_warnings
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

OPAQUE = "Opaque"
SERVICE_ACCOUNT_TOKEN = "kubernetes.io/service-account-token"
SERVICE_ACCOUNT_NAME = "kubernetes.io/service-account.name"
_DATA = Path("data")
_REQUIRED_KEYS = {
    TLS_TYPE: (CERTIFICATE_KEY, PRIVATE_KEY_KEY),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
}
_JSON_KEYS = {"kubernetes.io/dockercfg": ".dockercfg", "kubernetes.io/dockerconfigjson": ".dockerconfigjson"}


def set_secret_defaults(obj: Object) -> None:
    """The type, and stringData merged into data (upstream: SetDefaults_Secret and the conversion from v1)."""
    if not obj.get("type"):
        obj["type"] = OPAQUE
    strings = obj.pop("stringData", None)
    if strings:
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in strings.items()}
        obj["data"] = {**(obj.get("data") or {}), **encoded}


def validate_secret(obj: Object) -> ErrorList:
    """Upstream: ValidateSecret."""
    errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
    data = obj.get("data") or {}
    total = 0
    for key in sorted(data):
        errors += [field.invalid(_DATA.key(key), key, m) for m in is_config_map_key(key)]
        total += len(base64.b64decode(data[key] or ""))
    if total > MAX_SECRET_SIZE:
        errors.append(field.too_long(_DATA, "", MAX_SECRET_SIZE))
    return errors + _validate_by_type(obj, data)


def _validate_by_type(obj: Object, data: Mapping[str, str]) -> ErrorList:
    kind = obj.get("type", "")
    if kind == SERVICE_ACCOUNT_TOKEN:
        if (obj["metadata"].get("annotations") or {}).get(SERVICE_ACCOUNT_NAME):
            return []
        return [field.required(Path("metadata", "annotations").key(SERVICE_ACCOUNT_NAME))]
    if kind == "kubernetes.io/basic-auth":
        keys = ("username", "password")
        return [] if any(k in data for k in keys) else [field.required(_DATA.key(k)) for k in keys]
    if kind == "kubernetes.io/ssh-auth":
        return [] if data.get("ssh-privatekey") else [field.required(_DATA.key("ssh-privatekey"))]
    errors = [field.required(_DATA.key(key)) for key in _REQUIRED_KEYS.get(kind, ()) if key not in data]
    if not errors and kind in _JSON_KEYS:
        errors += _validate_json(data[_JSON_KEYS[kind]], _DATA.key(_JSON_KEYS[kind]))
    return errors


def _validate_json(encoded: str, path: Path) -> ErrorList:
    """Well-formed JSON that holds an object; the secret stays out of the message."""
    try:
        value = decode(base64.b64decode(encoded or ""))
    except JSONSyntaxError as error:
        return [field.invalid(path, "<secret contents redacted>", str(error))]
    if value is None or isinstance(value, dict):
        return []
    kind = {str: "string", bool: "bool", list: "array"}.get(type(value), "number")
    detail = f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
    return [field.invalid(path, "<secret contents redacted>", detail)]


class SecretStrategy(Strategy):
    """Rules of secrets."""

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_secret(obj)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return secret_warnings(obj)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return secret_warnings(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        errors += validate_immutable(obj.get("type", ""), old.get("type", ""), Path("type"))
        return errors + validate_immutable_data(obj, old, "data") + validate_secret(obj)


def _cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], obj.get("type", ""), len(obj.get("data") or ()), age(obj)]


def _fields(obj: Object) -> Mapping[str, str]:
    return {"type": obj.get("type", "")}


RESOURCE = ResourceDefinition(
    group="",
    resource="secrets",
    kind="Secret",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("", "v1", "Secret"),
            default=set_secret_defaults,
            columns=(
                NAME_COLUMN,
                described("Type", "core.v1.Secret.type"),
                described("Data", "core.v1.Secret.data"),
                AGE_COLUMN,
            ),
            cells=_cells,
        ),
    ),
    strategy=SecretStrategy(),
    singular="secret",
    selectable_fields=("type",),
    fields=_fields,
)
