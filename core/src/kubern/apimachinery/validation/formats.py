"""Rules for short texts and numbers: ports, ids, environment names, config keys, percentages.

Each function returns the problems as messages, none when the value is fine (upstream: util/validation).
Next: `ip.py` for addresses.
"""

from __future__ import annotations

import re
from typing import Any, Final

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import EMPTY_ERROR, regex_error

MAX_INT32: Final = 2**31 - 1
IS_NOT_POSITIVE: Final = "must be greater than zero"
IS_NOT_INTEGER: Final = "must be an integer"

_PORT_NAME_CHARSET = re.compile("[-a-z0-9]+")
_PORT_NAME_LETTER = re.compile("[a-z]")
_CONFIG_MAP_KEY = re.compile("[-._a-zA-Z0-9]+")
_HTTP_HEADER = re.compile("[-A-Za-z0-9]+")
_PERCENT = re.compile("[0-9]+%")
_UNDERSCORE_SUBDOMAIN_FMT = r"_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*"
_UNDERSCORE_SUBDOMAIN = re.compile(_UNDERSCORE_SUBDOMAIN_FMT)


def max_len_error(length: int) -> str:
    """As util/validation words it; names count bytes (`names.py::max_len_error`)."""
    return f"must be no more than {length} characters"


def inclusive_range_error(low: int, high: int) -> str:
    return f"must be between {low} and {high}, inclusive"


def is_valid_port_num(port: int) -> list[str]:
    return [] if 1 <= port <= 65535 else [inclusive_range_error(1, 65535)]


def is_valid_port_name(name: str) -> list[str]:
    """An IANA service name."""
    errors = []
    if len(name.encode()) > 15:
        errors.append(max_len_error(15))
    if not _PORT_NAME_CHARSET.fullmatch(name):
        errors.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not _PORT_NAME_LETTER.search(name):
        errors.append("must contain at least one letter (a-z)")
    if "--" in name:
        errors.append("must not contain consecutive hyphens")
    if name.startswith("-") or name.endswith("-"):
        errors.append("must not begin or end with a hyphen")
    return errors


def is_valid_id(number: int) -> list[str]:
    """A user or group id."""
    return [] if 0 <= number <= MAX_INT32 else [inclusive_range_error(0, MAX_INT32)]


def is_relaxed_env_var_name(name: str) -> list[str]:
    """Printable ASCII without the equals sign."""
    errors = []
    if not name:
        errors.append("environment variable name " + EMPTY_ERROR)
    if not (name.isascii() and name.isprintable()) or "=" in name:
        errors.append(
            "a valid environment variable name must consist only of printable ASCII characters other than '='"
        )
    return errors


def is_config_map_key(key: str) -> list[str]:
    errors = []
    if len(key.encode()) > names.DNS1123_SUBDOMAIN_MAX_LENGTH:
        errors.append(max_len_error(names.DNS1123_SUBDOMAIN_MAX_LENGTH))
    if not _CONFIG_MAP_KEY.fullmatch(key):
        message = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        errors.append(regex_error(message, _CONFIG_MAP_KEY.pattern, "key.name", "KEY_NAME", "key-name"))
    return errors + _has_change_dir_prefix(key)


def _has_change_dir_prefix(value: str) -> list[str]:
    if value in (".", ".."):
        return [f"must not be '{value}'"]
    return ["must not start with '..'"] if value.startswith("..") else []


def is_http_header_name(name: str) -> list[str]:
    if _HTTP_HEADER.fullmatch(name):
        return []
    message = "a valid HTTP header must consist of alphanumeric characters or '-'"
    return [regex_error(message, _HTTP_HEADER.pattern, "X-Header-Name")]


def is_valid_percent(text: str) -> list[str]:
    if _PERCENT.fullmatch(text):
        return []
    message = "a valid percent string must be a numeric string followed by an ending '%'"
    return [regex_error(message, _PERCENT.pattern, "1%", "93%")]


def is_dns1123_subdomain_with_underscore(value: str) -> list[str]:
    errors = []
    if len(value.encode()) > names.DNS1123_SUBDOMAIN_MAX_LENGTH:
        errors.append(max_len_error(names.DNS1123_SUBDOMAIN_MAX_LENGTH))
    if not _UNDERSCORE_SUBDOMAIN.fullmatch(value):
        message = (
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', "
            "and must start and end with an alphanumeric character"
        )
        errors.append(regex_error(message, _UNDERSCORE_SUBDOMAIN_FMT, "example.com"))
    return errors


def validate_dns1123_label(value: str, path: Path) -> ErrorList:
    return [field.invalid(path, value, m) for m in names.is_dns1123_label(value)]


def validate_dns1123_subdomain(value: str, path: Path) -> ErrorList:
    return [field.invalid(path, value, m) for m in names.is_dns1123_subdomain(value)]


def validate_qualified_name(value: str, path: Path) -> ErrorList:
    return [field.invalid(path, value, m) for m in names.is_qualified_name(value)]


def validate_port_num_or_name(port: Any, path: Path) -> ErrorList:
    """An IntOrString that names a port."""
    if isinstance(port, str):
        return [field.invalid(path, port, m) for m in is_valid_port_name(port)]
    return [field.invalid(path, port, m) for m in is_valid_port_num(port)]


def validate_positive_int_or_percent(value: Any, path: Path) -> ErrorList:
    """An IntOrString: not negative, or a percentage (upstream: apps/validation.ValidatePositiveIntOrPercent)."""
    if isinstance(value, str):
        return [field.invalid(path, value, m) for m in is_valid_percent(value)]
    return [field.invalid(path, value, "must be greater than or equal to 0")] if value < 0 else []


def percent_value(value: Any) -> int | None:
    """The number of an IntOrString that is a percentage, else None."""
    if isinstance(value, str) and _PERCENT.fullmatch(value):
        return int(value[:-1])
    return None


def validate_not_more_than_100_percent(value: Any, path: Path) -> ErrorList:
    percent = percent_value(value)
    return [field.invalid(path, value, "must not be greater than 100%")] if percent and percent > 100 else []


def int_or_percent_value(value: Any) -> int:
    """The plain number in an IntOrString: percentages without their sign (upstream: getIntOrPercentValue)."""
    percent = percent_value(value)
    if percent is not None:
        return percent
    return value if isinstance(value, int) else 0
