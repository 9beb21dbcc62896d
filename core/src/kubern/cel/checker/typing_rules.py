"""Which type may stand for which: unification of cel-go's checker (checker/types.go).

A mapping holds what type variables have been bound to; it is copied before an attempt and kept only when the
attempt succeeds.
Next: `checker.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubern.cel.types import DYN, Kind, Type

Mapping = dict[str, Type]

_SIMPLE = frozenset(
    {Kind.BOOL, Kind.BYTES, Kind.DOUBLE, Kind.DURATION, Kind.INT, Kind.STRING, Kind.UINT, Kind.TIMESTAMP}
)
_NULLABLE = frozenset({Kind.OPAQUE, Kind.DURATION, Kind.STRUCT, Kind.ANY, Kind.TIMESTAMP, Kind.NULL})
_WILDCARD = frozenset({Kind.DYN, Kind.ANY, Kind.ERROR})
_PARAMETERIZED = frozenset({Kind.OPAQUE, Kind.LIST, Kind.MAP})
_CONTAINERS = frozenset({Kind.OPAQUE, Kind.LIST, Kind.MAP, Kind.TYPE})


def same_type(left: Type, right: Type) -> bool:
    """Equality of types down to their parameters (IsExactType)."""
    if left is right:
        return True
    if left.kind is not right.kind or left.name != right.name or len(left.params) != len(right.params):
        return False
    return all(same_type(a, b) for a, b in zip(left.params, right.params, strict=True))


def assignable_all(mapping: Mapping, types: Iterable[Type], wanted: Iterable[Type]) -> Mapping | None:
    """The mapping under which each type may stand for the wanted one, None when there is none."""
    trial = dict(mapping)
    for given, want in zip(types, wanted, strict=True):
        if not _assignable(trial, given, want):
            return None
    return trial


def assignable(mapping: Mapping, given: Type, want: Type) -> Mapping | None:
    """As `assignable_all`, for one pair."""
    trial = dict(mapping)
    return trial if _assignable(trial, given, want) else None


def _assignable(mapping: Mapping, given: Type, want: Type) -> bool:
    if given is want and not given.generic:
        return True
    if want.kind is Kind.TYPE_PARAM:
        valid, bound = _substitutes(mapping, given, want)
        if valid or bound:
            return valid
    if given.kind is Kind.TYPE_PARAM:
        return _substitutes(mapping, want, given)[0]
    if given.kind in _WILDCARD or want.kind in _WILDCARD:
        return True
    if given.kind is Kind.NULL:
        return want.kind in _NULLABLE
    if want.kind is Kind.NULL:
        return given.kind in _NULLABLE
    if given.kind is not want.kind:
        return False
    if given.kind in _SIMPLE or given.kind is Kind.TYPE:
        return True
    if given.kind is Kind.STRUCT:
        return given.name == want.name
    if given.kind in _PARAMETERIZED:
        return given.name == want.name and _assignable_params(mapping, given.params, want.params)
    return False


def _assignable_params(mapping: Mapping, given: tuple[Type, ...], want: tuple[Type, ...]) -> bool:
    if len(given) != len(want):
        return False
    return all(_assignable(mapping, a, b) for a, b in zip(given, want, strict=True))


def _substitutes(mapping: Mapping, given: Type, param: Type) -> tuple[bool, bool]:
    """Whether `given` may be what `param` stands for, and whether `param` stood for something."""
    if given.kind is Kind.TYPE_PARAM and given.name == param.name:
        return True, True
    bound = mapping.get(param.name)
    if bound is None:
        if _occurs(mapping, param, given):
            return False, False
        mapping[param.name] = given
        return True, False
    if same_type(given, bound):
        return True, True
    if not _assignable(mapping, given, bound):
        return False, True
    general = most_general(given, bound)
    if not _occurs(mapping, param, general):
        mapping[param.name] = general
    return True, True


def _occurs(mapping: Mapping, param: Type, within: Type) -> bool:
    if within.kind is Kind.TYPE_PARAM:
        if within.name == param.name:
            return True
        bound = mapping.get(within.name)
        return bound is not None and _occurs(mapping, param, bound)
    if within.kind in _CONTAINERS:
        return any(_occurs(mapping, param, inner) for inner in within.params)
    return False


def most_general(left: Type, right: Type) -> Type:
    """The less specific of two compatible types."""
    return left if _less_specific(left, right) else right


def _less_specific(left: Type, right: Type) -> bool:
    if left.is_dyn or left.kind is Kind.TYPE_PARAM:
        return True
    if right.is_dyn or right.kind is Kind.TYPE_PARAM:
        return False
    if left.kind is not right.kind:
        return False
    if left.kind in _PARAMETERIZED:
        if left.name != right.name or len(left.params) != len(right.params):
            return False
        return all(_less_specific(a, b) for a, b in zip(left.params, right.params, strict=True))
    return left.kind is Kind.TYPE or same_type(left, right)


def substitute(mapping: Mapping, of: Type, free_to_dyn: bool = False) -> Type:
    """The type with its variables replaced by what they are bound to; free ones by dyn if asked for."""
    if not of.generic:
        return of
    if of.kind is Kind.TYPE_PARAM:
        bound = mapping.get(of.name)
        if bound is not None:
            return substitute(mapping, bound, free_to_dyn)
        return DYN if free_to_dyn else of
    return Type(of.kind, of.name, tuple(substitute(mapping, param, free_to_dyn) for param in of.params))
