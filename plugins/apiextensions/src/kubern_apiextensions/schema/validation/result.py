"""Problems found while walking value and schema together, with kube-openapi's wording.

Upstream: kube-openapi validate.Result, pkg/validation/errors and kubeOpenAPIResultToFieldErrors. Next:
`errors.py`, which fills results.
"""

from __future__ import annotations

from typing import Any

import orjson

from kubern.apimachinery import field
from kubern.apimachinery.field import FieldError, Path
from kubern.util.gofloat import format_value
from kubern.util.goquote import go_quote
from kubern_apiextensions.schema.paths import ROOT, sorted_value


class Result:
    """Errors, each message once, and how many checks matched (which branch of an anyOf came closest)."""

    __slots__ = ("_messages", "base", "errors", "match_count")

    def __init__(self, base: Path | None) -> None:
        self.base = base
        self.errors: list[FieldError] = []
        self.match_count = 0
        self._messages: list[str] = []

    @property
    def is_valid(self) -> bool:
        return not self.errors

    def merge(self, other: Result) -> None:
        """Take over another result's errors and matches."""
        self.match_count += other.match_count
        for message, error in zip(other._messages, other.errors, strict=True):
            self._add(message, error)

    def _add(self, message: str, error: FieldError) -> None:
        if message not in self._messages:
            self._messages.append(message)
            self.errors.append(error)

    def _place(self, name: str) -> str:
        if name in ("", "."):
            return ROOT if self.base is None else str(self.base)
        name = name.removeprefix(".")
        return name if self.base is None else f"{self.base}.{name}"

    def plain(self, message: str) -> None:
        """An error that names no field."""
        self._add(message, field.invalid(self._place(""), "", message))

    def invalid(self, name: str, value: Any, message: str) -> None:
        self._add(message, field.invalid(self._place(name), "" if value is None else value, message))

    def wrong_type(self, name: str, wanted: str, found: str) -> None:
        """`found` is the type (or the value, for formats) that is not `wanted`."""
        message = f"{name} in body must be of type {wanted}: {go_quote(found)}"
        self._add(message, field.type_invalid(self._place(name), found, message))

    def required(self, name: str) -> None:
        self._add(f"{name} in body is required", field.required(self._place(name)))

    def not_in_enum(self, name: str, value: Any, enum: list[Any]) -> None:
        texts = [v if isinstance(v, str) else _json_text(v) for v in enum]
        message = f"{name} in body should be one of {enum}"
        self._add(message, field.not_supported(self._place(name), sorted_value(value), texts))

    def too_long(self, name: str, value: str, maximum: int) -> None:
        message = f"{name} in body should be at most {maximum} chars long"
        self._add(message, field.too_long(self._place(name), value, maximum))

    def too_many(self, name: str, count: int, maximum: int, what: str) -> None:
        message = f"{name} in body should have at most {maximum} {what}"
        self._add(message, field.too_many(self._place(name), count, maximum))


def _json_text(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def number_text(value: int | float) -> str:
    """A bound as a message shows it."""
    return format_value(value) if isinstance(value, float) else str(value)
