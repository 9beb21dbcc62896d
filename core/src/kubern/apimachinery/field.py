"""Paths into objects and the validation errors at them (upstream: apimachinery/pkg/util/validation/field).

A `Path` is a linked node that becomes text only when an error is rendered, so validation of a good
object builds no strings. Next: `errors.py::invalid` turns a list of these into a Status.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any, Final

import orjson

from kubern.util.gofloat import format_value
from kubern.util.goquote import go_quote


class Path:
    """A place in an object: `spec.containers[0].name`, `metadata.labels[app]`."""

    __slots__ = ("_name", "_parent")

    def __init__(self, name: str, *more: str) -> None:
        parent: Path | None = None
        for part in more:
            parent = _Below(parent, name)
            name = part
        self._name: str | int = name
        self._parent = parent

    def child(self, name: str, *more: str) -> Path:
        """The field `name` (and fields below it)."""
        node = _Below(self, name)
        for part in more:
            node = _Below(node, part)
        return node

    def index(self, index: int) -> Path:
        """The list item at `index`."""
        return _Below(self, index)

    def key(self, key: str) -> Path:
        """The map value or keyed list item at `key`."""
        return _Below(self, f"[{key}]")

    def __str__(self) -> str:
        parts: list[str] = []
        node: Path | None = self
        while node is not None:
            name = node._name
            parts.append(f"[{name}]" if name.__class__ is int else name)  # type: ignore[arg-type]
            node = node._parent
        parts.reverse()
        # A path without a name prints as upstream's does.
        out = parts[0] or "[]"
        for part in parts[1:]:
            out += part if part.startswith("[") else "." + part
        return out

    def __repr__(self) -> str:
        return f"Path({str(self)!r})"


class _Below(Path):
    """A place below another: validation makes some eighty of them for a pod, so its making is as short as can be."""

    __slots__ = ()

    def __init__(self, parent: Path | None, name: str | int) -> None:
        self._name = name
        self._parent = parent


class ErrorType(enum.Enum):
    """Kinds of validation errors: (reason in Status causes, words in the message)."""

    NOT_FOUND = ("FieldValueNotFound", "Not found")
    REQUIRED = ("FieldValueRequired", "Required value")
    DUPLICATE = ("FieldValueDuplicate", "Duplicate value")
    INVALID = ("FieldValueInvalid", "Invalid value")
    NOT_SUPPORTED = ("FieldValueNotSupported", "Unsupported value")
    FORBIDDEN = ("FieldValueForbidden", "Forbidden")
    TOO_LONG = ("FieldValueTooLong", "Too long")
    TOO_MANY = ("FieldValueTooMany", "Too many")
    INTERNAL = ("InternalError", "Internal error")
    TYPE_INVALID = ("FieldValueTypeInvalid", "Invalid value")

    @property
    def reason(self) -> str:
        return self.value[0]

    @property
    def words(self) -> str:
        return self.value[1]


class _Omit:
    """Marks an error whose message names no value."""


OMIT_VALUE: Final = _Omit()
_HTML_ESCAPES = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)
_VALUELESS = frozenset({ErrorType.REQUIRED, ErrorType.FORBIDDEN, ErrorType.TOO_LONG, ErrorType.INTERNAL})


class FieldError:
    """One problem: its type, place, bad value and detail."""

    __slots__ = ("bad_value", "detail", "field", "type")

    def __init__(self, type_: ErrorType, field: Path | str, bad_value: Any, detail: str) -> None:
        self.type = type_
        self.field = str(field)
        self.bad_value = bad_value
        self.detail = detail

    def body(self) -> str:
        """The message without the place (upstream: Error.ErrorBody)."""
        text = self.type.words
        if self.type not in _VALUELESS and self.bad_value is not OMIT_VALUE:
            text += ": " + render_value(self.bad_value)
        return f"{text}: {self.detail}" if self.detail else text

    def __str__(self) -> str:
        return f"{self.field}: {self.body()}"

    def __repr__(self) -> str:
        return f"FieldError({str(self)!r})"


ErrorList = list[FieldError]


def render_value(value: Any) -> str:
    """A bad value as upstream prints it: strings quoted as Go does, scalars plain, the rest as JSON."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return go_quote(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format_value(value)
    return escape_html(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode())


def escape_html(text: str) -> str:
    """JSON text as Go's encoder writes it: `<`, `>`, `&` and the two line separators escaped."""
    for char, escaped in _HTML_ESCAPES:
        if char in text:
            text = text.replace(char, escaped)
    return text


def not_found(field: Path | str, value: Any) -> FieldError:
    return FieldError(ErrorType.NOT_FOUND, field, value, "")


def required(field: Path | str, detail: str = "") -> FieldError:
    return FieldError(ErrorType.REQUIRED, field, "", detail)


def duplicate(field: Path | str, value: Any) -> FieldError:
    return FieldError(ErrorType.DUPLICATE, field, value, "")


def invalid(field: Path | str, value: Any, detail: str) -> FieldError:
    return FieldError(ErrorType.INVALID, field, value, detail)


def type_invalid(field: Path | str, value: Any, detail: str) -> FieldError:
    return FieldError(ErrorType.TYPE_INVALID, field, value, detail)


def not_supported(field: Path | str, value: Any, valid_values: Iterable[str]) -> FieldError:
    """An enum violation naming the supported values: sets sorted, sequences in their own order, as upstream does."""
    ordered = sorted(valid_values) if isinstance(valid_values, (set, frozenset)) else valid_values
    values = ", ".join(map(go_quote, ordered))
    return FieldError(ErrorType.NOT_SUPPORTED, field, value, f"supported values: {values}" if values else "")


def not_supported_in_order(field: Path | str, value: Any, valid_values: Iterable[str]) -> FieldError:
    """As `not_supported` where upstream lists the supported values in an order of its own."""
    values = ", ".join(map(go_quote, valid_values))
    return FieldError(ErrorType.NOT_SUPPORTED, field, value, f"supported values: {values}" if values else "")


def forbidden(field: Path | str, detail: str) -> FieldError:
    return FieldError(ErrorType.FORBIDDEN, field, "", detail)


def too_long(field: Path | str, value: Any, max_length: int) -> FieldError:
    """Too many bytes; `value` is kept out of the message. A negative limit is not named."""
    unit = "byte" if max_length == 1 else "bytes"
    detail = f"may not be more than {max_length} {unit}" if max_length >= 0 else "value is too long"
    return FieldError(ErrorType.TOO_LONG, field, value, detail)


def too_many(field: Path | str, actual: int, maximum: int) -> FieldError:
    unit = "item" if maximum == 1 else "items"
    detail = f"must have at most {maximum} {unit}" if maximum >= 0 else "has too many items"
    value: Any = actual if actual >= 0 else OMIT_VALUE
    return FieldError(ErrorType.TOO_MANY, field, value, detail)


def internal_error(field: Path | str, error: Exception | str) -> FieldError:
    return FieldError(ErrorType.INTERNAL, field, None, str(error))


def aggregate_message(errors: ErrorList) -> str:
    """The errors as one text, equal messages once (upstream: ErrorList.ToAggregate().Error())."""
    messages = list(dict.fromkeys(str(e) for e in errors))
    return messages[0] if len(messages) == 1 else "[" + ", ".join(messages) + "]"
