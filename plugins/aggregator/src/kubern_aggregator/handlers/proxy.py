"""Passes requests of remote group-versions on to their extension API server (upstream: proxyHandler).

Next: `kubern/remote/forwarding.py` for how an exchange goes, `identity.py` for the headers that name the user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from kubern.endpoints.asgi import send_text
from kubern.remote.errors import connection_error_text, join_host_port
from kubern.remote.forwarding import Exchange, InvalidUpgrade, escape_path
from kubern.remote.http import Connection, MalformedResponse
from kubern_aggregator.handlers.identity import identity_headers, is_identity_header
from kubern_aggregator.upstream import Address, ResolveError, TransportError

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.remote.http import Headers
    from kubern.request import RequestContext
    from kubern_aggregator.registry import Registered
    from kubern_aggregator.upstream import Upstreams

_OURS: Final = frozenset(
    (b"host", b"authorization", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-uri",
     b"audit-id")
)  # fmt: skip
_REDIRECTED: Final = b"the backend attempted to redirect this request, which is not permitted"


class Proxy:
    """Answers requests with what the extension API server answers."""

    def __init__(self, upstreams: Upstreams, reject_redirects: bool) -> None:
        self.upstreams = upstreams
        self._reject_redirects = reject_redirects

    async def serve(self, one: Registered, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if not one.available:
            await send_text(send, 503, "service unavailable\n")
            return
        try:
            address = await self.upstreams.address(one.spec)
        except TransportError as error:
            await send_text(send, 500, f"{error}\n")
            return
        except ResolveError:
            await send_text(send, 503, "service unavailable\n")
            return
        exchange = _Exchange(self, address, ctx, scope, receive, send)
        try:
            await exchange.run()
        except (OSError, EOFError, MalformedResponse) as error:
            if ctx.response_started:
                raise ConnectionAbortedError("the extension API server broke off its answer") from error
            text = connection_error_text(error, address.host, address.port)
            if exchange.upgrade is None:
                text = f"error trying to reach service: {text}"
            elif not isinstance(error, InvalidUpgrade):
                text = f"error dialing backend: {text}"
            await send_text(send, 503, f"{text}\n")

    def rejects(self, connection: Connection) -> bool:
        """Whether the answer is a redirect that clients may not see."""
        redirect = 300 <= connection.status <= 399 and any(n == b"location" and v for n, v in connection.headers)
        return self._reject_redirects and redirect


class _Exchange(Exchange):
    """One request on its way."""

    def __init__(
        self, proxy: Proxy, address: Address, ctx: RequestContext, scope: Scope, receive: Receive, send: Send
    ) -> None:
        super().__init__(scope, receive, send)
        self.proxy = proxy
        self.address = address
        self.ctx = ctx

    async def connect(self, fresh: bool) -> tuple[Connection, bool]:
        return await self.proxy.upstreams.connect(self.address, fresh=fresh)

    def release(self, connection: Connection) -> None:
        self.proxy.upstreams.release(connection, self.address)

    async def answer(self, connection: Connection) -> None:
        if not self.proxy.rejects(connection):
            await super().answer(connection)
            return
        headers: Headers = [(b"content-length", str(len(_REDIRECTED)).encode())]
        await self.send({"type": "http.response.start", "status": 502, "headers": headers})
        await self.send({"type": "http.response.body", "body": _REDIRECTED})
        connection.reusable = False

    def answer_headers(self, connection: Connection) -> Headers:
        return [
            (name, value)
            for name, value in super().answer_headers(connection)
            if name != b"audit-id" and not name.startswith(b"access-control-")
        ]

    def target(self) -> str:
        raw = self.scope.get("raw_path")
        path = raw.decode("latin-1").split("?", 1)[0] if raw else quote(self.scope["path"])
        query = sorted(self.ctx.query.items())
        return f"{path}?{urlencode(query, doseq=True)}" if query else path

    def headers(self) -> Headers:
        ctx = self.ctx
        host = join_host_port(self.address.host, self.address.port).encode()
        headers: Headers = [(b"Host", host)]
        headers += [header for header in self.passed_headers(_OURS) if not is_identity_header(header[0])]
        user = ctx.effective_user
        headers += identity_headers(user.name, user.uid, user.groups, user.extra)
        before = [value for name, value in self.scope["headers"] if name == b"x-forwarded-for"]
        return [
            *headers,
            (b"X-Forwarded-For", b", ".join([*before, ctx.remote_address.encode()])),
            (b"X-Forwarded-Host", host),
            (b"X-Forwarded-Proto", b"https"),
            (b"X-Forwarded-Uri", escape_path(ctx.info.path)),
            (b"Audit-Id", ctx.audit_id.encode()),
        ]
