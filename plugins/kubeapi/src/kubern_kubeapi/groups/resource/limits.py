"""Names, limits and the checks of lists and maps that the kinds of resource.k8s.io share.

Upstream: pkg/apis/resource/validation. Next: `requests.py`, `devices.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.storage.names import validate_csi_driver_name

Object = dict[str, Any]
Check = Callable[[Any, Path], ErrorList]

MAX_ID_LENGTH: Final = 32
MAX_DOMAIN_LENGTH: Final = 63
MAX_KEY_LENGTH: Final = MAX_DOMAIN_LENGTH + 1 + MAX_ID_LENGTH
MAX_POOL_NAME_LENGTH: Final = 253
_MIN_TRUNCATED: Final = 16
_C_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_C_IDENTIFIER_ERROR: Final = names.regex_error(
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric "
    "characters or '_'",
    "[A-Za-z_][A-Za-z0-9_]*",
    "my_name",
    "MY_NAME",
    "MyName",
)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_BARE_UUID: Final = re.compile(r"[0-9a-fA-F]{32}")
_UUID_LENGTH, _URN_LENGTH, _BRACED_LENGTH, _BARE_LENGTH = 36, 45, 38, 32

validate_driver_name = validate_csi_driver_name


def validate_label(name: str, path: Path) -> ErrorList:
    """The names of devices, requests and counters: DNS labels."""
    return [field.invalid(path, name, problem) for problem in names.is_dns1123_label(name)]


def validate_subdomain(name: str, path: Path) -> ErrorList:
    """The names of classes and nodes."""
    return [field.invalid(path, name, problem) for problem in names.is_dns1123_subdomain(name)]


def validate_pool_name(name: str, path: Path) -> ErrorList:
    """DNS subdomains separated by slashes."""
    if not name:
        return [field.required(path)]
    errors: ErrorList = []
    if len(name) > MAX_POOL_NAME_LENGTH:
        errors.append(field.too_long(path, "", MAX_POOL_NAME_LENGTH))
    for part in name.split("/"):
        errors += validate_subdomain(part, path)
    return errors


def validate_qualified_name(name: str, path: Path) -> ErrorList:
    """A C identifier, with a domain in front or without; as upstream's, more than one slash passes."""
    parts = name.split("/")
    if len(parts) == 1:
        return _validate_c_identifier(name, path)
    if len(parts) != 2:
        return []
    domain, identifier = parts
    if domain:
        errors = validate_driver_name(domain, path)
    else:
        errors = [field.invalid(path, "", "the domain must not be empty")]
    if not identifier:
        return [*errors, field.invalid(path, "", "the name must not be empty")]
    return errors + _validate_c_identifier(identifier, path)


def validate_fully_qualified_name(name: str, path: Path) -> ErrorList:
    """A C identifier with a domain in front."""
    errors = validate_qualified_name(name, path)
    if "/" not in name:
        detail = "a fully qualified name must be a domain and a name separated by a slash"
        errors.append(field.invalid(path, name, detail))
    return errors


def _validate_c_identifier(name: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    if len(name) > MAX_ID_LENGTH:
        errors.append(field.too_long(path, "", MAX_ID_LENGTH))
    if not _C_IDENTIFIER.fullmatch(name):
        errors.append(field.invalid(path, name, _C_IDENTIFIER_ERROR))
    return errors


def validate_uid(uid: str, path: Path) -> ErrorList:
    """A UUID in its normal form."""
    problem = _uuid_problem(uid)
    if problem:
        return [field.invalid(path, uid, f"error validating uid: {problem}")]
    if len(uid) != _UUID_LENGTH or uid != uid.lower():
        detail = (
            "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase "
            "hexadecimal characters"
        )
        return [field.invalid(path, uid, detail)]
    return []


def _uuid_problem(text: str) -> str:
    """Why a text is no UUID in any of its forms, in the words of Go's uuid.Validate."""
    if len(text) == _BARE_LENGTH:
        return "" if _BARE_UUID.fullmatch(text) else "invalid UUID format"
    if len(text) == _URN_LENGTH:
        prefix, text = text[:9], text[9:]
        if prefix.lower() != "urn:uuid:":
            return f"invalid urn prefix: {go_quote(prefix)}"
    elif len(text) == _BRACED_LENGTH:
        if not (text.startswith("{") and text.endswith("}")):
            return "invalid bracketed UUID format"
        text = text[1:-1]
    if len(text) != _UUID_LENGTH:
        return f"invalid UUID length: {len(text)}"
    return "" if _UUID.fullmatch(text) else "invalid UUID format"


def validate_list(items: Sequence[Any] | None, most: int | None, check: Check, path: Path) -> ErrorList:
    """Every item, unless there are too many to look at."""
    items = items or ()
    if most is not None and len(items) > most:
        return [field.too_many(path, len(items), most)]
    errors: ErrorList = []
    for i, item in enumerate(items):
        errors += check(item, path.index(i))
    return errors


def validate_set(
    items: Sequence[Any] | None,
    most: int | None,
    check: Check,
    path: Path,
    *,
    key: Callable[[Any], Hashable] = lambda item: item,
) -> ErrorList:
    """As `validate_list`, and that no two items have the same key."""
    items = items or ()
    errors = validate_list(items, most, check, path)
    if most is not None and len(items) > most:
        return errors
    seen: set[Hashable] = set()
    for i, item in enumerate(items):
        found = key(item)
        if found in seen:
            errors.append(field.duplicate(path.index(i), found))
        seen.add(found)
    return errors


def validate_map(
    items: Mapping[str, Any] | None, most: int | None, key_length: int, check_key: Check, check: Check, path: Path
) -> ErrorList:
    """Every key and value, unless there are too many; keys longer than `key_length` are shortened in paths."""
    items = items or {}
    if most is not None and len(items) > most:
        return [field.too_many(path, len(items), most)]
    errors: ErrorList = []
    for key in sorted(items):
        at = path.key(_shorten(key, key_length))
        errors += check_key(key, at)
        errors += check(items[key], at)
    return errors


def _shorten(text: str, most: int) -> str:
    most = max(most, _MIN_TRUNCATED)
    if len(text) <= most:
        return text
    rest = most - len("...")
    return text[: (rest + 1) // 2] + "..." + text[len(text) - rest // 2 :]
