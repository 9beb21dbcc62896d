"""Checks of a typed tree that find literals which can never work (cel-go's ASTValidators).

They run only when there are no type errors. Next: `library/format_clauses.py` for format strings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kubern.cel.ast import Call, ListExpr, Literal, MapExpr, Node, Shared, children
from kubern.cel.checker.format_validator import format_issues
from kubern.cel.checker.typing_rules import same_type
from kubern.cel.errors import CelError, Issue
from kubern.cel.runtime.regex import compile_pattern
from kubern.cel.runtime.times import parse_duration, parse_timestamp
from kubern.cel.source import Source
from kubern.cel.types import Type, format_type, unwrap_optional

Validator = Callable[[Node, Source], list[Issue]]


def validate(root: Node, source: Source) -> list[Issue]:
    """The problems of literals: durations, timestamps, patterns, format strings, mixed lists and maps."""
    issues: list[Issue] = []
    for node, exempt in _walk(root):
        if isinstance(node, Call):
            issues.extend(_call_issues(node, source))
        elif not exempt and isinstance(node, ListExpr):
            issues.extend(_list_issues(node, source))
        elif not exempt and isinstance(node, MapExpr):
            issues.extend(_map_issues(node, source))
    return issues


def _call_issues(node: Call, source: Source) -> list[Issue]:
    if node.function == "format":
        return list(format_issues(node, source))
    check = _LITERAL_CHECKS.get(node.function)
    argument = node.args[0] if node.args else None
    if check is None or not isinstance(argument, Literal) or check(argument.value):
        return []
    return [Issue(source.location(argument.pos), f"invalid {node.function} argument")]


def _walk(root: Node) -> Iterator[tuple[Node, bool]]:
    """All nodes, with whether they stand somewhere inside a call of format()."""
    pending = [(root, False)]
    shared: set[Node] = set()
    while pending:
        node, exempt = pending.pop()
        if isinstance(node, Shared):
            if node in shared:
                continue
            shared.add(node)
        yield node, exempt
        inside = exempt or (isinstance(node, Call) and node.function == "format")
        pending.extend((child, inside) for child in reversed(children(node)))


def _is_duration(value: object) -> bool:
    return not isinstance(value, str) or parse_duration(value) is not None


def _is_timestamp(value: object) -> bool:
    try:
        return not isinstance(value, str) or parse_timestamp(value) is not None
    except CelError:
        return False


def _is_pattern(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        compile_pattern(value)
    except CelError:
        return False
    return True


_LITERAL_CHECKS: dict[str, Callable[[object], bool]] = {
    "duration": _is_duration,
    "timestamp": _is_timestamp,
    "matches": _is_pattern,
}


def _list_issues(node: ListExpr, source: Source) -> Iterator[Issue]:
    first: Type | None = None
    for index, element in enumerate(node.elements):
        of = unwrap_optional(element.type)[0] if index in node.optionals else element.type
        if first is None:
            first = of
        elif not same_type(first, of):
            yield _mismatch(source, element, first, of)
            return


def _map_issues(node: MapExpr, source: Source) -> Iterator[Issue]:
    first_key: Type | None = None
    first_value: Type | None = None
    for entry in node.entries:
        value = unwrap_optional(entry.value.type)[0] if entry.optional else entry.value.type
        if first_key is None or first_value is None:
            first_key, first_value = entry.key.type, value
            continue
        if not same_type(first_key, entry.key.type):
            yield _mismatch(source, entry.key, first_key, entry.key.type)
        if not same_type(first_value, value):
            yield _mismatch(source, entry.value, first_value, value)


def _mismatch(source: Source, node: Node, expected: Type, found: Type) -> Issue:
    return Issue(
        source.location(node.pos),
        f"expected type '{format_type(expected)}' but found '{format_type(found)}'",
    )
