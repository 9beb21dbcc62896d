"""One request to a kubelet, pod, service or node on its way (upstream: proxy.UpgradeAwareHandler).

Next: `kubern/remote/forwarding.py` for how an exchange goes.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from kubern.remote.errors import connection_error_text, join_host_port
from kubern.remote.forwarding import Exchange
from kubern.remote.http import Connection, MalformedResponse
from kubern_kubeapi.streaming.kubelets import Location

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Send
    from kubern.remote.http import Headers, Pool
    from kubern.request import RequestContext

_OURS: Final = frozenset((b"host", b"authorization", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"))
FAILURES: Final = (OSError, EOFError, MalformedResponse)
"""What an exchange raises when the other side cannot be reached or breaks off."""


def failure_text(error: BaseException, location: Location) -> str:
    """A failure as Go says it."""
    return connection_error_text(error, location.host, location.port)


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
        host = join_host_port(self.location.host, self.location.port).encode()
        before = [value for name, value in self.scope["headers"] if name == b"x-forwarded-for"]
        forwarded: Headers = [(b"X-Forwarded-For", b", ".join([*before, self.ctx.remote_address.encode()]))]
        if self._prefix:
            forwarded += [(b"X-Forwarded-Uri", self.ctx.info.path.encode()), (b"X-Forwarded-Proto", b"https")]
        return [(b"Host", host), *self.passed_headers(_OURS), *forwarded]

    def answer_headers(self, connection: Connection) -> Headers:
        headers = []
        for name, value in super().answer_headers(connection):
            if name.startswith(b"access-control-"):
                continue
            headers.append((name, self._moved(value) if name == b"location" and self._prefix else value))
        return headers

    def _moved(self, target: bytes) -> bytes:
        """A redirect within the other server, as a path of this one."""
        text = target.decode("latin-1")
        own = f"{self.location.scheme}://{join_host_port(self.location.host, self.location.port)}"
        if text.startswith(own):
            text = text.removeprefix(own) or "/"
        if text.startswith("/") and not text.startswith("//"):
            text = self._prefix + text
        return text.encode("latin-1")
