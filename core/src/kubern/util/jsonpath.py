"""JSONPath as printer columns use it (upstream: client-go/util/jsonpath, missing keys allowed).

A path compiles to steps, each from a list of values to a list of values. Next: the callers, printer columns among them.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any, Final

Values = list[Any]
Step = Callable[[Values], Values]

_FIELD_END: Final = re.compile(r"(?:\\.|[^.\[\]\s{}$@\"'()?*,:|=<>!])+")
_SLICE: Final = re.compile(r"(-?\d*)(?::(-?\d*))?(?::(-?\d*))?")
_UNION: Final = re.compile(r"\s*'((?:[^'\\]|\\.)*)'\s*(?:,|$)|\s*\"((?:[^\"\\]|\\.)*)\"\s*(?:,|$)")
_FILTER: Final = re.compile(r"\?\((.*)\)", re.DOTALL)
_COMPARISON: Final = re.compile(r"^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$", re.DOTALL)
_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip


class JSONPathError(ValueError):
    """A path that cannot be read, or that does not fit the value."""


def compile_path(text: str) -> Callable[[Any], Values]:
    """A function that gives the values at the path in an object. Raises JSONPathError, also when it runs."""
    steps = tuple(_parse(text))

    def find(value: Any) -> Values:
        values = [value]
        for step in steps:
            values = step(values)
        return values

    return find


def _parse(text: str) -> list[Step]:
    steps: list[Step] = []
    at = 1 if text[:1] in ("$", "@") else 0
    while at < len(text):
        if text.startswith("..", at):
            steps.append(_descend)
            at += 2
            if at < len(text) and text[at] != "[":
                step, at = _named(text, at)
                steps.append(step)
        elif text[at] == ".":
            at += 1
            if at == len(text) or text[at] == "[":
                continue
            step, at = _named(text, at)
            steps.append(step)
        elif text[at] == "[":
            end = _closing(text, at)
            steps.append(_bracket(text[at + 1 : end].strip()))
            at = end + 1
        else:
            step, at = _named(text, at)
            steps.append(step)
    return steps


def _named(text: str, at: int) -> tuple[Step, int]:
    if text[at] == "*":
        return _wildcard, at + 1
    match = _FIELD_END.match(text, at)
    if match is None:
        raise JSONPathError(f"unrecognized character in action: {text[at]!r}")
    return _field(match[0].replace("\\", "")), match.end()


def _closing(text: str, at: int) -> int:
    """The index of the bracket that closes the one at `at`."""
    depth, quote = 0, ""
    for i in range(at, len(text)):
        char = text[i]
        if quote:
            quote = "" if char == quote and text[i - 1] != "\\" else quote
        elif char in "'\"":
            quote = char
        elif char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
            if depth == 0:
                return i
    raise JSONPathError("unterminated array")


def _bracket(text: str) -> Step:
    if text == "*":
        return _wildcard
    match = _FILTER.fullmatch(text)
    if match is not None:
        return _filter(match[1].strip())
    if text[:1] in ("'", '"'):
        names = [a or b for a, b in _UNION.findall(text)]
        return _union([_field(name) for name in names])
    if "," in text:
        return _union([_bracket(part.strip()) for part in text.split(",")])
    slice_match = _SLICE.fullmatch(text)
    if slice_match is None or not text:
        raise JSONPathError(f"invalid array index {text}")
    return _slice(text, slice_match)


def _field(name: str) -> Step:
    return lambda values: [v[name] for v in values if isinstance(v, dict) and name in v]


def _wildcard(values: Values) -> Values:
    found: Values = []
    for value in values:
        if isinstance(value, list):
            found += value
        elif isinstance(value, dict):
            found += [value[k] for k in sorted(value)]
    return found


def _descend(values: Values) -> Values:
    """Every value and everything inside it."""
    found: Values = []
    for value in values:
        if isinstance(value, (dict, list)):
            found.append(value)
            found += _descend(_wildcard([value]))
    return found


def _union(steps: list[Step]) -> Step:
    return lambda values: [found for step in steps for found in step(values)]


def _slice(text: str, match: re.Match[str]) -> Step:
    if ":" not in text:
        index = int(match[1])
        return lambda values: [_at(value, index) for value in _lists(values)]
    start, stop, step = (int(part) if part else None for part in match.groups())
    if step == 0:
        raise JSONPathError("step must be > 0")
    return lambda values: [item for value in _lists(values) for item in value[slice(start, stop, step)]]


def _lists(values: Values) -> list[list[Any]]:
    lists = []
    for value in values:
        if value is None:
            continue
        if not isinstance(value, list):
            raise JSONPathError("is not array or slice")
        lists.append(value)
    return lists


def _at(value: list[Any], index: int) -> Any:
    if not -len(value) <= index < len(value):
        raise JSONPathError(f"array index out of bounds: index {index}, length {len(value)}")
    return value[index]


def _filter(text: str) -> Step:
    match = _COMPARISON.match(text)
    if match is None:
        exists = _operand(text)
        return lambda values: [item for item in _wildcard(values) if exists(item)]
    left, right, compare = _operand(match[1]), _operand(match[3]), _OPERATORS[match[2]]

    def holds(item: Any) -> bool:
        a, b = left(item), right(item)
        return bool(a) and bool(b) and _comparable(a[0], b[0]) and compare(a[0], b[0])

    return lambda values: [item for item in _wildcard(values) if holds(item)]


def _comparable(a: Any, b: Any) -> bool:
    numbers = (int, float)
    if isinstance(a, bool) or isinstance(b, bool):
        return isinstance(a, bool) and isinstance(b, bool)
    return (isinstance(a, numbers) and isinstance(b, numbers)) or (isinstance(a, str) and isinstance(b, str))


def _operand(text: str) -> Callable[[Any], Values]:
    """One side of a comparison: a literal, or a path from the item."""
    text = text.strip()
    if len(text) >= 2 and text[0] in "'\"" and text[-1] == text[0]:
        literal: Any = text[1:-1].replace("\\" + text[0], text[0])
        return lambda item: [literal]
    if text in ("true", "false"):
        return lambda item: [text == "true"]
    try:
        number: Any = float(text) if "." in text or "e" in text.lower() else int(text)
    except ValueError:
        return compile_path(text)
    return lambda item: [number]
