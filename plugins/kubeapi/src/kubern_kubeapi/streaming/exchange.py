"""One request to a kubelet, pod, service or node on its way (upstream: proxy.UpgradeAwareHandler).

Next: `kubern/remote/forwarding.py` for how an exchange goes.
"""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from kubern.registry.errors import plain_error
from kubern.remote.errors import connection_error_text, join_host_port
from kubern.remote.forwarding import Exchange, InvalidUpgrade, escape_path
from kubern.remote.http import Connection, MalformedResponse
from kubern_kubeapi.streaming.kubelets import Location

if TYPE_CHECKING:
    from kubern.apimachinery.errors import StatusError
    from kubern.endpoints.asgi import Receive, Send
    from kubern.remote.http import Headers, Pool
    from kubern.request import RequestContext
    from kubern_kubeapi.streaming.links import Links

_OURS: Final = frozenset((b"host", b"authorization", b"x-forwarded-for"))
_MAX_PAGE_BYTES: Final = 32 << 20
_WINDOWS: Final = {b"gzip": 31, b"deflate": -15}
"""zlib's window bits by content encoding; Go's deflate has no header."""
FAILURES: Final = (OSError, EOFError, MalformedResponse)
"""What an exchange raises when the other side cannot be reached or breaks off."""


def failure_text(error: BaseException, location: Location) -> str:
    """A failure as Go says it."""
    return connection_error_text(error, location.host, location.port)


def upgrade_failure(error: BaseException, location: Location) -> StatusError:
    """What a client that wanted an upgrade is told of a failure."""
    if isinstance(error, InvalidUpgrade):
        return plain_error(str(error))
    return plain_error(f"error dialing backend: {failure_text(error, location)}")


async def connect(pool: Pool, location: Location, *, fresh: bool) -> tuple[Connection, bool]:
    """A connection, and whether it was used before. Raises OSError."""
    async with asyncio.timeout(location.timeout):
        return await pool.connect(location.host, location.port, location.context, location.host, fresh=fresh)


class LocationExchange(Exchange):
    """Passes a request to `target` at `location`; the answer's links keep leading through this server.

    `prefix` is the path here that stands for the other server's root, "" when answers name no paths.
    """

    def __init__(
        self,
        pool: Pool,
        location: Location,
        target: str,
        ctx: RequestContext,
        receive: Receive,
        send: Send,
        prefix: str = "",
        bytes_per_second: int = 0,
    ) -> None:
        super().__init__(ctx.scope, receive, send)
        self.bytes_per_second = bytes_per_second
        self.pool = pool
        self.location = location
        self.ctx = ctx
        self._target = target
        self._prefix = prefix

    async def connect(self, fresh: bool) -> tuple[Connection, bool]:
        return await connect(self.pool, self.location, fresh=fresh)

    def release(self, connection: Connection) -> None:
        location = self.location
        self.pool.release(connection, location.host, location.port, location.context, location.host)

    def target(self) -> str:
        return self._target

    def headers(self) -> Headers:
        # What the client called this server is passed on: the other one sees one name, whatever its address.
        host = next((value for name, value in self.scope["headers"] if name == b"host"), b"")
        before = [value for name, value in self.scope["headers"] if name == b"x-forwarded-for"]
        forwarded: Headers = [(b"X-Forwarded-For", b", ".join([*before, self.ctx.remote_address.encode()]))]
        if self._prefix and self.upgrade is None:
            forwarded.append((b"X-Forwarded-Uri", escape_path(self.ctx.info.path)))
        dropped = _OURS | {b"x-forwarded-uri"} if self._prefix else _OURS
        return [(b"Host", host), *self.passed_headers(dropped), *forwarded]

    def answer_headers(self, connection: Connection) -> Headers:
        headers = []
        for name, value in super().answer_headers(connection):
            if name.startswith(b"access-control-"):
                continue
            if name == b"location" and value and self._prefix:
                value = self._links().moved(value.decode("latin-1")).encode("latin-1")
            headers.append((name, value))
        return headers

    async def answer(self, connection: Connection) -> None:
        if self._prefix and self.method != "HEAD" and _is_page(connection.headers):
            await self._answer_with_page(connection)
        else:
            await super().answer(connection)

    async def _answer_with_page(self, connection: Connection) -> None:
        """An HTML page, held back until it is complete and its links can be moved."""
        encoding = next((value for name, value in connection.headers if name == b"content-encoding"), b"")
        body = b""
        async for data in connection.read_body():
            body += data
            if len(body) > _MAX_PAGE_BYTES:
                raise MalformedResponse("the page is too large")
        plain = _decoded(body, encoding)
        if plain is not None:
            body = _encoded(self._links().rewritten(plain), encoding)
        headers = [header for header in self.answer_headers(connection) if header[0] != b"content-length"]
        headers.append((b"content-length", b"%d" % len(body)))
        await self.send({"type": "http.response.start", "status": connection.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    def _links(self) -> Links:
        from kubern_kubeapi.streaming.links import Links

        own = join_host_port(self.location.host, self.location.port)
        return Links(unquote(self._prefix), own, self.ctx.headers.get("host", ""))


def _is_page(headers: Headers) -> bool:
    """Whether an answer is HTML and no redirect."""
    found = dict(headers)
    kind = found.get(b"content-type", b"").split(b";", 1)[0].strip()
    return kind == b"text/html" and not found.get(b"location")


def _decoded(body: bytes, encoding: bytes) -> bytes | None:
    """A page in the clear; None when it is encoded in a way that nobody here reads."""
    if not encoding:
        return body
    if encoding not in _WINDOWS:
        return None
    decoder = zlib.decompressobj(_WINDOWS[encoding])
    try:
        plain = decoder.decompress(body, _MAX_PAGE_BYTES)
    except zlib.error:
        return None
    return plain if not decoder.unconsumed_tail else None


def _encoded(plain: bytes, encoding: bytes) -> bytes:
    if not encoding:
        return plain
    encoder = zlib.compressobj(wbits=_WINDOWS[encoding])
    return encoder.compress(plain) + encoder.flush()
