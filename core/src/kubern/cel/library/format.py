"""format.dns1123Label() and the other named formats with validate() (apiserver's cel/library/format.go).

Next: `kubern.apimachinery.names` for the rules.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import date
from typing import Any

from kubern.apimachinery import names
from kubern.cel.cost.sizes import match_cost
from kubern.cel.declarations import Function, Library, member, overload
from kubern.cel.library.named_patterns import DATE_TIME, FULL_DATE, UUID
from kubern.cel.runtime.values import NO_VALUE, OptionalValue, Value
from kubern.cel.types import STRING, StructType, list_of, optional_of
from kubern.util.gourl import URLError, parse_request_uri

FORMAT = StructType("kubernetes.NamedFormat")
_Validate = Callable[[str], list[str]]


class FormatValue(Value):
    """A named format; the longest pattern behind it sets the price of validate()."""

    __slots__ = ("name", "pattern_size", "validate")
    cel_type = FORMAT

    def __init__(self, name: str, pattern_size: int, validate: _Validate) -> None:
        self.name = name
        self.pattern_size = pattern_size
        self.validate = validate

    def equals(self, other: object) -> bool:
        return isinstance(other, FormatValue) and self.name == other.name


def _prefixed(check: Callable[[str, bool], list[str]], prefix: bool) -> _Validate:
    return lambda text: check(text, prefix)


def _port_name(text: str) -> list[str]:
    from kubern.apimachinery.validation.formats import is_valid_port_name

    return is_valid_port_name(text)


def _uri(text: str) -> list[str]:
    try:
        parse_request_uri(text)
    except URLError as error:
        return [str(error)]
    return []


def _uuid(text: str) -> list[str]:
    return [] if UUID.fullmatch(text) else ["does not match the UUID format"]


def _byte(text: str) -> list[str]:
    try:
        valid = len(text) % 4 == 0 and base64.b64decode(text, validate=True) is not None
    except (binascii.Error, ValueError):
        valid = False
    return [] if valid and text else ["invalid base64"]


def _date(text: str) -> list[str]:
    return [] if _is_date(text) else ["invalid date"]


def _is_date(text: str) -> bool:
    if not FULL_DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _datetime(text: str) -> list[str]:
    match = DATE_TIME.fullmatch(text)
    if match is None or not _is_date(match[1]):
        return ["invalid datetime"]
    hour, minute, second = (int(match[group]) for group in (2, 3, 4))
    return [] if hour < 24 and minute < 60 and second < 60 else ["invalid datetime"]


def _formats() -> dict[str, FormatValue]:
    label, subdomain, dns1035 = names.name_is_dns_label, names.name_is_dns_subdomain, names.name_is_dns1035_label
    known = (
        ("dns1123Label", "DNS1123Label", 30, _prefixed(label, False)),
        ("dns1123Subdomain", "DNS1123Subdomain", 60, _prefixed(subdomain, False)),
        ("dns1035Label", "DNS1035Label", 30, _prefixed(dns1035, False)),
        ("qualifiedName", "QualifiedName", 60, names.is_qualified_name),
        ("portName", "PortName", 20, _port_name),
        ("dns1123LabelPrefix", "DNS1123LabelPrefix", 30, _prefixed(label, True)),
        ("dns1123SubdomainPrefix", "DNS1123SubdomainPrefix", 60, _prefixed(subdomain, True)),
        ("dns1035LabelPrefix", "DNS1035LabelPrefix", 30, _prefixed(dns1035, True)),
        ("labelValue", "LabelValue", 40, names.is_valid_label_value),
        # The lengths of the patterns of govalidator and strfmt, which upstream takes for estimates.
        ("uri", "URI", 1155, _uri),
        ("uuid", "uuid", 100, _uuid),
        ("byte", "byte", 76, _byte),
        ("date", "date", 111, _date),
        ("datetime", "datetime", 111, _datetime),
    )
    return {key: FormatValue(name, size, validate) for key, name, size, validate in known}


def _validate(of: FormatValue, text: str) -> OptionalValue:
    problems = of.validate(text)
    return OptionalValue(True, problems) if problems else NO_VALUE


def _validate_cost(args: tuple[Any, ...], _result: Any) -> int:
    return match_cost(len(args[1]), args[0].pattern_size)


def format_library() -> Library:
    """Kubernetes' named string formats."""
    formats = _formats()

    def named(name: str) -> OptionalValue:
        found = formats.get(name)
        return NO_VALUE if found is None else OptionalValue(True, found)

    def constant(value: FormatValue) -> Callable[[], FormatValue]:
        return lambda: value

    return Library(
        name="format",
        functions=(
            *(
                Function(f"format.{key}", overload(f"format.{key}", (), FORMAT, constant(value)))
                for key, value in formats.items()
            ),
            Function("format.named", overload("format-named", (STRING,), optional_of(FORMAT), named)),
            Function(
                "validate",
                member("format-validate", (FORMAT, STRING), optional_of(list_of(STRING)), _validate),
            ),
        ),
        types=(FORMAT,),
        costs={"format-validate": _validate_cost},
    )
