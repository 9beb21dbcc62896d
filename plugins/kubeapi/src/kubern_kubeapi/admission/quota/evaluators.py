"""What objects use of a quota, by resource (upstream: pkg/quota/v1/evaluator/core).

The evaluator here counts objects; `services.py`, `pods.py`, `claims.py` and `deviceclaims.py` have those that know more.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from kubern.admission.interface import CREATE
from kubern_kubeapi.admission.quota.usage import ONE, Usage

Object = dict[str, Any]


class Scope(NamedTuple):
    """A requirement of a quota on the objects that it counts."""

    name: str
    operator: str = "Exists"
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{{{self.name} {self.operator} [{' '.join(self.values)}]}}"


def scopes_of(spec: Object) -> list[Scope]:
    """The scopes of a quota's spec, those of its scopeSelector last."""
    selector = spec.get("scopeSelector") or {}
    return [Scope(name) for name in spec.get("scopes") or ()] + parse_scopes(selector.get("matchExpressions") or ())


def parse_scopes(requirements: Any) -> list[Scope]:
    """ScopedResourceSelectorRequirements as Scopes."""
    return [Scope(r.get("scopeName", ""), r.get("operator", ""), tuple(r.get("values") or ())) for r in requirements]


def matches_values(scope: Scope, values: list[str]) -> bool:
    """Whether one of an object's values, or their lack, is what a scope asks for."""
    match scope.operator:
        case "Exists":
            return bool(values)
        case "DoesNotExist":
            return not values
        case "In":
            return any(value in scope.values for value in values)
        case "NotIn":
            return not values or any(value not in scope.values for value in values)
    return False


class Evaluator(Protocol):
    """Measures objects of one resource."""

    def handles(self, operation: str, subresource: str) -> bool:
        """Whether the operation can change what is used."""
        ...

    async def bind(self, obj: Object) -> Evaluator:
        """An evaluator that has at hand what it must look up to measure `obj`; itself when that is nothing."""
        ...

    def matching_resources(self, names: list[str]) -> list[str]:
        """Those of a quota's limits that objects of this resource count towards."""
        ...

    def matches_scope(self, scope: Scope, obj: Object) -> bool: ...

    def constraint_problem(self, required: list[str], obj: Object) -> str:
        """What the object must state for these limits and does not."""
        ...

    def usage(self, obj: Object) -> Usage: ...


class ObjectCount:
    """Counts objects as `count/RESOURCE.GROUP`, and under an older name for a few."""

    def __init__(self, group: str, resource: str, alias: str = "") -> None:
        self.count = f"count/{resource}.{group}" if group else f"count/{resource}"
        self._usage: Usage = {self.count: ONE}
        if alias:
            self._usage[alias] = ONE

    def handles(self, operation: str, subresource: str) -> bool:
        return operation == CREATE and not subresource

    async def bind(self, obj: Object) -> Evaluator:
        return self

    def matching_resources(self, names: list[str]) -> list[str]:
        return [name for name in names if name in self._usage]

    def matches_scope(self, scope: Scope, obj: Object) -> bool:
        return False

    def constraint_problem(self, required: list[str], obj: Object) -> str:
        return ""

    def usage(self, obj: Object) -> Usage:
        return self._usage
