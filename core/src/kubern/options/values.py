"""What a flag's value can be: the types of pflag that kube-apiserver's flags use, as annotations.

A section writes `request_timeout: Duration = 60`; the annotation says how the text of the command line becomes
the value, how repeated flags join and how a default is shown. All values are immutable. Next: `section.py`.
"""

from __future__ import annotations

import csv
import dataclasses
import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from kubern.util.goduration import SECOND, DurationError, format_duration, parse_duration

TRUE_TEXTS = frozenset(("1", "t", "T", "TRUE", "true", "True"))
FALSE_TEXTS = frozenset(("0", "f", "F", "FALSE", "false", "False"))


@dataclasses.dataclass(frozen=True, slots=True)
class FlagType:
    """One kind of value.

    `name` is shown in help, as pflag names it. `parse` raises ValueError saying what would be accepted. `join`
    puts a repeated flag's value behind the earlier one (None: the last one wins). `bare` is the text that a flag
    without a value stands for (None: a value is needed).
    """

    name: str
    parse: Callable[[str], Any]
    format: Callable[[Any], str] = str
    join: Callable[[Any, Any], Any] | None = None
    bare: str | None = None


class StringMap(Mapping[str, str]):
    """An immutable map of text to text."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        self._items = dict(items)

    def __getitem__(self, key: str) -> str:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"StringMap({self._items!r})"


class PortRange(NamedTuple):
    """Ports from `first` to `last`, both included; (0, 0) is no port at all."""

    first: int
    last: int


class SNICertKey(NamedTuple):
    """A serving certificate for some names: `cert_file,key_file[:name,...]`; no names: those in the certificate."""

    cert_file: str
    key_file: str
    names: tuple[str, ...] = ()


def _parse_bool(text: str) -> bool:
    if text in TRUE_TEXTS:
        return True
    if text in FALSE_TEXTS:
        return False
    raise ValueError("must be true or false")


def _parse_int(text: str) -> int:
    try:
        return int(text, 0) if text.strip("+-").lower().startswith(("0x", "0o", "0b")) else int(text)
    except ValueError:
        raise ValueError("must be a whole number") from None


def _parse_float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("must be a number") from None


def _parse_ip(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        raise ValueError("must be an IP address such as 10.0.0.1 or ::1") from None


def _parse_strings(text: str) -> tuple[str, ...]:
    if '"' in text:
        import csv

        return tuple(next(csv.reader([text]), ()))
    return tuple(text.split(",")) if text else ()


def _format_strings(values: Iterable[object]) -> str:
    return f"[{','.join(map(str, values))}]"


def _parse_map(text: str) -> StringMap:
    """`a=b,c,d=e`; a key without `=` has the empty value."""
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return StringMap((key.strip(), value.strip()) for key, _, value in pairs)


def _parse_strict_map(text: str) -> StringMap:
    if any("=" not in part for part in text.split(",") if part):
        raise ValueError("must be name=value pairs, separated by commas")
    return _parse_map(text)


def _parse_string_to_string(text: str) -> StringMap:
    """One `key=value`, in which both may hold commas, or several as fields of a line of CSV (upstream: pflag)."""
    pairs = [text.strip('"')] if text.count("=") == 1 else next(csv.reader([text]), [])
    if any("=" not in pair for pair in pairs):
        raise ValueError("must be key=value pairs, separated by commas")
    split = (pair.partition("=") for pair in pairs)
    return StringMap((key, value) for key, _, value in split)


def _join_maps(earlier: StringMap, later: StringMap) -> StringMap:
    return StringMap({**earlier, **later})


def _format_map(values: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(values.items()))


def _parse_port_range(text: str) -> PortRange:
    """`first-last`, `first+offset` or one port."""
    text = text.strip()
    try:
        if "-" in text:
            low, high = map(int, text.split("-"))
        elif "+" in text:
            low, offset = map(int, text.split("+"))
            high = low + offset
        else:
            low = high = int(text) if text else 0
    except ValueError:
        raise ValueError("must be a port range such as 30000-32767") from None
    if not 0 <= low <= high <= 65535:
        raise ValueError("must be a port range within 0-65535 whose first port is not above its last")
    return PortRange(low, high)


def _parse_sni(text: str) -> tuple[SNICertKey, ...]:
    files, _, names = text.partition(":")
    parts = files.split(",")
    if len(parts) != 2 or not all(parts) or (names and not all(names.split(","))):
        raise ValueError(
            "must be a certificate file and its key file, optionally followed by names: cert,key[:name,...]"
        )
    return (SNICertKey(parts[0], parts[1], tuple(names.split(",")) if names else ()),)


def _format_sni(values: Iterable[SNICertKey]) -> str:
    texts = (f"{v.cert_file},{v.key_file}{':' if v.names else ''}{','.join(v.names)}" for v in values)
    return f"[{';'.join(texts)}]"


def _parse_int_slice(text: str) -> tuple[int, ...]:
    return tuple(_parse_int(part) for part in text.split(",") if part)


def _parse_vmodule(text: str) -> StringMap:
    values = _parse_strict_map(text)
    if not all(value.isdigit() for value in values.values()):
        raise ValueError("must be pattern=N pairs, separated by commas")
    return values


_QUANTITY_SUFFIXES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def _parse_duration(text: str) -> float:
    try:
        return parse_duration(text) / SECOND
    except DurationError:
        raise ValueError("must be a duration such as 300ms, 30s or 1h30m") from None


def _parse_quantity(text: str) -> int:
    number = text.rstrip("KkMGi")
    factor = _QUANTITY_SUFFIXES.get(text[len(number) :])
    if factor is None or not number.isdigit():
        raise ValueError("must be a number of bytes such as 512, 4Ki or 1Mi")
    return int(number) * factor


def _concat(earlier: tuple[Any, ...], later: tuple[Any, ...]) -> tuple[Any, ...]:
    return earlier + later


def _one(text: str) -> tuple[str, ...]:
    return (text,)


STRING = FlagType("string", str)
BOOL = FlagType("bool", _parse_bool, lambda value: "true" if value else "false", bare="true")
INT = FlagType("int", _parse_int)
FLOAT = FlagType("float", _parse_float, lambda value: f"{value:g}")

Duration = Annotated[
    float, FlagType("duration", _parse_duration, lambda seconds: format_duration(round(seconds * SECOND)))
]
Float32 = Annotated[float, FlagType("float32", _parse_float, lambda value: f"{value:g}")]
IP = Annotated[str, FlagType("ip", _parse_ip)]
Strings = Annotated[tuple[str, ...], FlagType("strings", _parse_strings, _format_strings, _concat)]
StringArray = Annotated[tuple[str, ...], FlagType("stringArray", _one, _format_strings, _concat)]
MapStringString = Annotated[StringMap, FlagType("mapStringString", _parse_map, _format_map, _join_maps)]
StringToString = Annotated[StringMap, FlagType("stringToString", _parse_string_to_string, _format_map, _join_maps)]
FeatureGateMap = Annotated[
    StringMap, FlagType("colonSeparatedMultimapStringString", _parse_strict_map, _format_map, _join_maps)
]
Ports = Annotated[PortRange, FlagType("portRange", _parse_port_range, lambda value: f"{value.first}-{value.last}")]
Int32Slice = Annotated[tuple[int, ...], FlagType("int32Slice", _parse_int_slice, _format_strings, _concat)]
SNICertKeys = Annotated[tuple[SNICertKey, ...], FlagType("namedCertKey", _parse_sni, _format_sni, _concat)]
Level = Annotated[int, FlagType("Level", _parse_int)]
VModule = Annotated[StringMap, FlagType("pattern=N,...", _parse_vmodule, _format_map)]
Bytes = Annotated[int, FlagType("quantity", _parse_quantity)]

PLAIN = {str: STRING, bool: BOOL, int: INT, float: FLOAT}
