"""The exact pass over a document: decode it as kube-apiserver's JSON decoder would, errors and all.

It runs when the fast walker met something odd. It works on a tree that keeps duplicate members and the spelling of
numbers, follows the order of the document, and answers with the object that Go would have decoded, the strict
errors (unknown and duplicate fields) and the first type error. Upstream: sigs.k8s.io/json and the UnmarshalJSON
methods of the API's types. Next: `codec/json.py`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final

from kubern.apimachinery.quantity import FORMAT_WRONG, QuantityError
from kubern.apimachinery.quantity import canonical as canonical_quantity
from kubern.apimachinery.schema.gobase64 import Base64Error, decode_base64
from kubern.apimachinery.schema.gotype import PROPS_NAME, TIMES, GoField, GoType, Kind, go_type
from kubern.apimachinery.schema.tree import Number, Pairs, json_kind, plain
from kubern.apimachinery.time import ZERO_TIME, TimeError, normalise_micro_time, normalise_time
from kubern.util.goduration import DurationError, format_duration, parse_duration
from kubern.util.goquote import go_quote

MAX_STRICT_ERRORS: Final = 100


class DecodeError(ValueError):
    """The document does not fit the type; the message is Go's."""


class TypeMismatch(DecodeError):
    """A value of another JSON type than the field's; `field` is the path as errors name it, "" at the root."""

    def __init__(self, found: str, wanted: str, field: str) -> None:
        where = f"struct field {field}" if field else "value"
        super().__init__(f"json: cannot unmarshal {found} into Go {where} of type {wanted}")
        self.found = found
        self.wanted = wanted


class _Nothing:
    """What a null decodes to where it changes nothing."""


NOTHING: Final = _Nothing()


class ExactDecoder:
    """One decoding of one tree."""

    def __init__(self) -> None:
        self._strict_errors: dict[str, None] = {}
        self._saved: DecodeError | None = None
        self._struct = ""
        self._fields: list[str] = []
        self._path: list[str] = []

    def decode(self, root: GoType, tree: Any) -> tuple[Any, list[str]]:
        """The decoded object and the strict errors. Raises DecodeError."""
        value = self._value(root, tree, None)
        if self._saved is not None:
            raise self._saved
        return ({} if value is NOTHING else value), list(self._strict_errors)

    # -- errors

    def _mismatch(self, found: str, wanted: str) -> TypeMismatch:
        inside = self._struct or self._fields
        return TypeMismatch(found, wanted, f"{self._struct}.{'.'.join(self._fields)}" if inside else "")

    def _save(self, error: DecodeError) -> _Nothing:
        """Keep the first error and go on, as Go does; the object is lost anyway."""
        if self._saved is None:
            self._saved = error
        return NOTHING

    def _refuse(self, node: Any, wanted: str) -> _Nothing:
        return self._save(self._mismatch(json_kind(node), wanted))

    def _strict(self, problem: str, key: str) -> None:
        if len(self._strict_errors) < MAX_STRICT_ERRORS:
            path = "".join([*self._path, "." + key]).removeprefix(".")
            self._strict_errors[f"{problem} field {go_quote(path)}"] = None

    # -- values

    def _value(self, wanted: GoType, node: Any, old: Any) -> Any:
        """The decoded value, NOTHING when `node` changes nothing. `old` is what the field holds already."""
        if node is None:
            return self._null(wanted, old)
        return _DECODERS[wanted.kind](self, wanted, node, old)

    def _null(self, wanted: GoType, old: Any) -> Any:
        if wanted.kind in _FORGOTTEN_BY_NULL:
            return None
        return NOTHING if old is None else old

    def _string(self, wanted: GoType, node: Any, old: Any) -> Any:
        if isinstance(node, str) and not isinstance(node, Number):
            return node
        return self._refuse(node, wanted.name)

    def _bool(self, wanted: GoType, node: Any, old: Any) -> Any:
        return node if isinstance(node, bool) else self._refuse(node, wanted.name)

    def _int(self, wanted: GoType, node: Any, old: Any) -> Any:
        if not isinstance(node, Number):
            return self._refuse(node, wanted.name)
        bits = 32 if wanted.name == "int32" else 64
        value = _parse_int(node, bits)
        if value is None:
            return self._save(self._mismatch(f"number {node}", wanted.name))
        return value

    def _float(self, wanted: GoType, node: Any, old: Any) -> Any:
        if not isinstance(node, Number):
            return self._refuse(node, wanted.name)
        value = float(node)
        if value in (float("inf"), float("-inf")):
            return self._save(self._mismatch(f"number {node}", wanted.name))
        return value

    def _bytes(self, wanted: GoType, node: Any, old: Any) -> Any:
        if isinstance(node, list) and not isinstance(node, Pairs):
            return self._bytes_of_numbers(node)
        if not isinstance(node, str) or isinstance(node, Number):
            return self._refuse(node, "[]uint8")
        try:
            return base64.b64encode(decode_base64(node)).decode()
        except Base64Error as error:
            return self._save(DecodeError(str(error)))

    def _bytes_of_numbers(self, node: list[Any]) -> Any:
        values = bytearray()
        for item in node:
            value = _parse_int(item, 9) if isinstance(item, Number) else None
            if value is None or value < 0:
                found = f"number {item}" if isinstance(item, Number) else json_kind(item)
                return self._save(self._mismatch(found, "uint8"))
            values.append(value)
        return base64.b64encode(values).decode()

    # -- containers

    def _struct_value(self, wanted: GoType, node: Any, old: Any) -> Any:
        if not isinstance(node, Pairs):
            return self._refuse(node, wanted.name)
        out: dict[str, Any] = old if isinstance(old, dict) else {}
        fields = wanted.fields
        outer = self._struct
        seen: set[str] = set()
        for key, value in node:
            field = fields.get(key)
            if field is None:
                self._strict("unknown", key)
                continue
            if key in seen:
                self._strict("duplicate", key)
            seen.add(key)
            self._struct = wanted.struct_name
            self._fields.append(key)
            self._path.append("." + key)
            self._set_field(out, field, value)
            self._path.pop()
            self._fields.pop()
            self._struct = outer
        return out

    def _set_field(self, out: dict[str, Any], field: GoField, node: Any) -> None:
        if node is None and field.pointer:
            out.pop(field.name, None)
            return
        value = self._value(field.type, node, out.get(field.name))
        if value is None:
            out.pop(field.name, None)
        elif value is not NOTHING:
            out[field.name] = value

    def _map(self, wanted: GoType, node: Any, old: Any) -> Any:
        if not isinstance(node, Pairs):
            return self._refuse(node, wanted.name)
        out: dict[str, Any] = old if isinstance(old, dict) else {}
        seen: set[str] = set()
        for key, item in node:
            if key in seen:
                self._strict("duplicate", key)
            seen.add(key)
            self._path.append("." + key)
            value = self._value(wanted.element, item, None)
            out[key] = zero_item(wanted.element) if value is NOTHING or value is None else value
            self._path.pop()
        return out

    def _slice(self, wanted: GoType, node: Any, old: Any) -> Any:
        if not isinstance(node, list) or isinstance(node, Pairs):
            return self._refuse(node, wanted.name)
        out = []
        earlier = old if isinstance(old, list) else []
        for index, item in enumerate(node):
            self._path.append(f"[{index}]")
            value = self._value(wanted.element, item, earlier[index] if index < len(earlier) else None)
            out.append(zero_item(wanted.element) if value is NOTHING or value is None else value)
            self._path.pop()
        return out

    # -- types with an UnmarshalJSON of their own: their errors end the decoding

    def _quantity(self, wanted: GoType, node: Any, old: Any) -> Any:
        if not isinstance(node, str):
            raise DecodeError(FORMAT_WRONG)
        try:
            return canonical_quantity(node.strip())
        except QuantityError as error:
            raise DecodeError(str(error)) from None

    def _text(self, node: Any) -> str:
        if isinstance(node, str) and not isinstance(node, Number):
            return node
        raise self._mismatch(json_kind(node), "string")

    def _time(self, wanted: GoType, node: Any, old: Any) -> Any:
        normalise = normalise_time if wanted.kind is Kind.TIME else normalise_micro_time
        try:
            text = normalise(self._text(node))
        except TimeError as error:
            raise DecodeError(str(error)) from None
        return None if text.startswith(ZERO_TIME[:-1]) else text

    def _duration(self, wanted: GoType, node: Any, old: Any) -> Any:
        try:
            return format_duration(parse_duration(self._text(node)))
        except DurationError as error:
            raise DecodeError(str(error)) from None

    def _int_or_string(self, wanted: GoType, node: Any, old: Any) -> Any:
        if isinstance(node, Number):
            value = _parse_int(node, 32)
            if value is None:
                raise self._mismatch(f"number {node}", "int32")
            return value
        if isinstance(node, str):
            return node
        raise self._mismatch(json_kind(node), "int32")

    def _raw(self, wanted: GoType, node: Any, old: Any) -> Any:
        return plain(node)

    def _props(self, wanted: GoType, node: Any) -> Any:
        """A JSON schema inside an UnmarshalJSON: decoded on its own, not strictly, errors under the outer field."""
        assert wanted.schema.resolve is not None
        try:
            value, _ = ExactDecoder().decode(go_type(wanted.schema.resolve(PROPS_NAME)), node)
        except TypeMismatch as error:
            if not self._fields:
                raise
            raise self._mismatch(error.found, error.wanted) from None
        return value

    def _props_or_bool(self, wanted: GoType, node: Any, old: Any) -> Any:
        if isinstance(node, Pairs):
            return self._props(wanted, node)
        if isinstance(node, bool):
            return node
        raise DecodeError("boolean or JSON schema expected")

    def _props_or_array(self, wanted: GoType, node: Any, old: Any) -> Any:
        if isinstance(node, Pairs):
            return self._props(wanted, node)
        if isinstance(node, list):
            return [self._props(wanted, item) for item in node]
        return None

    def _props_or_strings(self, wanted: GoType, node: Any, old: Any) -> Any:
        if isinstance(node, Pairs):
            return self._props(wanted, node)
        if isinstance(node, list):
            return ["" if item is None else self._text(item) for item in node]
        return None


_DECODERS: Final[dict[Kind, Callable[[ExactDecoder, GoType, Any, Any], Any]]] = {
    Kind.STRING: ExactDecoder._string,
    Kind.BOOL: ExactDecoder._bool,
    Kind.INT: ExactDecoder._int,
    Kind.FLOAT: ExactDecoder._float,
    Kind.BYTES: ExactDecoder._bytes,
    Kind.STRUCT: ExactDecoder._struct_value,
    Kind.MAP: ExactDecoder._map,
    Kind.SLICE: ExactDecoder._slice,
    Kind.QUANTITY: ExactDecoder._quantity,
    Kind.TIME: ExactDecoder._time,
    Kind.MICRO_TIME: ExactDecoder._time,
    Kind.DURATION: ExactDecoder._duration,
    Kind.INT_OR_STRING: ExactDecoder._int_or_string,
    Kind.PROPS_OR_BOOL: ExactDecoder._props_or_bool,
    Kind.PROPS_OR_ARRAY: ExactDecoder._props_or_array,
    Kind.PROPS_OR_STRINGS: ExactDecoder._props_or_strings,
    Kind.RAW: ExactDecoder._raw,
}

_FORGOTTEN_BY_NULL: Final = TIMES | {Kind.SLICE, Kind.MAP, Kind.BYTES, Kind.QUANTITY}
_ZERO_ITEMS: Final = {
    Kind.STRING: "",
    Kind.BOOL: False,
    Kind.INT: 0,
    Kind.FLOAT: 0,
    Kind.QUANTITY: "0",
    Kind.DURATION: "0s",
    Kind.INT_OR_STRING: 0,
    Kind.BYTES: "",
}


def zero_item(wanted: GoType) -> Any:
    """What a null among list items or map values becomes."""
    if wanted.kind is Kind.STRUCT:
        return {}
    if wanted.kind is Kind.SLICE:
        return []
    if wanted.kind is Kind.MAP:
        return {}
    return _ZERO_ITEMS.get(wanted.kind)


def _parse_int(literal: Number, bits: int) -> int | None:
    """An integer literal in range, else None."""
    if not literal.lstrip("-").isdigit() or len(literal) > 25:
        return None
    value = int(literal)
    return value if -(1 << (bits - 1)) <= value < (1 << (bits - 1)) else None
