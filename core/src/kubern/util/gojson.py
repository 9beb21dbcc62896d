"""JSON bodies read as Go's encoding/json reads them, with its words for what is wrong, and texts as it writes them.

Decoding is orjson's; only a body that it refuses is scanned again to name the problem.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import orjson

from kubern.util.goquote import go_quote

_SPACE = b" \t\r\n"
_DIGITS = b"0123456789"
_HEX = b"0123456789abcdefABCDEF"
_ESCAPES = b'bfnrt\\/"'
_MAX_DEPTH = 10_000
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_END = "unexpected end of JSON input"


_HTML_ESCAPES = str.maketrans({
    "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029",
})  # fmt: skip


class JSONSyntaxError(ValueError):
    """A body that is no JSON; the text is encoding/json's."""


def encode(value: Any) -> str:
    """The text of a value, in which what HTML and JavaScript read otherwise is escaped."""
    return orjson.dumps(value).decode().translate(_HTML_ESCAPES)


def decode(body: bytes) -> Any:
    """The value in `body`. Raises JSONSyntaxError.

    >>> decode(b'{"a": tru}')
    Traceback (most recent call last):
    kubern.util.gojson.JSONSyntaxError: invalid character '}' in literal true (expecting 'e')
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return orjson.loads(repair(body))


def repair(body: bytes) -> bytes:
    """What Go accepts and orjson does not, written so that both do: broken UTF-8 and lone surrogates become U+FFFD.

    Raises JSONSyntaxError for what Go refuses as well.
    """
    check_syntax(body)
    try:
        value = json.loads(body.decode("utf-8", "replace"), parse_float=_float, parse_int=_int)
        text = json.dumps(value, ensure_ascii=False)
        repaired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
        orjson.loads(repaired)
    except (RecursionError, orjson.JSONDecodeError):
        # Differs from kube-apiserver: it takes 10,000 levels, orjson and the standard library about 1,000.
        raise JSONSyntaxError("exceeded max depth") from None
    return repaired


def _float(literal: str) -> float:
    value = float(literal)
    if math.isinf(value):
        raise JSONSyntaxError(f"json: cannot unmarshal number {literal} into Go value of type float64")
    return value


def _int(literal: str) -> float:
    value = int(literal) if len(literal) <= 20 else None
    return value if value is not None and -(2**63) <= value < 2**64 else _float(literal)


def duplicate_fields(body: bytes) -> list[str]:
    """The paths of object keys that occur twice in valid JSON, `metadata.labels.a`, each once, in order."""
    doubled: dict[int, list[str]] = {}
    keep: list[Any] = []

    def hook(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        obj = dict(pairs)
        if len(obj) != len(pairs):
            names = [name for name, _ in pairs]
            doubled[id(obj)] = [name for name in obj if names.count(name) > 1]
            keep.append(obj)
        return obj

    try:
        value = json.loads(body.decode("utf-8", "replace"), object_pairs_hook=hook, parse_int=str, parse_float=str)
        return list(_duplicate_paths(value, "", doubled)) if doubled else []
    except RecursionError:  # too deep to be stored, which is said elsewhere
        return []


def _duplicate_paths(value: Any, path: str, doubled: dict[int, list[str]]) -> Iterator[str]:
    if isinstance(value, dict):
        prefix = path + "." if path else ""
        for name in doubled.get(id(value), ()):
            yield prefix + name
        for name, child in value.items():
            yield from _duplicate_paths(child, prefix + name, doubled)
    elif isinstance(value, list):
        for i, child in enumerate(value):
            yield from _duplicate_paths(child, f"{path}[{i}]", doubled)


def type_name(value: Any) -> str:
    """What encoding/json calls a value that does not fit its target: array, object, number, string, bool."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    if isinstance(value, str):
        return "string"
    return "null" if value is None else "number"


def check_syntax(body: bytes) -> None:
    """Raise JSONSyntaxError when `body` is not one JSON value."""
    scanner = _Scanner(body)
    scanner.value()
    scanner.skip_space()
    if scanner.pos < len(body):
        raise scanner.unexpected("after top-level value")


class _Scanner:
    """A reader that knows where it is in the grammar, for encoding/json's messages."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.pos = 0
        self.depth = 0

    def unexpected(self, context: str) -> JSONSyntaxError:
        if self.pos >= len(self.body):
            return JSONSyntaxError(_END)
        char = chr(self.body[self.pos])
        shown = {"'": r"'\''", '"': "'\"'"}.get(char) or f"'{go_quote(char)[1:-1]}'"
        return JSONSyntaxError(f"invalid character {shown} {context}")

    def peek(self) -> int:
        return self.body[self.pos] if self.pos < len(self.body) else -1

    def skip_space(self) -> None:
        body, end, pos = self.body, len(self.body), self.pos
        while pos < end and body[pos] in _SPACE:
            pos += 1
        self.pos = pos

    def value(self) -> None:
        """One value. Containers are walked with a stack, so that depth costs no recursion."""
        closers: list[int] = []
        while True:
            self.skip_space()
            char = self.peek()
            if char in (0x7B, 0x5B):
                if self._open(char, closers):
                    continue
            else:
                self._scalar(char)
            if self._after_value(closers):
                return

    def _open(self, char: int, closers: list[int]) -> bool:
        """Enter a container; True when a value must follow, False when it was empty."""
        if len(closers) >= _MAX_DEPTH:
            raise JSONSyntaxError("exceeded max depth")
        self.pos += 1
        self.skip_space()
        closer = 0x7D if char == 0x7B else 0x5D
        if self.peek() == closer:
            self.pos += 1
            return False
        closers.append(closer)
        if char == 0x7B:
            self._key()
        return True

    def _after_value(self, closers: list[int]) -> bool:
        """Behind a value: True when the whole value ended, False when another must follow."""
        while closers:
            self.skip_space()
            char, closer = self.peek(), closers[-1]
            if char == closer:
                self.pos += 1
                closers.pop()
                continue
            if char != 0x2C:
                raise self.unexpected("after object key:value pair" if closer == 0x7D else "after array element")
            self.pos += 1
            if closer == 0x7D:
                self._key()
            return False
        return True

    def _key(self) -> None:
        self.skip_space()
        if self.peek() != 0x22:
            raise self.unexpected("looking for beginning of object key string")
        self._string()
        self.skip_space()
        if self.peek() != 0x3A:
            raise self.unexpected("after object key")
        self.pos += 1

    def _scalar(self, char: int) -> None:
        if char == 0x22:
            self._string()
        elif char == 0x2D or (char >= 0 and char in _DIGITS):
            self._number()
        elif char in (0x74, 0x66, 0x6E):
            self._literal({0x74: b"true", 0x66: b"false", 0x6E: b"null"}[char])
        else:
            raise self.unexpected("looking for beginning of value")

    def _literal(self, word: bytes) -> None:
        for expected in word:
            if self.peek() != expected:
                raise self.unexpected(f"in literal {word.decode()} (expecting '{chr(expected)}')")
            self.pos += 1

    def _string(self) -> None:
        self.pos += 1
        while True:
            self.pos = _PLAIN.match(self.body, self.pos).end()  # type: ignore[union-attr] # matches nothing at worst
            char = self.peek()
            if char == 0x22:
                self.pos += 1
                return
            if char < 0x20:
                raise self.unexpected("in string literal")
            self.pos += 1
            if char == 0x5C:
                self._escape()

    def _escape(self) -> None:
        char = self.peek()
        if char == 0x75:
            self.pos += 1
            for _ in range(4):
                if self.peek() < 0 or self.peek() not in _HEX:
                    raise self.unexpected("in \\u hexadecimal character escape")
                self.pos += 1
        elif char < 0 or char not in _ESCAPES:
            raise self.unexpected("in string escape code")
        else:
            self.pos += 1

    def _digits(self, context: str) -> None:
        if self.peek() < 0 or self.peek() not in _DIGITS:
            raise self.unexpected(context)
        while self.peek() >= 0 and self.peek() in _DIGITS:
            self.pos += 1

    def _number(self) -> None:
        if self.peek() == 0x2D:
            self.pos += 1
        if self.peek() == 0x30:
            self.pos += 1
        else:
            self._digits("in numeric literal")
        if self.peek() == 0x2E:
            self.pos += 1
            self._digits("after decimal point in numeric literal")
        if self.peek() in (0x65, 0x45):
            self.pos += 1
            if self.peek() in (0x2B, 0x2D):
                self.pos += 1
            self._digits("in exponent of numeric literal")
