"""Turning the outcome of a strategic merge patch into a typed object, with the errors of that way.

Upstream does not decode JSON there but converts map by map (runtime.DefaultUnstructuredConverter), which takes other
values than the JSON decoder and words its errors otherwise. Next: `compiled.py`.
"""

from __future__ import annotations

from typing import Any, Final

from kubern.apimachinery.schema.exact import DecodeError, ExactDecoder, zero_item
from kubern.apimachinery.schema.gotype import SCALARS, GoType, Kind
from kubern.apimachinery.schema.tree import exact_tree
from kubern.util.goquote import go_quote

_SPECIAL: Final = frozenset(Kind) - SCALARS - {Kind.STRUCT, Kind.MAP, Kind.SLICE, Kind.BYTES}
_SOURCE: Final = {Kind.STRING: str, Kind.BOOL: bool, Kind.INT: int, Kind.FLOAT: float}
_WRAPS: Final = {"int32": 32, "int64": 64}


class Restorer:
    """One conversion; `unknown` collects the fields that the type does not have."""

    def __init__(self) -> None:
        self._unknown: set[str] = set()

    @property
    def unknown(self) -> list[str]:
        """The strict errors, sorted as upstream sorts them."""
        return sorted(f"unknown field {go_quote(path)}" for path in self._unknown)

    def restore(self, wanted: GoType, value: Any, path: str = "") -> Any:
        """The converted value, None when nothing is set. Raises DecodeError."""
        if value is None:
            return None
        kind = wanted.kind
        if kind in SCALARS:
            return _scalar(wanted, value)
        if kind in _SPECIAL:
            decoded, _ = ExactDecoder().decode(wanted, exact_tree(value))
            return decoded
        if kind is Kind.BYTES and isinstance(value, str):
            return _bytes(wanted, value)
        if kind is Kind.MAP:
            return self._map(wanted, value, path)
        if kind is Kind.STRUCT:
            return self._struct(wanted, value, path)
        return self._slice(wanted, value, path)

    def _struct(self, wanted: GoType, value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise DecodeError(f"cannot restore struct from: {_kind_name(value)}")
        fields = wanted.fields
        prefix = path + "." if path else ""
        self._unknown.update(prefix + key for key in value if key not in fields)
        out = {}
        for name, field in fields.items():
            if value.get(name) is not None:
                restored = self.restore(field.type, value[name], prefix + name)
                if restored is not None:
                    out[name] = restored
        return out

    def _map(self, wanted: GoType, value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise DecodeError(f"cannot restore map from {_kind_name(value)}")
        return {key: self._item(wanted.element, item, path) for key, item in value.items()}

    def _slice(self, wanted: GoType, value: Any, path: str) -> Any:
        if not isinstance(value, list):
            raise DecodeError(f"cannot restore slice from {_kind_name(value)}")
        if wanted.kind is Kind.BYTES:
            decoded, _ = ExactDecoder().decode(wanted, exact_tree(value))
            return decoded
        return [self._item(wanted.element, item, f"{path}[{index}]") for index, item in enumerate(value)]

    def _item(self, wanted: GoType, value: Any, path: str) -> Any:
        restored = self.restore(wanted, value, path)
        return zero_item(wanted) if restored is None else restored


def _bytes(wanted: GoType, value: str) -> Any:
    try:
        decoded, _ = ExactDecoder().decode(wanted, value)
    except DecodeError as error:
        raise DecodeError(f"error decoding from json: {error}") from None
    return decoded


def _scalar(wanted: GoType, value: Any) -> Any:
    """A string, bool or number: nothing converts between these groups, integers fit any integer type by wrapping."""
    kind = wanted.kind
    if value.__class__ is _SOURCE[kind] and kind is not Kind.INT:
        return value
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is Kind.FLOAT and number:
        return float(value)
    if kind is Kind.INT and number and (isinstance(value, int) or value.is_integer()):
        bits = _WRAPS.get(wanted.name, 64)
        return (int(value) + (1 << (bits - 1))) % (1 << bits) - (1 << (bits - 1))
    converts = number and (kind is Kind.INT or (kind is Kind.STRING and isinstance(value, int)))
    if converts:
        raise DecodeError(f"cannot convert {_kind_name(value)} to {wanted.name}")
    raise DecodeError(f"unrecognized type: {_go_kind(wanted)}")


def _go_kind(wanted: GoType) -> str:
    """The kind behind a named type, as Go's reflection prints it."""
    if wanted.kind is Kind.INT:
        return wanted.name if wanted.name in _WRAPS else "int64"
    return {Kind.STRING: "string", Kind.BOOL: "bool"}.get(wanted.kind, "float64")


def _kind_name(value: Any) -> str:
    """How Go's reflection calls a decoded JSON value."""
    if isinstance(value, dict):
        return "map"
    if isinstance(value, list):
        return "slice"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int64"
    return "float64" if isinstance(value, float) else "string"
