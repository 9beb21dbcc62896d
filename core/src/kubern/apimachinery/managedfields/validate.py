"""Does a value fit its type? What server-side apply refuses, in upstream's words (typed/validate.go)."""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.managedfields import elements
from kubern.apimachinery.managedfields.errors import Problem, TypedError
from kubern.apimachinery.managedfields.types import BOOLEAN, LIST, MAP, NUMERIC, SCALAR, STRING, ListType, MapType, Type
from kubern.apimachinery.managedfields.values import item_element, item_elements
from kubern.util.goprint import print_syntax, print_value, type_of


def validate(type_: Type, value: Any, allow_duplicates: bool = False) -> None:
    """Raise TypedError when `value` does not fit; sets and keyed lists may repeat items only if allowed."""
    problems: list[Problem] = []
    _validate(type_, value, allow_duplicates, problems)
    if problems:
        raise TypedError(problems)


def _validate(type_: Type, value: Any, duplicates: bool, problems: list[Problem]) -> None:
    """Add the problems of `value`, their paths relative to it."""
    form = type_.form(value)
    if form == SCALAR:
        message = scalar_problem(type_.scalar or "", value)
        if message:
            problems.append(("", message))
    elif form == MAP and type_.map is not None:
        _validate_map(type_.map, value, duplicates, problems)
    elif form == LIST and type_.list is not None:
        _validate_list(type_.list, value, duplicates, problems)


def _prefix(problems: list[Problem], since: int, prefix: str) -> None:
    """Make the newest problems relative to the parent. Paths cost nothing while there are none."""
    problems[since:] = [(prefix + path, message) for path, message in problems[since:]]


def scalar_problem(scalar: str, value: Any) -> str:
    """What is wrong with a scalar, "" for nothing. Null fits every scalar type."""
    if value is None:
        return ""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if scalar == NUMERIC:
        return "" if number else f"expected numeric (int or float), got {type_of(value)}"
    if scalar == STRING:
        if isinstance(value, str):
            return ""
        return "expected string, got &value.valueUnstructured{Value:" + print_syntax(_as_floats(value)) + "}"
    if scalar == BOOLEAN:
        return "" if isinstance(value, bool) else f"expected boolean, got {_shown(value)}"
    return f"expected any scalar, got {_shown(value)}" if isinstance(value, (dict, list)) else ""


def _shown(value: Any) -> str:
    return "&{" + print_value(_as_floats(value)) + "}"


def _as_floats(value: Any) -> Any:
    """Numbers as upstream holds them in an applied configuration, whose decoder knows no integers."""
    if isinstance(value, dict):
        return {name: _as_floats(member) for name, member in value.items()}
    if isinstance(value, list):
        return list(map(_as_floats, value))
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _validate_map(type_: MapType, value: Any, duplicates: bool, problems: list[Problem]) -> None:
    if not isinstance(value, dict):
        if value is not None:
            problems.append(("", f"expected map, got {_shown(value)}"))
        return
    for name, member in value.items():
        child = type_.child(name)
        if child is None:
            problems.append(("." + name, "field not declared in schema"))
            return
        # Most of an object is text, then whole numbers.
        scalar = child.scalar
        if scalar is not None:
            kind = member.__class__
            if (kind is str and scalar != NUMERIC and scalar != BOOLEAN) or (kind is int and scalar == NUMERIC):
                continue
        since = len(problems)
        _validate(child, member, duplicates, problems)
        if len(problems) > since:
            _prefix(problems, since, "." + name)


def _validate_list(type_: ListType, value: Any, duplicates: bool, problems: list[Problem]) -> None:
    if not isinstance(value, list):
        if value is not None:
            problems.append(("", f"expected list, got {_shown(value)}"))
        return
    if not type_.associative:
        for i, item in enumerate(value):
            since = len(problems)
            _validate(type_.element, item, duplicates, problems)
            if len(problems) > since:
                _prefix(problems, since, f"[{i}]")
        return
    names, failure = _names(type_, value)
    seen = set()
    repeated = len(set(names)) < len(names) and not duplicates
    for name, item in zip(names, value, strict=False):
        if repeated and name in seen:
            problems.append(("", f"duplicate entries for key {elements.show_element(name)}"))
        seen.add(name)
        since = len(problems)
        _validate(type_.element, item, duplicates, problems)
        if len(problems) > since:
            _prefix(problems, since, elements.show_element(name))
    if failure:
        problems.append(("", failure))


def _names(type_: ListType, value: list[Any]) -> tuple[list[str], str]:
    """The path elements of the items, up to the first that has none, and what is wrong with that one."""
    try:
        return item_elements(type_, value), ""
    except TypedError:
        names = []
        for i, item in enumerate(value):
            try:
                names.append(item_element(type_, item))
            except TypedError as error:
                return names, f"element {i}: {error}"
        raise
