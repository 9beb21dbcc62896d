"""The string formats that are checked in custom resources (upstream: kube-openapi strfmt.Default).

Names are compared without hyphens. A format that is not here is ignored, as StripUnsupportedFormats does:
int32, int64, float and double among them. Next: `checks.py`.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
import unicodedata
from collections.abc import Callable
from typing import Final

from kubern.apimachinery.names import is_dns1123_label, is_dns1123_subdomain
from kubern_apiextensions.schema.validation.email import is_email
from kubern_apiextensions.schema.validation.uri import is_request_uri

Format = Callable[[str], bool]
_FLAGS: Final = re.ASCII


def _pattern(text: str, flags: int = 0) -> Format:
    match = re.compile(text, _FLAGS | flags).fullmatch
    return lambda value: match(value) is not None


_RGB_PART: Final = r"\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*"
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", _FLAGS)
_TIME: Final = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})")
_GO_DURATION: Final = re.compile(r"[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)", _FLAGS)
_LOOSE_DURATION: Final = re.compile(r"(\d+)\s*([A-Za-zµ]+)")
_LOOSE_UNITS: Final = (
    ("ns", "nano"),
    ("us", "µs", "micro"),
    ("ms", "milli"),
    ("s", "sec"),
    ("m", "min"),
    ("h", "hr", "hour"),
    ("d", "day"),
    ("w", "wk", "week"),
)
_CREDIT_CARD: Final = _pattern(
    r"4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}"
    r"|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11}"
)


def _is_host_character(char: str) -> bool:
    return (char.isascii() and char.isalnum()) or unicodedata.category(char)[0] in "SL"


def _is_host_label(label: str) -> bool:
    """A label before a dot: hyphens inside only."""
    if not label or label[0] == "-" or label[-1] == "-":
        return False
    return all(char == "-" or _is_host_character(char) for char in label)


def _is_hostname(value: str) -> bool:
    """Labels of at most 63 bytes; a dotted name ends in letters, a single label has one hyphen at most, second."""
    labels = value.split(".")
    if len(value.encode()) > 255 or any(len(label.encode()) > 63 for label in labels):
        return False
    if len(labels) == 1:
        return value != "" and value[0] != "-" and all(map(_is_host_character, value[0] + value[1:].removeprefix("-")))
    return all(map(_is_host_label, labels[:-1])) and len(labels[-1]) >= 2 and labels[-1].isalpha()


def _is_ipv4(value: str) -> bool:
    return "." in value and _is_ip(value)


def _is_ipv6(value: str) -> bool:
    return ":" in value and _is_ip(value)


def _is_ip(value: str) -> bool:
    if "%" in value:
        return False
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _is_cidr(value: str) -> bool:
    address, slash, length = value.partition("/")
    if not slash or not _is_ip(address) or not (length.isascii() and length.isdigit()):
        return False
    if len(length) > 1 and length[0] == "0":
        return False
    return int(length) <= (128 if ":" in address else 32)


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return value.startswith("0000-") and _is_date("0004-" + value[5:])
    return True


def _is_date_time(value: str) -> bool:
    day, separator, clock = value.lower().partition("t")
    if not separator or not _is_date(day):
        return False
    match = _TIME.fullmatch(clock.split("t")[0])
    return match is not None and match[1] <= "23" and match[2] <= "59" and match[3] <= "59"


def _is_loose_unit(unit: str) -> bool:
    unit = unit.lower()
    return any(unit in variants or unit.startswith(variants[-1]) for variants in _LOOSE_UNITS)


def _is_duration(value: str) -> bool:
    """A Go duration, or numbers with units as Scala writes them."""
    if _GO_DURATION.fullmatch(value):
        return True
    return any(_is_loose_unit(unit) for _, unit in _LOOSE_DURATION.findall(value))


def _is_isbn10(value: str) -> bool:
    digits = re.sub(r"[\s-]+", "", value)
    if not re.fullmatch("[0-9]{9}[0-9X]", digits):
        return False
    total = sum((10 if d == "X" else int(d)) * (i + 1) for i, d in enumerate(digits))
    return total % 11 == 0


def _is_isbn13(value: str) -> bool:
    digits = re.sub(r"[\s-]+", "", value)
    if not re.fullmatch("[0-9]{13}", digits):
        return False
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits[:12]))
    return (10 - total % 10) % 10 == int(digits[12])


def _is_isbn(value: str) -> bool:
    return _is_isbn10(value) or _is_isbn13(value)


def _is_credit_card(value: str) -> bool:
    digits = re.sub("[^0-9]+", "", value)
    if not _CREDIT_CARD(digits):
        return False
    total = 0
    for i, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if i % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def _always(value: str) -> bool:
    return True


_UUID: Final = "[0-9a-f]{8}-?[0-9a-f]{4}-?%s-?%s-?[0-9a-f]{12}"
_ANY4: Final = "[0-9a-f]{4}"
_VARIANT: Final = "[89ab][0-9a-f]{3}"
FORMATS: Final[dict[str, Format]] = {
    "bsonobjectid": _pattern("[0-9a-fA-F]{24}"),
    "uri": is_request_uri,
    "email": is_email,
    "hostname": _is_hostname,
    "ipv4": _is_ipv4,
    "ipv6": _is_ipv6,
    "cidr": _is_cidr,
    "mac": _pattern(
        "(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\\1){4}[0-9a-fA-F]{2}"
        "|(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\\2){6}[0-9a-fA-F]{2}"
        "|(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\\3){18}[0-9a-fA-F]{2}"
        "|[0-9a-fA-F]{4}(?:\\.[0-9a-fA-F]{4}){2}|[0-9a-fA-F]{4}(?:\\.[0-9a-fA-F]{4}){3}"
        "|[0-9a-fA-F]{4}(?:\\.[0-9a-fA-F]{4}){9}"
    ),
    "uuid": _pattern(_UUID % (_ANY4, _ANY4), re.IGNORECASE),
    "uuid3": _pattern(_UUID % ("3[0-9a-f]{3}", _ANY4), re.IGNORECASE),
    "uuid4": _pattern(_UUID % ("4[0-9a-f]{3}", _VARIANT), re.IGNORECASE),
    "uuid5": _pattern(_UUID % ("5[0-9a-f]{3}", _VARIANT), re.IGNORECASE),
    "isbn": _is_isbn,
    "isbn10": _is_isbn10,
    "isbn13": _is_isbn13,
    "creditcard": _is_credit_card,
    "ssn": _pattern(r"\d{3}[- ]\d{2}[- ]\d{4}"),
    "hexcolor": _pattern("#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
    "rgbcolor": _pattern(rf"rgb\({_RGB_PART},{_RGB_PART},{_RGB_PART}\)"),
    "byte": _pattern("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"),
    "password": _always,
    "date": _is_date,
    "datetime": _is_date_time,
    "duration": _is_duration,
    "k8sshortname": lambda value: not is_dns1123_label(value),
    "k8slongname": lambda value: not is_dns1123_subdomain(value),
}


def find_format(name: str) -> Format | None:
    """The check of a format, None when it is not one that is checked."""
    return FORMATS.get(name.replace("-", ""))
