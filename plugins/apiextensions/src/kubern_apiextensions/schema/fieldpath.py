"""Field paths in definitions (`.spec.names['a.b']`), resolved in a schema (upstream: cel.ValidFieldPath).

Next: `rules.py` (fieldPath of a rule) and `../api/validation/versions.py` (selectable fields).
"""

from __future__ import annotations

import re
from typing import Any, Final

Schema = dict[str, Any]

_TOKEN: Final = re.compile(r"'(?:[^'\\]|\\.)*'|[.\[\]]|[^.\[\]]+", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "'": "'", "\\": "\\",
}  # fmt: skip


class FieldPathError(ValueError):
    """A path that does not lead to a field; the text is upstream's."""


def _unescape(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPES:
            raise FieldPathError(f"invalid string literal: invalid escape char {match[0]}")
        return _ESCAPES[match[1]]

    return _ESCAPE.sub(replace, text)


class _Tokens:
    def __init__(self, text: str) -> None:
        self._tokens = iter(_TOKEN.findall(text))

    def next(self) -> str:
        token = next(self._tokens, None)
        if token is None:
            raise FieldPathError("unexpected end of JSON path")
        return token  # type: ignore[no-any-return]

    def next_or_end(self) -> str | None:
        return next(self._tokens, None)


def find_field(text: str, schema: Schema, *, array_notation: bool = True) -> tuple[str, Schema]:
    """The path as field errors show it, and the schema it leads to. Raises FieldPathError."""
    tokens = _Tokens(text)
    path = ""
    while (token := tokens.next_or_end()) is not None:
        if token == ".":
            name = tokens.next()
            path, schema = _step(path, schema, name)
        elif token == "[":
            if not array_notation:
                raise FieldPathError("array notation is not allowed")
            quoted = tokens.next()
            if len(quoted) < 2 or quoted[0] != "'" or quoted[-1] != "'":
                raise FieldPathError(f"expected single quoted string but got {quoted}")
            path, schema = _step(path, schema, _unescape(quoted[1:-1]))
            closing = tokens.next()
            if closing != "]":
                raise FieldPathError(f"expected ] but got {closing}")
        else:
            raise FieldPathError(f"expected [ or . but got: {token}")
    return path, schema


def _step(path: str, schema: Schema, name: str) -> tuple[str, Schema]:
    declared = schema.get("properties")
    if declared:
        if name not in declared:
            raise FieldPathError("does not refer to a valid field")
        return (f"{path}.{name}" if path else name), declared[name]
    values = schema.get("additionalProperties")
    if values is None:
        raise FieldPathError("does not refer to a valid field")
    return f"{path}[{name}]", values if isinstance(values, dict) else {}
