"""Header blocks of SPDY/3.1: pairs of length-prefixed texts, compressed with one zlib stream per direction.

Next: `spdy.py`, the frames that carry them.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Mapping
from typing import Final

Pairs = dict[str, str]

_NAMES: Final = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow "
    "authorization cache-control connection content-base content-encoding content-language content-length "
    "content-location content-md5 content-range content-type date etag expect expires from host if-match "
    "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status"
)
_NAMES_AFTER_STATUS: Final = ("200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin")
_TAIL: Final = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative"
    " Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 "
    "Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec "
    "00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,"
    "application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset="
    "iso-8859-1,utf-,*,enq=0."
)


class MalformedHeaders(Exception):
    """A block that cannot be read; the connection is of no more use."""


@functools.cache
def dictionary() -> bytes:
    """What both ends' compressors start with (SPDY draft 3.1, 2.6.10.1)."""
    names = (*_NAMES.split(), *_NAMES_AFTER_STATUS)
    return b"".join(_prefixed(name) for name in names) + _TAIL.encode()


def _prefixed(text: str) -> bytes:
    data = text.encode("latin-1")
    return len(data).to_bytes(4, "big") + data


class Compressor:
    """Header blocks that go out."""

    def __init__(self) -> None:
        self._zlib = zlib.compressobj(zdict=dictionary())

    def block(self, pairs: Mapping[str, str]) -> bytes:
        body = [len(pairs).to_bytes(4, "big")]
        for name, value in pairs.items():
            body += (_prefixed(name.lower()), _prefixed(value))
        return self._zlib.compress(b"".join(body)) + self._zlib.flush(zlib.Z_SYNC_FLUSH)


class Decompressor:
    """Header blocks that come in."""

    MAX_BYTES = 1 << 20

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(zdict=dictionary())

    def pairs(self, block: bytes) -> Pairs:
        """Names in lower case. Raises MalformedHeaders."""
        try:
            data = self._zlib.decompress(block, self.MAX_BYTES)
        except zlib.error as error:
            raise MalformedHeaders(str(error)) from None
        if self._zlib.unconsumed_tail:
            raise MalformedHeaders("headers too large")
        found: Pairs = {}
        position = 4
        for _ in range(int.from_bytes(data[:4], "big")):
            name, position = _text(data, position)
            found[name], position = _text(data, position)
        return found


def _text(data: bytes, position: int) -> tuple[str, int]:
    begin = position + 4
    end = begin + int.from_bytes(data[position:begin], "big")
    if end > len(data):
        raise MalformedHeaders("headers end early")
    return data[begin:end].decode("latin-1"), end
