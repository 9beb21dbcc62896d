"""The APIService kind (apiregistration.k8s.io): a group-version, served locally or by an extension API server.

Upstream: kube-aggregator/pkg/apis/apiregistration and pkg/registry/apiservice. Next: `../server.py`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field
from kubern.apimachinery.names import is_dns1035_label, is_dns1123_subdomain, is_valid_path_segment_name
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    APIGroupInfo,
    Column,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.objectmeta import validate_object_meta, validate_object_meta_update
from kubern.registry.before import now_text
from kubern.registry.strategy import METADATA, FieldPath, Strategy
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from kubern.apimachinery.schema.model import Schema
    from kubern.request import RequestContext

GROUP = "apiregistration.k8s.io"
RESOURCE = "apiservices"
MAX_GROUP_PRIORITY = 20000
MAX_VERSION_PRIORITY = 1000
DEFAULT_SERVICE_PORT = 443
_SPEC = field.Path("spec")
Object = dict[str, Any]


@functools.cache
def api_service_schema() -> Schema:
    """The schema of APIService."""
    from kubern.apimachinery.schema.files import DefinitionFile, meta_file
    from kubern.apimachinery.schema.model import Definitions

    definitions = Definitions(DefinitionFile("kubern_aggregator", "schema_data", meta_file()))
    return definitions.get("io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService")


def object_name(group: str, version: str) -> str:
    """The only name that an APIService of a group-version may have."""
    return f"{version}.{group}"


def set_default(obj: Object) -> None:
    """The service's port is 443."""
    service = obj.get("spec", {}).get("service")
    if service is not None:
        service.setdefault("port", DEFAULT_SERVICE_PORT)


def is_local(obj: Object) -> bool:
    """Whether this process serves the group-version."""
    return obj.get("spec", {}).get("service") is None


def local_condition() -> Object:
    """The condition of every local APIService."""
    return {
        "type": "Available",
        "status": "True",
        "lastTransitionTime": now_text(),
        "reason": "Local",
        "message": "Local APIServices are always available",
    }


def available_condition(obj: Object) -> Object | None:
    """The Available condition, None before the first check."""
    conditions = obj.get("status", {}).get("conditions") or ()
    return next((c for c in conditions if c.get("type") == "Available"), None)


class APIServiceStrategy(Strategy):
    """Rules of the main resource: the status belongs to the server."""

    allow_unconditional_update = False
    reset_fields: tuple[FieldPath, ...] = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {"conditions": [local_condition()]} if is_local(obj) else {}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["status"] = old.get("status", {})

    def validate(self, ctx: RequestContext, obj: Object) -> field.ErrorList:
        return validate_api_service(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> field.ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        return errors + validate_api_service(obj)


class APIServiceStatusStrategy(APIServiceStrategy):
    """Rules of the status subresource: nothing but the status changes."""

    reset_fields = (("spec",), ("metadata", "labels"), ("metadata", "annotations"))

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})
        for key in ("labels", "annotations", "finalizers", "ownerReferences"):
            if key in old["metadata"]:
                obj["metadata"][key] = old["metadata"][key]
            else:
                obj["metadata"].pop(key, None)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> field.ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        return errors + validate_status(obj)


def validate_status(obj: Object) -> field.ErrorList:
    """Conditions say True, False or Unknown."""
    path = field.Path("status", "conditions")
    errors: field.ErrorList = []
    for i, condition in enumerate(obj.get("status", {}).get("conditions") or ()):
        if condition.get("status") not in ("True", "False", "Unknown"):
            supported = ["True", "False", "Unknown"]
            errors.append(field.not_supported(path.index(i).child("status"), condition.get("status", ""), supported))
    return errors


def validate_api_service(obj: Object) -> field.ErrorList:
    """Every problem, in upstream's order (validation.ValidateAPIService)."""
    spec = obj.get("spec", {})
    group, version = spec.get("group", ""), spec.get("version", "")
    wanted = object_name(group, version)

    def name_problems(name: str, prefix: bool) -> list[str]:
        problems = is_valid_path_segment_name(name)
        if problems or name == wanted:
            return problems
        return [f'must be `spec.version+"."+spec.group`: {go_quote(wanted)}']

    errors = validate_object_meta(obj["metadata"], False, name_problems, METADATA)
    if not group and version != "v1":
        detail = "only v1 may have an empty group and it better be legacy kube"
        errors.append(field.required(_SPEC.child("group"), detail))
    if group:
        errors += [field.invalid(_SPEC.child("group"), group, p) for p in is_dns1123_subdomain(group)]
    errors += [field.invalid(_SPEC.child("version"), version, p) for p in is_dns1035_label(version)]
    for name, limit in (("groupPriorityMinimum", MAX_GROUP_PRIORITY), ("versionPriority", MAX_VERSION_PRIORITY)):
        value = spec.get(name, 0)
        if not 0 < value <= limit:
            errors.append(field.invalid(_SPEC.child(name), value, f"must be positive and less than {limit}"))
    return errors + (_validate_remote(spec) if spec.get("service") is not None else _validate_local(spec))


def _validate_local(spec: Object) -> field.ErrorList:
    errors: field.ErrorList = []
    bundle = spec.get("caBundle", "")
    if bundle:
        size = f"{len(bundle) * 3 // 4 - bundle[-2:].count('=')} bytes"
        errors.append(field.invalid(_SPEC.child("caBundle"), size, "local APIServices may not have a caBundle"))
    if spec.get("insecureSkipTLSVerify"):
        detail = "local APIServices may not have insecureSkipTLSVerify"
        errors.append(field.invalid(_SPEC.child("insecureSkipTLSVerify"), True, detail))
    return errors


def _validate_remote(spec: Object) -> field.ErrorList:
    errors: field.ErrorList = []
    service = spec["service"]
    path = _SPEC.child("service")
    errors += [field.required(path.child(key)) for key in ("namespace", "name") if not service.get(key)]
    port = service.get("port", DEFAULT_SERVICE_PORT)
    if not 1 <= port <= 65535:
        detail = "port is not valid: must be between 1 and 65535, inclusive"
        errors.append(field.invalid(path.child("port"), port, detail))
    if spec.get("insecureSkipTLSVerify") and spec.get("caBundle"):
        detail = "may not be true if caBundle is present"
        errors.append(field.invalid(_SPEC.child("insecureSkipTLSVerify"), True, detail))
    return errors


def _cells(obj: Object) -> list[Any]:
    service = obj.get("spec", {}).get("service")
    where = f"{service.get('namespace', '')}/{service.get('name', '')}" if service else "Local"
    condition = available_condition(obj)
    state = "Unknown"
    if condition is not None:
        state = (
            condition["status"] if condition["status"] == "True" else f"{condition['status']} ({condition['reason']})"
        )
    return [obj["metadata"]["name"], where, state, age(obj)]


_COLUMNS = (
    NAME_COLUMN,
    Column("Service", description="The reference to the service that hosts this API endpoint."),
    Column("Available", description="Whether this service is available."),
    AGE_COLUMN,
)

API_SERVICE = ResourceDefinition(
    group=GROUP,
    resource=RESOURCE,
    kind="APIService",
    versions=(VersionDefinition("v1", schema=api_service_schema, default=set_default, columns=_COLUMNS, cells=_cells),),
    strategy=APIServiceStrategy(),
    namespaced=False,
    singular="apiservice",
    categories=("api-extensions",),
    subresources=(Subresource("status", strategy=APIServiceStatusStrategy()),),
    storage_prefix="apiregistration.k8s.io/apiservices",
)

API_GROUP = APIGroupInfo(GROUP, ("v1",), (API_SERVICE,), group_priority_minimum=20000, version_priorities=(18,))
