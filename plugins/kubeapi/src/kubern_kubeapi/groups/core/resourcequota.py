"""The ResourceQuota kind (core). Next: the ResourceQuota admission plugin, which counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.quantity import Quantity
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.objectmeta import FIELD_IMMUTABLE
from kubern.registry.strategy import Strategy, keep_status
from kubern_kubeapi.groups.core.resource_lists import (
    HUGE_PAGES_PREFIX,
    STANDARD_RESOURCES,
    round_up_to_milli,
    validate_resource_name,
    validate_resource_quantity_value,
)
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

_SPEC = Path("spec")
_STATUS = Path("status")
_STANDARD_QUOTA_RESOURCES = STANDARD_RESOURCES - {"storage"}
_POD_COUNTS = frozenset(("pods",))
_POD_COMPUTE = frozenset(("cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"))
_CLAIMS = frozenset(("persistentvolumeclaims", "requests.storage"))
SCOPE_RESOURCES = {
    "BestEffort": _POD_COUNTS,
    "NotBestEffort": _POD_COUNTS | _POD_COMPUTE,
    "Terminating": _POD_COUNTS | _POD_COMPUTE,
    "NotTerminating": _POD_COUNTS | _POD_COMPUTE,
    "PriorityClass": _POD_COUNTS | _POD_COMPUTE,
    "CrossNamespacePodAffinity": _POD_COUNTS | _POD_COMPUTE,
    "VolumeAttributesClass": _CLAIMS,
}
"""The scopes, and what of the standard resources each can limit."""
_EXISTS_ONLY = frozenset(("BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"))
_CONFLICTS = ({"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"})
_MUST_EXIST = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


def _is_huge_page(name: str) -> bool:
    return name.startswith((HUGE_PAGES_PREFIX, f"requests.{HUGE_PAGES_PREFIX}"))


def is_standard_quota_resource(name: str) -> bool:
    """An unqualified name that a quota can limit."""
    return name in _STANDARD_QUOTA_RESOURCES or _is_huge_page(name)


def _validate_resource_name(name: str, path: Path) -> ErrorList:
    errors = validate_resource_name(name, path)
    if "/" not in name and not is_standard_quota_resource(name):
        errors.append(field.invalid(path, name, "must be a standard resource for quota"))
    return errors


def _validate_list(resources: dict[str, str] | None, path: Path) -> ErrorList:
    errors: ErrorList = []
    for name in sorted(resources or ()):
        at = path.key(name)
        errors += _validate_resource_name(name, at)
        errors += validate_resource_quantity_value(name, Quantity.parse((resources or {})[name]), at)
    return errors


def _validate_spec(spec: Object) -> ErrorList:
    hard = sorted(spec.get("hard") or ())
    errors = _validate_list(spec.get("hard"), _SPEC.child("hard"))
    errors += _validate_scopes(spec.get("scopes") or [], hard)
    selector = spec.get("scopeSelector")
    if selector is not None:
        errors += _validate_selector(selector, spec.get("scopes"), hard)
    return errors


def _fits(scope: str, resource: str) -> bool:
    return scope not in SCOPE_RESOURCES or resource in SCOPE_RESOURCES[scope]


def _validate_scopes(scopes: list[str], hard: list[str]) -> ErrorList:
    errors: ErrorList = []
    at = _SPEC.child("scopes")
    for scope in scopes:
        if scope not in SCOPE_RESOURCES:
            errors.append(field.invalid(at, scopes, "unsupported scope"))
        misfits = [r for r in hard if is_standard_quota_resource(r) and not _fits(scope, r)]
        errors += [field.invalid(at, scopes, "unsupported scope applied to resource") for _ in misfits]
    return errors + [field.invalid(at, scopes, "conflicting scopes") for pair in _CONFLICTS if pair <= set(scopes)]


def _internal_selector(selector: Object) -> Object:
    expressions = selector.get("matchExpressions")
    if expressions is None:
        return {"MatchExpressions": None}
    rows = [
        {"ScopeName": r.get("scopeName", ""), "Operator": r.get("operator", ""), "Values": r.get("values")}
        for r in expressions
    ]
    return {"MatchExpressions": rows}


def _validate_selector(selector: Object, scopes: list[str] | None, hard: list[str]) -> ErrorList:
    errors: ErrorList = []
    at = _SPEC.child("scopeSelector", "matchExpressions")
    seen: set[str] = set()
    for requirement in selector.get("matchExpressions") or ():
        scope, operator = requirement.get("scopeName", ""), requirement.get("operator", "")
        if scope not in SCOPE_RESOURCES:
            errors.append(field.invalid(at.child("scopeName"), scope, "unsupported scope"))
        misfits = [r for r in hard if is_standard_quota_resource(r) and not _fits(scope, r)]
        shown = _internal_selector(selector)
        errors += [field.invalid(at, shown, "unsupported scope applied to resource") for _ in misfits]
        if scope in _EXISTS_ONLY and operator != "Exists":
            errors.append(field.invalid(at.child("operator"), operator, _MUST_EXIST))
        errors += _validate_operator(operator, requirement.get("values"), at)
        seen.add(scope)
    return errors + [field.invalid(at, scopes, "conflicting scopes") for pair in _CONFLICTS if pair <= seen]


def _validate_operator(operator: str, values: list[str] | None, path: Path) -> ErrorList:
    if operator in ("In", "NotIn"):
        detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
        return [] if values else [field.required(path.child("values"), detail)]
    if operator in ("Exists", "DoesNotExist"):
        detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
        return [field.invalid(path.child("values"), values, detail)] if values else []
    return [field.invalid(path.child("operator"), operator, "not a valid selector operator")]


def set_quota_defaults(obj: Object) -> None:
    """Upstream: SetDefaults_ResourceList."""
    round_up_to_milli(obj.get("spec", {}).get("hard"))
    for name in ("hard", "used"):
        round_up_to_milli(obj.get("status", {}).get(name))


class ResourceQuotaStrategy(Strategy):
    """Rules of quotas."""

    reset_fields = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        return errors + _validate_spec(obj.get("spec", {}))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"]) + _validate_spec(obj.get("spec", {}))
        new, before = obj.get("spec", {}).get("scopes"), old.get("spec", {}).get("scopes")
        if set(new or ()) != set(before or ()):
            errors.append(field.invalid(_SPEC.child("scopes"), new, FIELD_IMMUTABLE))
        return errors


class ResourceQuotaStatusStrategy(ResourceQuotaStrategy):
    """Rules of the status subresource."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        for name in ("hard", "used"):
            errors += _validate_list(obj.get("status", {}).get(name), _STATUS.child(name))
        return errors


def _cells(obj: Object) -> list[Any]:
    status = obj.get("status", {})
    hard, used = status.get("hard") or {}, status.get("used") or {}
    texts = {name: f"{name}: {used.get(name, '0')}/{hard[name]}" for name in sorted(hard)}
    limits = [name for name in texts if name.startswith("limits.")]
    return [
        obj["metadata"]["name"],
        ", ".join(text for name, text in texts.items() if name not in limits),
        ", ".join(texts[name] for name in limits),
        age(obj),
    ]


_COLUMNS = (
    NAME_COLUMN,
    Column("Request", description="Request represents a minimum amount of cpu/memory that a container may consume."),
    Column(
        "Limit",
        description=(
            "Limits control the maximum amount of cpu/memory that a container may use independent of contention on "
            "the node."
        ),
    ),
    AGE_COLUMN,
)

RESOURCE = ResourceDefinition(
    group="",
    resource="resourcequotas",
    kind="ResourceQuota",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("", "v1", "ResourceQuota"),
            default=set_quota_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=ResourceQuotaStrategy(),
    return_deleted_object=True,
    singular="resourcequota",
    short_names=("quota",),
    subresources=(Subresource("status", strategy=ResourceQuotaStatusStrategy()),),
)
