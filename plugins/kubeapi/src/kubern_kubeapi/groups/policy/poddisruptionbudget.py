"""The PodDisruptionBudget kind (policy). Next: the eviction subresource of pods, which consults it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.conditions import validate_conditions
from kubern.apimachinery.validation.formats import (
    validate_not_more_than_100_percent,
    validate_positive_int_or_percent,
)
from kubern.apimachinery.validation.objectmeta import validate_nonnegative
from kubern.apimachinery.validation.selector import validate_label_selector
from kubern.registry.strategy import Strategy, bump_generation, keep_status
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.gostruct import META_TYPES

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

EVICTION_POLICIES = ("AlwaysAllow", "IfHealthyBudget")
_SPEC = Path("spec")
_STATUS = Path("status")
_COUNTS = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")


def _internal(spec: Object) -> Object:
    """The spec as messages show it."""
    return {
        "MinAvailable": spec.get("minAvailable"),
        "Selector": META_TYPES.render("LabelSelector", spec.get("selector")),
        "MaxUnavailable": spec.get("maxUnavailable"),
        "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
    }


def _validate_spec(spec: Object, any_label_value: bool) -> ErrorList:
    errors: ErrorList = []
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        errors.append(field.invalid(_SPEC, _internal(spec), "minAvailable and maxUnavailable cannot be both set"))
    for name in ("minAvailable", "maxUnavailable"):
        value = spec.get(name)
        if value is not None:
            errors += validate_positive_int_or_percent(value, _SPEC.child(name))
            errors += validate_not_more_than_100_percent(value, _SPEC.child(name))
    at = _SPEC.child("selector")
    errors += validate_label_selector(spec.get("selector"), at, allow_invalid_label_value=any_label_value)
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in EVICTION_POLICIES:
        errors.append(field.not_supported(_SPEC.child("unhealthyPodEvictionPolicy"), policy, EVICTION_POLICIES))
    return errors


class PodDisruptionBudgetStrategy(Strategy):
    """Rules of disruption budgets."""

    allow_unconditional_update = False
    reset_fields = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1
        obj["status"] = {}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        bump_generation(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return _validate_spec(obj.get("spec", {}), False)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        lenient = bool(validate_label_selector(old.get("spec", {}).get("selector"), _SPEC))
        return _validate_spec(obj.get("spec", {}), lenient)


class PodDisruptionBudgetStatusStrategy(PodDisruptionBudgetStrategy):
    """Rules of the status subresource."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        status = obj.get("status", {})
        errors = validate_conditions(status.get("conditions"), _STATUS.child("conditions"))
        for name in _COUNTS:
            errors += validate_nonnegative(status.get(name, 0), _STATUS.child(name))
        return errors


def _cells(obj: Object) -> list[Any]:
    spec = obj.get("spec", {})
    limits = [str(spec[n]) if spec.get(n) is not None else "N/A" for n in ("minAvailable", "maxUnavailable")]
    return [obj["metadata"]["name"], *limits, obj.get("status", {}).get("disruptionsAllowed", 0), age(obj)]


_COLUMNS = (
    NAME_COLUMN,
    Column("Min Available", description="The minimum number of pods that must be available."),
    Column("Max Unavailable", description="The maximum number of pods that may be unavailable."),
    Column(
        "Allowed Disruptions",
        "integer",
        description="Calculated number of pods that may be disrupted at this time.",
    ),
    AGE_COLUMN,
)

RESOURCE = ResourceDefinition(
    group="policy",
    resource="poddisruptionbudgets",
    kind="PodDisruptionBudget",
    versions=(
        VersionDefinition("v1", schema=schema("policy", "v1", "PodDisruptionBudget"), columns=_COLUMNS, cells=_cells),
    ),
    strategy=PodDisruptionBudgetStrategy(),
    singular="poddisruptionbudget",
    short_names=("pdb",),
    subresources=(Subresource("status", strategy=PodDisruptionBudgetStatusStrategy()),),
)
