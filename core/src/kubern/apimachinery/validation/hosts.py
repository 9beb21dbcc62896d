"""Host names with wildcards and paths under a domain (upstream: util/validation). Next: ingresses."""

from __future__ import annotations

import re
from typing import Final

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import regex_error

_WILDCARD_FMT: Final = r"\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_WILDCARD = re.compile(_WILDCARD_FMT)
_WILDCARD_MESSAGE: Final = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
)
_HTTP_PATH_FMT: Final = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_HTTP_PATH = re.compile(_HTTP_PATH_FMT)


def is_wildcard_dns1123_subdomain(value: str) -> list[str]:
    """`*.` and a DNS subdomain."""
    errors = []
    if len(value) > names.DNS1123_SUBDOMAIN_MAX_LENGTH:
        errors.append(names.max_len_error(names.DNS1123_SUBDOMAIN_MAX_LENGTH))
    if not _WILDCARD.fullmatch(value):
        errors.append(regex_error(_WILDCARD_MESSAGE, _WILDCARD_FMT, "*.example.com"))
    return errors


def validate_domain_prefixed_path(path: Path, value: str) -> ErrorList:
    """A DNS subdomain, a slash and a path of HTTP's characters, as controllers are named."""
    if not value:
        return [field.required(path)]
    host, _, rest = value.partition("/")
    if not host or not rest:
        return [field.invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    errors = [field.invalid(path, host, m) for m in names.is_dns1123_subdomain(host)]
    if not _HTTP_PATH.fullmatch(rest):
        errors.append(field.invalid(path, rest, regex_error("Invalid path", _HTTP_PATH_FMT)))
    return errors
