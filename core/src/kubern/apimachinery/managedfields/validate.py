"""Does a value fit its type? What server-side apply refuses, in upstream's words (typed/validate.go)."""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.managedfields import elements
from kubern.apimachinery.managedfields.errors import Problem, TypedError
from kubern.apimachinery.managedfields.types import BOOLEAN, LIST, MAP, NUMERIC, SCALAR, STRING, ListType, MapType, Type
from kubern.apimachinery.managedfields.values import item_element
from kubern.util.goprint import print_syntax, print_value, type_of


def validate(type_: Type, value: Any, allow_duplicates: bool = False) -> None:
    """Raise TypedError when `value` does not fit; sets and keyed lists may repeat items only if allowed."""
    problems: list[Problem] = []
    _validate(type_, value, "", allow_duplicates, problems)
    if problems:
        raise TypedError(problems)


def _validate(type_: Type, value: Any, path: str, duplicates: bool, problems: list[Problem]) -> None:
    form = type_.form(value)
    if form == SCALAR:
        message = scalar_problem(type_.scalar or "", value)
        if message:
            problems.append((path, message))
    elif form == MAP and type_.map is not None:
        _validate_map(type_.map, value, path, duplicates, problems)
    elif form == LIST and type_.list is not None:
        _validate_list(type_.list, value, path, duplicates, problems)


def scalar_problem(scalar: str, value: Any) -> str:
    """What is wrong with a scalar, "" for nothing. Null fits every scalar type."""
    if value is None:
        return ""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if scalar == NUMERIC:
        return "" if number else f"expected numeric (int or float), got {type_of(value)}"
    if scalar == STRING:
        shown = "&value.valueUnstructured{Value:" + print_syntax(value) + "}"
        return "" if isinstance(value, str) else f"expected string, got {shown}"
    if scalar == BOOLEAN:
        return "" if isinstance(value, bool) else f"expected boolean, got {_shown(value)}"
    return f"expected any scalar, got {_shown(value)}" if isinstance(value, (dict, list)) else ""


def _shown(value: Any) -> str:
    return "&{" + print_value(value) + "}"


def _validate_map(type_: MapType, value: Any, path: str, duplicates: bool, problems: list[Problem]) -> None:
    if not isinstance(value, dict):
        if value is not None:
            problems.append((path, f"expected map, got {_shown(value)}"))
        return
    for name, member in value.items():
        child = type_.child(name)
        if child is None:
            problems.append((f"{path}.{name}", "field not declared in schema"))
            return
        # Text is checked without a call and without building its path: most of an object is text.
        if child.kind == SCALAR and (member.__class__ is str and child.scalar != NUMERIC and child.scalar != BOOLEAN):
            continue
        _validate(child, member, f"{path}.{name}", duplicates, problems)


def _validate_list(type_: ListType, value: Any, path: str, duplicates: bool, problems: list[Problem]) -> None:
    if not isinstance(value, list):
        if value is not None:
            problems.append((path, f"expected list, got {_shown(value)}"))
        return
    seen = set()
    for i, item in enumerate(value):
        if type_.associative:
            try:
                element = item_element(type_, item)
            except TypedError as error:
                problems.append((path, f"element {i}: {error}"))
                return
            if element in seen and not duplicates:
                problems.append((path, f"duplicate entries for key {elements.show_element(element)}"))
            seen.add(element)
            below = path + elements.show_element(element)
        else:
            below = f"{path}[{i}]"
        _validate(type_.element, item, below, duplicates, problems)
