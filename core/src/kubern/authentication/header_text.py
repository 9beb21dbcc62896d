"""Names of users in headers: bytes are text in UTF-8, keys of extra values are percent-encoded.

Upstream: unescapeExtraKey of request/headerrequest and filters/impersonation. Next: `request_header.py`.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

_HEX = frozenset(b"0123456789abcdefABCDEF")


def header_text(value: bytes) -> str:
    """A header's value as text."""
    return value.decode("utf-8", "replace")


def extra_key(encoded: bytes) -> str:
    """A key with its percent-encoding undone, or as it is when that is broken."""
    at = encoded.find(b"%")
    while at >= 0:
        if len(encoded) < at + 3 or not _HEX.issuperset(encoded[at + 1 : at + 3]):
            return header_text(encoded)
        at = encoded.find(b"%", at + 3)
    return header_text(unquote_to_bytes(encoded))
