"""The CSIDriver kind (storage.k8s.io). Next: `csinode.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

_SPEC = Path("spec")
_FS_GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
_LIFECYCLE_MODES = ("Persistent", "Ephemeral")
_DEFAULTS: dict[str, Any] = {
    "attachRequired": True,
    "fsGroupPolicy": "ReadWriteOnceWithFSType",
    "podInfoOnMount": False,
    "requiresRepublish": False,
    "seLinuxMount": False,
    "storageCapacity": False,
}
_REQUIRED = (
    ("attachRequired", "attachedRequired"),
    ("podInfoOnMount", "podInfoOnMount"),
    ("storageCapacity", "storageCapacity"),
)
_IMMUTABLE = (
    ("attachRequired", "attachedRequired"),
    ("volumeLifecycleModes", "volumeLifecycleModes"),
)
"""Wire names and the names that messages use for them."""
_RAISE_GENERATION = (
    "tokenRequests",
    "requiresRepublish",
    "seLinuxMount",
    "nodeAllocatableUpdatePeriodSeconds",
    "serviceAccountTokenInSecrets",
)
_MIN_EXPIRATION_SECONDS = 600
_MIN_UPDATE_PERIOD_SECONDS = 10


def set_csi_driver_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_CSIDriver."""
    spec = obj.setdefault("spec", {})
    for name, value in _DEFAULTS.items():
        if spec.get(name) is None:
            spec[name] = value
    if not spec.get("volumeLifecycleModes"):
        spec["volumeLifecycleModes"] = ["Persistent"]


def _validate_spec(spec: Object) -> ErrorList:
    errors: ErrorList = [field.required(_SPEC.child(shown)) for name, shown in _REQUIRED if spec.get(name) is None]
    policy = spec.get("fsGroupPolicy")
    if policy is not None and policy not in _FS_GROUP_POLICIES:
        errors.append(field.not_supported(_SPEC.child("fsGroupPolicy"), policy, _FS_GROUP_POLICIES))
    requests = spec.get("tokenRequests") or []
    errors += _validate_token_requests(requests, _SPEC.child("tokenRequests"))
    at = _SPEC.child("volumeLifecycleModes")
    for mode in spec.get("volumeLifecycleModes") or ():
        if mode not in _LIFECYCLE_MODES:
            errors.append(field.not_supported_in_order(at, mode, _LIFECYCLE_MODES))
    if spec.get("seLinuxMount") is None:
        errors.append(field.required(_SPEC.child("seLinuxMount")))
    return errors + _validate_rest(spec, requests)


def _validate_rest(spec: Object, requests: list[Object]) -> ErrorList:
    errors: ErrorList = []
    period = spec.get("nodeAllocatableUpdatePeriodSeconds")
    if period is not None and period < _MIN_UPDATE_PERIOD_SECONDS:
        detail = f"must be greater than or equal to {_MIN_UPDATE_PERIOD_SECONDS} seconds"
        errors.append(field.invalid(_SPEC.child("nodeAllocatableUpdatePeriodSeconds"), period, detail))
    in_secrets = spec.get("serviceAccountTokenInSecrets")
    if in_secrets is not None and not requests:
        detail = "serviceAccountTokenInSecrets is set but no tokenRequests are specified"
        errors.append(field.invalid(_SPEC.child("serviceAccountTokenInSecrets"), in_secrets, detail))
    return errors


def _validate_token_requests(requests: list[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    seen: set[str] = set()
    for i, request in enumerate(requests):
        at, audience, seconds = path.index(i), request.get("audience", ""), request.get("expirationSeconds")
        if audience in seen:
            errors.append(field.duplicate(at.child("audience"), audience))
            continue
        seen.add(audience)
        if seconds is None:
            continue
        at = at.child("expirationSeconds")
        if seconds < _MIN_EXPIRATION_SECONDS:
            errors.append(field.invalid(at, seconds, "may not specify a duration less than 10 minutes"))
        if seconds > 1 << 32:
            errors.append(field.invalid(at, seconds, "may not specify a duration larger than 2^32 seconds"))
    return errors


class CSIDriverStrategy(Strategy):
    """Rules of CSI drivers."""

    allow_unconditional_update = False

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        spec, before = obj["spec"], old["spec"]
        if any(spec.get(name) != before.get(name) for name in _RAISE_GENERATION):
            obj["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
        return errors + _validate_spec(obj["spec"])

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        spec, before = obj["spec"], old["spec"]
        errors = validate_object_meta_update(obj["metadata"], old["metadata"]) + _validate_spec(spec)
        for name, shown in _IMMUTABLE:
            errors += validate_immutable(spec.get(name), before.get(name), _SPEC.child(shown))
        return errors


def _cells(obj: Object) -> list[Any]:
    spec = obj["spec"]
    requests = spec.get("tokenRequests")
    return [
        obj["metadata"]["name"],
        spec.get("attachRequired") is not False,
        bool(spec.get("podInfoOnMount")),
        bool(spec.get("storageCapacity")),
        "<unset>" if requests is None else ",".join(r.get("audience", "") for r in requests),
        bool(spec.get("requiresRepublish")),
        ",".join(spec.get("volumeLifecycleModes") or ()) or "<none>",
        age(obj),
    ]


_COLUMNS = (
    NAME_COLUMN,
    described("AttachRequired", "storage.v1.CSIDriverSpec.attachRequired", "boolean"),
    described("PodInfoOnMount", "storage.v1.CSIDriverSpec.podInfoOnMount", "boolean"),
    described("StorageCapacity", "storage.v1.CSIDriverSpec.storageCapacity", "boolean"),
    described("TokenRequests", "storage.v1.CSIDriverSpec.tokenRequests"),
    described("RequiresRepublish", "storage.v1.CSIDriverSpec.requiresRepublish", "boolean"),
    described("Modes", "storage.v1.CSIDriverSpec.volumeLifecycleModes"),
    AGE_COLUMN,
)

RESOURCE = ResourceDefinition(
    group="storage.k8s.io",
    resource="csidrivers",
    kind="CSIDriver",
    return_deleted_object=True,
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("storage.k8s.io", "v1", "CSIDriver"),
            default=set_csi_driver_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=CSIDriverStrategy(),
    namespaced=False,
    singular="csidriver",
)
