"""The PriorityLevelConfiguration kind (flowcontrol.apiserver.k8s.io). Next: `flowschema.py`, which names one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, ResourceDefinition, Subresource, VersionDefinition
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.registry.strategy import Strategy, bump_generation, keep_status
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.flowcontrol.flowschema_validation import validate_conditions
from kubern_kubeapi.groups.flowcontrol.mandatory import MANDATORY_PRIORITY_LEVELS
from kubern_kubeapi.groups.gostruct import Catalog
from kubern_kubeapi.groups.objectmeta import validate_object_meta

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

EXEMPT = "exempt"
DEFAULT_SHARES = 30
MAX_QUEUES = 10_000_000
_MAX_HASH_BITS = 60
_SPEC = Path("spec")
_QUEUING_DEFAULTS = {"handSize": 8, "queues": 64, "queueLengthLimit": 50}
_NOT_NEGATIVE = "must be a non-negative integer"
_PERCENT = "must be between 0 and 100, inclusive"

_INTERNAL = Catalog(
    """
    PriorityLevelConfigurationSpec Type Limited:*LimitedPriorityLevelConfiguration Exempt:*ExemptPriorityLevelConfiguration
    LimitedPriorityLevelConfiguration NominalConcurrencyShares:i LimitResponse:LimitResponse LendablePercent:- BorrowingLimitPercent:-
    ExemptPriorityLevelConfiguration NominalConcurrencyShares:- LendablePercent:-
    LimitResponse Type Queuing:*QueuingConfiguration
    QueuingConfiguration Queues:i HandSize:i QueueLengthLimit:i
    """
)


def set_priority_level_defaults(obj: Object) -> None:
    """Upstream: the SetDefaults functions of pkg/apis/flowcontrol/v1."""
    spec = obj.setdefault("spec", {})
    for name, shares in (("limited", DEFAULT_SHARES), ("exempt", 0)):
        level = spec.get(name)
        if level is None:
            continue
        if level.get("nominalConcurrencyShares") is None:
            level["nominalConcurrencyShares"] = shares
        if level.get("lendablePercent") is None:
            level["lendablePercent"] = 0
    queuing = ((spec.get("limited") or {}).get("limitResponse") or {}).get("queuing")
    if queuing is not None:
        for name, value in _QUEUING_DEFAULTS.items():
            if not queuing.get(name):
                queuing[name] = value


def _validate_spec(spec: Object, name: str) -> ErrorList:
    errors: ErrorList = []
    kind, limited, exempt = spec.get("type", ""), spec.get("limited"), spec.get("exempt")
    if (name == EXEMPT) != (kind == "Exempt"):
        detail = "must be 'Exempt' if and only if `name` is 'exempt'"
        errors.append(field.invalid(_SPEC.child("type"), kind, detail))
    if kind == "Exempt":
        if limited is not None:
            errors.append(field.forbidden(_SPEC.child("limited"), "must be nil if the type is not Limited"))
        if exempt is not None:
            errors += _validate_exempt(exempt, _SPEC.child("exempt"))
    elif kind == "Limited":
        if exempt is not None:
            errors.append(field.forbidden(_SPEC.child("exempt"), "must be nil if the type is Limited"))
        if limited is None:
            errors.append(field.required(_SPEC.child("limited"), "must not be empty when type is Limited"))
        else:
            errors += _validate_limited(limited, _SPEC.child("limited"))
    else:
        errors.append(field.not_supported(_SPEC.child("type"), kind, ("Exempt", "Limited")))
    return errors


def _validate_shares(level: Object, path: Path) -> ErrorList:
    shares = level.get("nominalConcurrencyShares")
    if shares is None or shares >= 0:
        return []
    return [field.invalid(path.child("nominalConcurrencyShares"), shares, _NOT_NEGATIVE)]


def _validate_lendable(level: Object, path: Path) -> ErrorList:
    lendable = level.get("lendablePercent")
    if lendable is None or 0 <= lendable <= 100:
        return []
    return [field.invalid(path.child("lendablePercent"), lendable, _PERCENT)]


def _validate_exempt(exempt: Object, path: Path) -> ErrorList:
    return _validate_shares(exempt, path) + _validate_lendable(exempt, path)


def _validate_limited(limited: Object, path: Path) -> ErrorList:
    errors = _validate_shares(limited, path)
    errors += _validate_response(limited.get("limitResponse") or {}, path.child("limitResponse"))
    errors += _validate_lendable(limited, path)
    borrowing = limited.get("borrowingLimitPercent")
    if borrowing is not None and borrowing < 0:
        detail = f"if specified, {_NOT_NEGATIVE}"
        errors.append(field.invalid(path.child("borrowingLimitPercent"), borrowing, detail))
    return errors


def _validate_response(response: Object, path: Path) -> ErrorList:
    kind, queuing, at = response.get("type", ""), response.get("queuing"), path.child("queuing")
    if kind == "Reject":
        detail = "must be nil if limited.limitResponse.type is not Limited"
        return [field.forbidden(at, detail)] if queuing is not None else []
    if kind != "Queue":
        return [field.not_supported(path.child("type"), kind, ("Queue", "Reject"))]
    if queuing is None:
        return [field.required(at, "must not be empty if limited.limitResponse.type is Limited")]
    return _validate_queuing(queuing, at)


def _validate_queuing(queuing: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    limit, queues, hand = (queuing.get(n, 0) for n in ("queueLengthLimit", "queues", "handSize"))
    if limit <= 0:
        errors.append(field.invalid(path.child("queueLengthLimit"), limit, "must be positive"))
    if queues <= 0:
        errors.append(field.invalid(path.child("queues"), queues, "must be positive"))
    elif queues > MAX_QUEUES:
        errors.append(field.invalid(path.child("queues"), queues, f"must not be greater than {MAX_QUEUES}"))
    at = path.child("handSize")
    if hand <= 0:
        errors.append(field.invalid(at, hand, "must be positive"))
    elif hand > queues:
        errors.append(field.invalid(at, hand, f"should not be greater than queues ({queues})"))
    elif math.ceil(math.log2(queues) * hand) > _MAX_HASH_BITS:
        detail = (
            f"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than "
            f"{_MAX_HASH_BITS}"
        )
        errors.append(field.invalid(at, hand, detail))
    return errors


def _validate_fixed(name: str, spec: Object) -> ErrorList:
    fixed = MANDATORY_PRIORITY_LEVELS.get(name)
    if fixed is None:
        return []
    detail = f"spec of '{name}' must equal the fixed value"
    if name == EXEMPT:
        # The shares that the exempt level lends may be tuned.
        detail = f"spec of '{name}' except the 'spec.exempt' field must equal the fixed value"
        fixed = {**fixed, "exempt": spec.get("exempt")}
    if semantic_equal(spec, fixed):
        return []
    return [field.invalid(_SPEC, _INTERNAL.render("PriorityLevelConfigurationSpec", spec), detail)]


class PriorityLevelConfigurationStrategy(Strategy):
    """Rules of priority levels."""

    reset_fields = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1
        obj["status"] = {}

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        bump_generation(obj, old)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
        name, spec = obj["metadata"].get("name", ""), obj.get("spec", {})
        errors += _validate_spec(spec, name) + _validate_fixed(name, spec)
        return errors + validate_conditions(obj.get("status", {}))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return self.validate(ctx, obj)


class PriorityLevelConfigurationStatusStrategy(PriorityLevelConfigurationStrategy):
    """Rules of the status subresource."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec", {})

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_conditions(obj.get("status", {}))


def _cells(obj: Object) -> list[Any]:
    spec = obj.get("spec", {})
    limited = spec.get("limited")
    queuing = (limited.get("limitResponse") or {}).get("queuing") if limited is not None else None
    shares = limited.get("nominalConcurrencyShares", 0) if limited is not None else "<none>"
    queue_cells = [
        (queuing or {}).get(n, 0 if queuing else "<none>") for n in ("queues", "handSize", "queueLengthLimit")
    ]
    return [obj["metadata"]["name"], spec.get("type", ""), shares, *queue_cells, age(obj)]


_COLUMNS = (
    NAME_COLUMN,
    described("Type", "flowcontrol.v1.PriorityLevelConfigurationSpec.type"),
    described("NominalConcurrencyShares", "flowcontrol.v1.LimitedPriorityLevelConfiguration.nominalConcurrencyShares"),
    described("Queues", "flowcontrol.v1.QueuingConfiguration.queues"),
    described("HandSize", "flowcontrol.v1.QueuingConfiguration.handSize"),
    described("QueueLengthLimit", "flowcontrol.v1.QueuingConfiguration.queueLengthLimit"),
    AGE_COLUMN,
)

RESOURCE = ResourceDefinition(
    group="flowcontrol.apiserver.k8s.io",
    resource="prioritylevelconfigurations",
    kind="PriorityLevelConfiguration",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration"),
            default=set_priority_level_defaults,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=PriorityLevelConfigurationStrategy(),
    namespaced=False,
    singular="prioritylevelconfiguration",
    subresources=(Subresource("status", strategy=PriorityLevelConfigurationStatusStrategy()),),
)
