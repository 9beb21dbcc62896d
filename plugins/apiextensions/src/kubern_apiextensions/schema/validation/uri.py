"""The format `uri`: what Go's url.ParseRequestURI accepts. Next: `formats.py`."""

from __future__ import annotations

import re
from typing import Final

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST_CHARACTERS: Final = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:\[\]<>\"\x80-\U0010ffff]*")
_USERINFO: Final = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_PORT: Final = re.compile(r"(?::[0-9]*)?")


def is_request_uri(value: str) -> bool:
    """An absolute URI or an absolute path."""
    if not value or any(char < " " or char == "\x7f" for char in value):
        return False
    if value == "*":
        return True
    scheme, rest = _split_scheme(value)
    if scheme is None:
        return False
    rest = rest.partition("?")[0]
    if not rest.startswith("/"):
        return bool(scheme)
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        return _is_authority(authority) and not _BAD_ESCAPE.search(slash + path)
    return not _BAD_ESCAPE.search(rest)


def _split_scheme(value: str) -> tuple[str | None, str]:
    """Scheme (None when malformed, "" when absent) and what follows the colon."""
    match = _SCHEME.match(value)
    if match is None:
        return (None, "") if value.startswith(":") else ("", value)
    end = match.end()
    return (match[0], value[end + 1 :]) if value[end : end + 1] == ":" else ("", value)


def _is_authority(authority: str) -> bool:
    userinfo, at, host = authority.rpartition("@")
    if at and (not _USERINFO.fullmatch(userinfo) or _BAD_ESCAPE.search(userinfo)):
        return False
    if host.startswith("["):
        address, bracket, port = host[1:].partition("]")
        return bool(bracket) and bool(_PORT.fullmatch(port)) and " " not in address
    if ":" in host and not _PORT.fullmatch(host[host.rindex(":") :]):
        return False
    unescaped = re.sub(r"%[0-9A-Fa-f]{2}", "a", host)
    return bool(_HOST_CHARACTERS.fullmatch(unescaped)) and not _BAD_ESCAPE.search(host)
