"""Passes requests of remote group-versions on to their extension API server (upstream: proxyHandler).

Bodies are streamed both ways as they come. Next: `relay.py` for connections that leave HTTP, `identity.py` for the
headers that name the user.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from kubern.client.errors import connection_error_text, join_host_port
from kubern.client.http import Connection, MalformedResponse
from kubern.endpoints.asgi import send_text
from kubern.util.upgrade import offered_upgrade
from kubern_aggregator.handlers.identity import identity_headers, is_identity_header
from kubern_aggregator.handlers.relay import hand_over
from kubern_aggregator.upstream import Address, ResolveError, TransportError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kubern.client.http import Headers
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.request import RequestContext
    from kubern_aggregator.registry import Registered
    from kubern_aggregator.upstream import Upstreams

_HOP: Final = frozenset(
    (b"connection", b"proxy-connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
     b"te", b"trailer", b"transfer-encoding", b"upgrade")
)  # fmt: skip
_OURS: Final = frozenset(
    (b"host", b"authorization", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-uri",
     b"audit-id")
)  # fmt: skip
_REDIRECTED: Final = b"the backend attempted to redirect this request, which is not permitted"
_RETRIED_METHODS: Final = ("GET", "HEAD", "OPTIONS", "DELETE")


class ClientGone(Exception):
    """The client closed its connection before the answer was complete."""


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
        try:
            await _Exchange(self, address, ctx, scope, receive, send).run()
        except (OSError, EOFError, MalformedResponse) as error:
            if ctx.response_started:
                raise ConnectionAbortedError("the extension API server broke off its answer") from error
            text = connection_error_text(error, address.host, address.port)
            await send_text(send, 503, f"error trying to reach service: {text}\n")

    def rejects(self, connection: Connection) -> bool:
        """Whether the answer is a redirect that clients may not see."""
        redirect = 300 <= connection.status <= 399 and any(n == b"location" and v for n, v in connection.headers)
        return self._reject_redirects and redirect


class _Exchange:
    """One request on its way."""

    def __init__(
        self, proxy: Proxy, address: Address, ctx: RequestContext, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self.proxy = proxy
        self.address = address
        self.ctx = ctx
        self.scope = scope
        self.receive = receive
        self.send = send
        self.upgrade = offered_upgrade(scope)
        names = {name for name, _ in scope["headers"]}
        self.has_body = b"content-length" in names or b"transfer-encoding" in names
        self.chunked = b"transfer-encoding" in names

    async def run(self) -> None:
        connection, used = await self.proxy.upstreams.connect(self.address, fresh=self.upgrade is not None)
        try:
            await self._exchange(connection)
        except (OSError, EOFError):
            connection.close()
            retried = used and not self.has_body and self.scope["method"] in _RETRIED_METHODS
            if not retried or connection.status:
                raise
            # The server closed the connection while it was idle: nobody has seen this request yet.
            connection, _ = await self.proxy.upstreams.connect(self.address, fresh=True)
            await self._exchange(connection)

    async def _exchange(self, connection: Connection) -> None:
        handed_over = False
        connection.send_head(self.scope["method"], self._target(), self._headers())
        upload = asyncio.create_task(self._upload(connection)) if self.upgrade is None else None
        answer = asyncio.current_task()
        gone = [False]

        def uploaded(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and isinstance(task.exception(), ClientGone) and answer is not None:
                gone[0] = True
                answer.cancel()

        if upload is not None:
            upload.add_done_callback(uploaded)
        try:
            status = await connection.read_head()
            if status == 101 and self.upgrade is not None:
                handed_over = True
                await hand_over(connection, self.upgrade)
                return
            await self._answer(connection)
        except asyncio.CancelledError:
            if not gone[0] or answer is None:
                raise
            answer.uncancel()
        finally:
            if upload is not None:
                upload.remove_done_callback(uploaded)
                upload.cancel()
            if not handed_over:
                if gone[0] or self.upgrade is not None:
                    connection.close()
                else:
                    self.proxy.upstreams.release(connection, self.address)

    async def _answer(self, connection: Connection) -> None:
        if self.proxy.rejects(connection):
            headers: Headers = [(b"content-length", str(len(_REDIRECTED)).encode())]
            await self.send({"type": "http.response.start", "status": 502, "headers": headers})
            await self.send({"type": "http.response.body", "body": _REDIRECTED})
            connection.reusable = False
            return
        headers = [
            (name, value)
            for name, value in connection.headers
            if name not in _HOP and name != b"audit-id" and not name.startswith(b"access-control-")
        ]
        await self.send({"type": "http.response.start", "status": connection.status, "headers": headers})
        async for data in connection.read_body():
            await self.send({"type": "http.response.body", "body": data, "more_body": True})
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _upload(self, connection: Connection) -> None:
        """Send the body, then wait for the client to go away. Raises ClientGone."""
        try:
            await connection.send_body(self._body(), self.chunked)
        except OSError:
            return  # the answer says why
        while (await self.receive())["type"] != "http.disconnect":
            pass
        raise ClientGone

    async def _body(self) -> AsyncIterator[bytes]:
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            yield message.get("body", b"")
            if not message.get("more_body"):
                return

    def _target(self) -> str:
        raw = self.scope.get("raw_path")
        path = raw.decode("latin-1").split("?", 1)[0] if raw else quote(self.scope["path"])
        query = sorted(self.ctx.query.items())
        return f"{path}?{urlencode(query, doseq=True)}" if query else path

    def _headers(self) -> Headers:
        ctx, scope = self.ctx, self.scope
        host = join_host_port(self.address.host, self.address.port).encode()
        named = {
            token.strip().lower()
            for name, value in scope["headers"]
            if name == b"connection"
            for token in value.split(b",")
        }
        dropped = _HOP | _OURS | named
        headers: Headers = [(b"Host", host)]
        for name, value in scope["headers"]:
            if name not in dropped and not is_identity_header(name):
                headers.append((name, value))
        if b"te" not in named and self.chunked:
            headers.append((b"Transfer-Encoding", b"chunked"))
        user = ctx.effective_user
        headers += identity_headers(user.name, user.uid, user.groups, user.extra)
        before = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        headers += [
            (b"X-Forwarded-For", b", ".join([*before, ctx.remote_address.encode()])),
            (b"X-Forwarded-Host", host),
            (b"X-Forwarded-Proto", b"https"),
            (b"X-Forwarded-Uri", ctx.info.path.encode()),
            (b"Audit-Id", ctx.audit_id.encode()),
        ]
        if self.upgrade is not None:
            headers += [(b"Connection", b"Upgrade"), (b"Upgrade", self.upgrade.protocol.encode())]
        return headers
