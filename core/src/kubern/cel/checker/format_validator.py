"""Checks of constant format strings against the types of their arguments (stringFormatValidator of cel-go).

Next: `library/format_clauses.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubern.cel.ast import Call, ListExpr, Literal, MapExpr, Node
from kubern.cel.errors import Issue
from kubern.cel.library.format_clauses import FormatError, interpolate, wrong_type
from kubern.cel.source import Source
from kubern.cel.types import Kind, Type

_INTEGERS = frozenset({Kind.INT, Kind.UINT})
_TEXT = frozenset({Kind.STRING, Kind.BYTES})
_PRINTABLE = frozenset(
    {
        Kind.STRING,
        Kind.BOOL,
        Kind.BYTES,
        Kind.INT,
        Kind.UINT,
        Kind.DOUBLE,
        Kind.TYPE,
        Kind.TIMESTAMP,
        Kind.DURATION,
        Kind.NULL,
    }
)
_KEYS = frozenset({Kind.STRING, Kind.INT, Kind.UINT, Kind.BOOL})


def format_issues(call: Call, source: Source) -> Iterator[Issue]:
    """The problems of 'text'.format([...]) where text and list are literals."""
    text, args = call.target, call.args[0] if len(call.args) == 1 else None
    if not isinstance(text, Literal) or not isinstance(text.value, str) or not isinstance(args, ListExpr):
        return
    checks = _Checks(args.elements)
    try:
        interpolate(text.value, checks, checks.argument)
    except FormatError as error:
        place = checks.culprit if checks.culprit is not None else call
        yield Issue(source.location(place.pos), str(error))
        return
    if len(args.elements) > checks.requested:
        expected, given = checks.requested, len(args.elements)
        message = f"too many arguments supplied to string.format (expected {expected}, got {given})"
        yield Issue(source.location(call.pos), message)


class _Checks:
    """Looks at types where formatting looks at values."""

    def __init__(self, args: list[Node]) -> None:
        self.args = args
        self.requested = 0
        # The argument whose type is wrong.
        self.culprit: Node | None = None

    def argument(self, index: int) -> Node:
        self.requested += 1
        if index >= len(self.args):
            raise FormatError(f"index {index} out of range")
        return self.args[index]

    def string(self, argument: Node) -> str:
        bad = _unprintable(argument)
        if bad is not None:
            self.culprit = bad
            raise wrong_type("string", bad.type.name)
        return ""

    def decimal(self, argument: Node) -> str:
        return self._one_of("decimal", argument, _INTEGERS)

    def fixed(self, argument: Node, precision: int | None) -> str:
        # Strings may be NaN or an infinity.
        return self._one_of("fixed", argument, frozenset({Kind.DOUBLE, Kind.STRING}))

    def scientific(self, argument: Node, precision: int | None) -> str:
        return self._one_of("scientific", argument, frozenset({Kind.DOUBLE, Kind.STRING}))

    def binary(self, argument: Node) -> str:
        return self._one_of("binary", argument, _INTEGERS | {Kind.BOOL})

    def hexadecimal(self, argument: Node, upper: bool) -> str:
        return self._one_of("hexadecimal", argument, _INTEGERS | _TEXT)

    def octal(self, argument: Node) -> str:
        return self._one_of("octal", argument, _INTEGERS)

    def _one_of(self, clause: str, argument: Node, kinds: frozenset[Kind]) -> str:
        of = argument.type
        if not of.is_dyn and of.kind not in kinds:
            self.culprit = argument
            raise wrong_type(clause, of.name)
        return ""


def _unprintable(node: Node) -> Node | None:
    """The part of an argument that has no text, None when all has."""
    of = node.type
    if isinstance(node, ListExpr):
        parts = node.elements
    elif isinstance(node, MapExpr):
        parts = [entry.value for entry in node.entries]
        if any(not _allowed(entry.key.type, _KEYS) for entry in node.entries):
            return node
    else:
        return None if _allowed(of, _PRINTABLE) or _is_container(of) else node
    for part in parts:
        bad = _unprintable(part)
        if bad is not None:
            return bad
    return None


def _allowed(of: Type, kinds: frozenset[Kind]) -> bool:
    return of.is_dyn or of.kind in kinds


def _is_container(of: Type) -> bool:
    if of.kind not in (Kind.LIST, Kind.MAP):
        return False
    if of.kind is Kind.MAP and of.params and not _allowed(of.params[0], _KEYS):
        return False
    return all(_allowed(param, _PRINTABLE) or _is_container(param) for param in of.params)
