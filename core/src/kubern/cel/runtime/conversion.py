"""CEL values back to plain JSON values.

Next: `structs.py`, `views.py` for the values that are no plain ones.
"""

from __future__ import annotations

import base64
import math
from typing import Any

from kubern.cel.errors import CelError
from kubern.cel.runtime.structs import StructValue
from kubern.cel.runtime.times import format_duration, format_timestamp
from kubern.cel.runtime.values import Duration, OptionalValue, Timestamp, Uint, type_of, user_key
from kubern.cel.runtime.views import ListView, MapView, ObjectView
from kubern.cel.types import Type


def to_json(value: Any) -> Any:
    """The plain value; views give the objects they look at, which the caller must not change.

    Raises:
        CelError: the value has no counterpart in JSON.
    """
    kind = type(value)
    if kind in (str, bool, int, type(None)):
        return value
    if kind is Uint:
        return int(value)
    if kind is float:
        return _number(value)
    if isinstance(value, (ObjectView, MapView)):
        return value.raw
    if isinstance(value, (list, ListView)):
        return _list(value)
    if kind is dict:
        return {_key(key): to_json(item) for key, item in value.items()}
    if isinstance(value, StructValue):
        return {name: to_json(item) for name, item in value.fields.items()}
    return _special(value)


def _number(value: float) -> Any:
    if not math.isfinite(value):
        raise CelError(f"unsupported value: {value}")
    return value


def _list(value: Any) -> list[Any]:
    if isinstance(value, ListView) and value.wrap is not None:
        return value.raw
    return [to_json(item) for item in value]


def _key(key: Any) -> str:
    key = user_key(key)
    if not isinstance(key, str):
        raise CelError(f"map key {key!r} is of type {type_of(key)}, not string")
    return key


def _special(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Timestamp):
        return format_timestamp(value)
    if isinstance(value, Duration):
        return format_duration(value)
    if isinstance(value, OptionalValue):
        return to_json(value.value) if value.present else None
    if isinstance(value, Type):
        return value.name
    raise CelError(f"unable to convert {type_of(value).name} to JSON")
