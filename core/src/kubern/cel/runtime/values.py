"""Run-time values.

Most are plain Python: bool, int (int64), float, str, bytes, None, list, dict. Own classes exist where Python
has none: `Uint`, `Timestamp`, `Duration`, `OptionalValue`, type values (`types.Type`), and the opaque values
of libraries, which derive from `Value`. Maps keep booleans as keys through `map_key`, because Python takes
True for 1.
Next: `equality.py` (==), `ordering.py` (<), `views.py` (API objects without copying).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubern.cel import types
from kubern.cel.types import Type

INT_MIN = -(2**63)
INT_MAX = 2**63 - 1
UINT_MAX = 2**64 - 1
NANOS = 1_000_000_000
# The years 1 to 9999.
TIMESTAMP_MIN = -62_135_596_800
TIMESTAMP_MAX = 253_402_300_799


class Uint(int):
    """An unsigned 64 bit integer; compares and hashes as the number it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{int(self)}u"


class Value:
    """A value of a type that Python does not have. `cel_type` is its CEL type."""

    __slots__ = ()
    cel_type: Type = types.DYN

    def equals(self, other: object) -> bool:
        """Equality as `==` of the language sees it."""
        return self == other

    def size(self) -> int | None:
        """What size() and the cost model see; None where there is no size."""
        return None

    def is_zero(self) -> bool:
        """Whether optional.ofNonZeroValue() takes it for nothing."""
        return False


class Duration(Value):
    """A span of time in nanoseconds."""

    __slots__ = ("nanos",)
    cel_type = types.DURATION

    def __init__(self, nanos: int) -> None:
        self.nanos = nanos

    def __eq__(self, other: object) -> bool:
        return type(other) is Duration and self.nanos == other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)

    def __repr__(self) -> str:
        return f"Duration({self.nanos})"

    def is_zero(self) -> bool:
        return self.nanos == 0


class Timestamp(Value):
    """A point in time, in nanoseconds since 1970 in UTC."""

    __slots__ = ("nanos",)
    cel_type = types.TIMESTAMP

    def __init__(self, nanos: int) -> None:
        self.nanos = nanos

    def __eq__(self, other: object) -> bool:
        return type(other) is Timestamp and self.nanos == other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)

    def __repr__(self) -> str:
        return f"Timestamp({self.nanos})"

    def is_zero(self) -> bool:
        return self.nanos == TIMESTAMP_MIN * NANOS


class OptionalValue(Value):
    """optional.of(value) or, with `present` false, optional.none()."""

    __slots__ = ("present", "value")
    cel_type = types.optional_of(types.DYN)

    def __init__(self, present: bool, value: Any = None) -> None:
        self.present = present
        self.value = value

    def __repr__(self) -> str:
        return f"optional.of({self.value!r})" if self.present else "optional.none()"


NO_VALUE = OptionalValue(False)


class BoolKey:
    """True or False as the key of a map."""

    __slots__ = ("value",)

    def __init__(self, value: bool) -> None:
        self.value = value


_TRUE_KEY = BoolKey(True)
_FALSE_KEY = BoolKey(False)


def map_key(key: Any) -> Any:
    """The dict key of a CEL key."""
    if key is True:
        return _TRUE_KEY
    if key is False:
        return _FALSE_KEY
    return key


def user_key(key: Any) -> Any:
    """The CEL key of a dict key."""
    return key.value if type(key) is BoolKey else key


def map_keys(value: dict[Any, Any]) -> Iterator[Any]:
    """The CEL keys of a map in order."""
    return map(user_key, value)


_PLAIN_TYPES: dict[type, Type] = {
    bool: types.BOOL,
    int: types.INT,
    Uint: types.UINT,
    float: types.DOUBLE,
    str: types.STRING,
    bytes: types.BYTES,
    type(None): types.NULL,
    list: types.LIST,
    tuple: types.LIST,
    dict: types.MAP,
    Type: types.TYPE,
    types.StructType: types.TYPE,
}


def type_of(value: Any) -> Type:
    """The run-time type of a value."""
    plain = _PLAIN_TYPES.get(type(value))
    if plain is not None:
        return plain
    if isinstance(value, Type):
        return types.TYPE
    cel_type = getattr(value, "cel_type", None)
    return cel_type if isinstance(cel_type, Type) else types.DYN


_GO_NAMES = {
    bool: "types.Bool",
    int: "types.Int",
    Uint: "types.Uint",
    float: "types.Double",
    str: "types.String",
    bytes: "types.Bytes",
    type(None): "types.Null",
    Duration: "types.Duration",
    Timestamp: "types.Timestamp",
    Type: "*types.Type",
    OptionalValue: "*types.Optional",
}


def go_type_name(value: Any) -> str:
    """The value's type as Go's %T prints it, which a few messages of cel-go show."""
    return _GO_NAMES.get(type(value), "*types.baseVal")
