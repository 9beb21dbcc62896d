"""The headers that tell an extension API server who asks (upstream: client-go transport.SetAuthProxyHeaders)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubern.remote.http import Headers

_LEGAL = frozenset(b"!#$&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def is_identity_header(name: bytes) -> bool:
    """Whether a header (in lower case) may come from the aggregator alone."""
    return name in (b"x-remote-user", b"x-remote-uid", b"x-remote-group") or name.startswith(b"x-remote-extra-")


def identity_headers(name: str, uid: str, groups: Iterable[str], extra: Mapping[str, Iterable[str]]) -> Headers:
    """X-Remote-User, -Uid, -Group and -Extra-KEY, the keys percent-encoded where a header name cannot hold them."""
    headers: Headers = [(b"X-Remote-User", name.encode())]
    if uid:
        headers.append((b"X-Remote-Uid", uid.encode()))
    headers += [(b"X-Remote-Group", group.encode()) for group in groups]
    for key, values in extra.items():
        header = b"X-Remote-Extra-" + _escape(key)
        headers += [(header, value.encode()) for value in values]
    return headers


def _escape(key: str) -> bytes:
    return b"".join(b"%c" % byte if byte in _LEGAL else b"%%%02X" % byte for byte in key.encode())
