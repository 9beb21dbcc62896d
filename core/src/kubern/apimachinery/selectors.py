"""Label and field selectors: parse once to a predicate (upstream: apimachinery/pkg/labels and pkg/fields).

A parsed selector keeps its requirements (for authorization and for indexes) and compiles to one closure.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from kubern.apimachinery.names import is_qualified_name, is_valid_label_value
from kubern.util.goquote import go_quote

Labels = Mapping[str, str]
Predicate = Callable[[Labels], bool]
_INT64_DIGITS = 19
_INT64 = 1 << 63


class SelectorError(ValueError):
    """A selector that does not parse; the message is upstream's."""


@dataclasses.dataclass(frozen=True, slots=True)
class Requirement:
    """One term. `operator` is one of in, notin, =, ==, !=, exists, !, gt, lt."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Labels) -> bool:
        value = labels.get(self.key)
        match self.operator:
            case "in" | "=" | "==":
                return value is not None and value in self.values
            case "notin" | "!=":
                return value is None or value not in self.values
            case "exists":
                return value is not None
            case "!":
                return value is None
            case _:
                return _compare(value, self.operator, self.values[0])

    def __str__(self) -> str:
        match self.operator:
            case "exists":
                return self.key
            case "!":
                return "!" + self.key
            case "in" | "notin":
                return f"{self.key} {self.operator} ({','.join(sorted(self.values))})"
            case "gt" | "lt":
                return f"{self.key}{'>' if self.operator == 'gt' else '<'}{self.values[0]}"
            case _:
                return f"{self.key}{self.operator}{self.values[0]}"


def _compare(value: str | None, operator: str, bound: str) -> bool:
    number, limit = parse_int(value or ""), parse_int(bound)
    if number is None or limit is None:
        return False
    return number > limit if operator == "gt" else number < limit


def parse_int(text: str) -> int | None:
    """A number as strconv.ParseInt reads it (digits alone, 64 bits), else None."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    significant = digits.lstrip("0") or "0"
    if not (digits.isascii() and digits.isdigit()) or len(significant) > _INT64_DIGITS:
        return None
    number = -int(significant) if text[0] == "-" else int(significant)
    return number if -_INT64 <= number < _INT64 else None


class Selector:
    """A conjunction of requirements."""

    __slots__ = ("matches", "requirements")

    def __init__(self, requirements: tuple[Requirement, ...]) -> None:
        self.requirements = requirements
        self.matches: Predicate = _compile(requirements)

    @property
    def empty(self) -> bool:
        return not self.requirements

    def exact(self, key: str) -> str | None:
        """The one value that `key` must have, None when the selector does not say."""
        for r in self.requirements:
            if r.key == key and (r.operator in ("=", "==") or (r.operator == "in" and len(r.values) == 1)):
                return r.values[0]
        return None

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


def _everything(_: Labels) -> bool:
    return True


def _compile(requirements: tuple[Requirement, ...]) -> Predicate:
    if not requirements:
        return _everything
    if len(requirements) == 1:
        only = requirements[0]
        if only.operator in ("=", "==") and only.values[0] != "":
            key, value = only.key, only.values[0]
            return lambda labels: labels.get(key) == value
        return only.matches
    return lambda labels: all(r.matches(labels) for r in requirements)


EVERYTHING = Selector(())


# ---------------------------------------------------------------- label selectors

_SYMBOLS = {")": "CLOSED", ",": "COMMA", "!": "!", "==": "==", "=": "=", "in": "in", "!=": "!=", "notin": "notin"}
_SYMBOLS |= {"(": "OPEN", ">": "gt", "<": "lt"}
_SPECIAL = frozenset("=!(),><")
_SPACE = frozenset(" \t\r\n")
_KEY_OPERATORS = ("in", "notin", "=", "==", "!=", "gt", "lt")


def _tokens(text: str) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    i, n = 0, len(text)
    while i < n:
        char = text[i]
        if char in _SPACE:
            i += 1
            continue
        start = i
        if char in _SPECIAL:
            while i < n and text[i] in _SPECIAL and (i == start or text[start : i + 1] in _SYMBOLS):
                i += 1
            word = text[start:i]
            out.append((_SYMBOLS.get(word, "ERROR"), word))
            continue
        while i < n and text[i] not in _SPECIAL and text[i] not in _SPACE:
            i += 1
        word = text[start:i]
        out.append((_SYMBOLS.get(word, "ID"), word))
    out.append(("END", ""))
    return out


class _LabelParser:
    """Recursive descent as upstream's labels.Parser, with its error texts."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.position = 0

    def lookahead(self, values: bool = False) -> tuple[str, str]:
        token, literal = self.tokens[self.position]
        if values and token in ("in", "notin"):
            token = "ID"
        return token, literal

    def consume(self, values: bool = False) -> tuple[str, str]:
        found = self.lookahead(values)
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return found

    def parse(self) -> tuple[Requirement, ...]:
        requirements: list[Requirement] = []
        while True:
            token, literal = self.lookahead()
            if token in ("ID", "!", "in", "notin"):
                try:
                    requirements.append(self.requirement())
                except SelectorError as error:
                    raise SelectorError(f"unable to parse requirement: {error}") from None
                token, literal = self.consume()
                if token == "END":
                    return tuple(sorted(requirements, key=lambda r: r.key))
                if token != "COMMA":
                    raise SelectorError(f"found '{literal}', expected: ',' or 'end of string'")
                after, text = self.lookahead()
                if after not in ("ID", "!", "in", "notin"):
                    raise SelectorError(f"found '{text}', expected: identifier after ','")
            elif token == "END":
                return tuple(requirements)
            else:
                raise SelectorError(f"found '{literal}', expected: !, identifier, or 'end of string'")

    def requirement(self) -> Requirement:
        key, operator = self.key_and_operator()
        if operator in ("exists", "!"):
            return _new_requirement(key, operator, ())
        token, literal = self.consume()
        if token not in _KEY_OPERATORS:
            expected = "in, notin, =, ==, !=, gt, lt"
            raise SelectorError(f"found '{literal}', expected: {expected}")
        if token in ("in", "notin"):
            return _new_requirement(key, token, self.values())
        return _new_requirement(key, token, (self.exact_value(),))

    def key_and_operator(self) -> tuple[str, str]:
        operator = ""
        token, literal = self.consume(values=True)
        if token == "!":
            operator = "!"
            token, literal = self.consume(values=True)
        if token != "ID":
            raise SelectorError(f"found '{literal}', expected: identifier")
        _check_key(literal)
        after, _ = self.lookahead()
        if after in ("END", "COMMA") and operator != "!":
            operator = "exists"
        return literal, operator

    def values(self) -> tuple[str, ...]:
        token, literal = self.consume(values=True)
        if token != "OPEN":
            raise SelectorError(f"found '{literal}' expected: '('")
        token, literal = self.lookahead(values=True)
        if token in ("ID", "COMMA"):
            found = self.identifiers()
            token, literal = self.consume()
            if token != "CLOSED":
                raise SelectorError(f"found '{literal}', expected: ')'")
            return found
        if token == "CLOSED":
            self.consume(values=True)
            return ("",)
        raise SelectorError(f"found '{literal}', expected: ',', ')' or identifier")

    def identifiers(self) -> tuple[str, ...]:
        found: list[str] = []
        while True:
            token, literal = self.consume(values=True)
            if token == "ID":
                found.append(literal)
                token, literal = self.lookahead(values=True)
                if token == "COMMA":
                    continue
                if token == "CLOSED":
                    return tuple(sorted(set(found)))
                raise SelectorError(f"found '{literal}', expected: ',' or ')'")
            if token == "COMMA":
                token, literal = self.lookahead(values=True)
                if not found or token == "COMMA":
                    found.append("")
                if token == "CLOSED":
                    found.append("")
                    return tuple(sorted(set(found)))
                if token == "COMMA":
                    self.consume(values=True)
                    found.append("")
            else:
                raise SelectorError(f"found '{literal}', expected: ',', or identifier")

    def exact_value(self) -> str:
        token, _ = self.lookahead(values=True)
        if token in ("END", "COMMA"):
            return ""
        token, literal = self.consume(values=True)
        if token == "ID":
            return literal
        raise SelectorError(f"found '{literal}', expected: identifier")


def _check_key(key: str) -> None:
    problems = is_qualified_name(key)
    if problems:
        raise SelectorError(f"<nil>: Invalid value: {go_quote(key)}: {'; '.join(problems)}")


def _new_requirement(key: str, operator: str, values: tuple[str, ...]) -> Requirement:
    if operator in ("gt", "lt"):
        for value in values:
            if parse_int(value) is None:
                raise SelectorError(
                    f"values[0]: Invalid value: {go_quote(value)}: for 'Gt', 'Lt' operators, the value must be an integer"
                )
    problems = []
    for i, value in enumerate(values):
        faults = is_valid_label_value(value)
        if faults:
            problems.append(f"values[{i}][{key}]: Invalid value: {go_quote(value)}: {'; '.join(faults)}")
    if problems:
        raise SelectorError(problems[0] if len(problems) == 1 else "[" + ", ".join(problems) + "]")
    return Requirement(key, operator, values)


def parse_label_selector(text: str) -> Selector:
    """A label selector from a query. Raises SelectorError."""
    if not text:
        return EVERYTHING
    return Selector(_LabelParser(text).parse())


_OBJECT_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}


def label_selector_of(selector: Mapping[str, Any]) -> Selector:
    """A metav1.LabelSelector; an empty one selects everything (upstream: LabelSelectorAsSelector)."""
    requirements = [Requirement(key, "in", (value,)) for key, value in (selector.get("matchLabels") or {}).items()]
    for expression in selector.get("matchExpressions") or ():
        operator = _OBJECT_OPERATORS[expression["operator"]]
        requirements.append(Requirement(expression["key"], operator, tuple(expression.get("values") or ())))
    return Selector(tuple(requirements)) if requirements else EVERYTHING


# ---------------------------------------------------------------- field selectors

_FIELD_OPERATORS = ("!=", "==", "=")


def _split_terms(text: str) -> list[str]:
    terms, current, escaped = [], "", False
    for char in text:
        if escaped:
            current += char
            escaped = False
        elif char == "\\":
            current += char
            escaped = True
        elif char == ",":
            terms.append(current)
            current = ""
        else:
            current += char
    terms.append(current)
    return terms


def _unescape(value: str) -> str:
    out, escaped = "", False
    for char in value:
        if escaped:
            if char not in "\\,=":
                raise SelectorError(f"invalid field selector: invalid escape sequence: \\{char}")
            out += char
            escaped = False
        elif char == "\\":
            escaped = True
        elif char in ",=":
            raise SelectorError(f"invalid field selector: unescaped special character: {char}")
        else:
            out += char
    if escaped:
        raise SelectorError("invalid field selector: invalid escape sequence: \\")
    return out


def _split_term(term: str) -> tuple[str, str, str] | None:
    i = 0
    while i < len(term):
        if term[i] == "\\":
            i += 2
            continue
        for operator in _FIELD_OPERATORS:
            if term.startswith(operator, i):
                return term[:i], operator, term[i + len(operator) :]
        i += 1
    return None


def parse_field_selector(text: str) -> Selector:
    """A field selector from a query: terms `field=value`, `==`, `!=`, joined by commas. Raises SelectorError."""
    requirements = []
    for term in sorted(_split_terms(text)):
        if not term:
            continue
        split = _split_term(term)
        if split is None:
            raise SelectorError(f"invalid selector: '{text}'; can't understand '{term}'")
        key, operator, raw = split
        value = _unescape(raw)
        requirements.append(Requirement(key, "!=" if operator == "!=" else "=", (value,)))
    return Selector(tuple(requirements)) if requirements else EVERYTHING
