"""Passes a request on to another server and its answer back, bodies streamed both ways as they come.

The base of all proxies (upstream: httputil.ReverseProxy and proxy.UpgradeAwareHandler). A subclass says where to, with
which headers, and how answers come back. Next: `relay.py` for connections that leave HTTP.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from kubern.remote.http import MalformedResponse
from kubern.remote.relay import hand_over
from kubern.util.upgrade import offered_upgrade

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.remote.http import Connection, Headers
    from kubern.util.upgrade import Upgrade

HOP_HEADERS: Final = frozenset(
    (b"connection", b"proxy-connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
     b"te", b"trailer", b"transfer-encoding", b"upgrade")
)  # fmt: skip
_PATH_CHARACTERS: Final = "/$&+=:@~"
_RETRIED_METHODS: Final = ("GET", "HEAD", "OPTIONS", "DELETE")


def escape_path(path: str) -> bytes:
    """A decoded path for a header: what is in it ends no line (upstream: proxy.EscapePath)."""
    return quote(path, safe=_PATH_CHARACTERS).encode()


class InvalidUpgrade(MalformedResponse):
    """The other server neither left HTTP as it was asked nor refused; the text is kube-apiserver's."""


class ClientGone(Exception):
    """The client closed its connection before the answer was complete."""


class Exchange:
    """One request on its way. Raises OSError, EOFError, MalformedResponse."""

    bytes_per_second = 0
    """The limit of each direction of a connection that has left HTTP; 0 for none."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.method: str = scope["method"]
        self.upgrade = offered_upgrade(scope)
        names = {name for name, _ in scope["headers"]}
        self.has_body = b"content-length" in names or b"transfer-encoding" in names
        self.chunked = b"transfer-encoding" in names

    # ---------------------------------------------------------------- what a proxy says

    async def connect(self, fresh: bool) -> tuple[Connection, bool]:
        """A connection, and whether it was used before."""
        raise TypeError

    def release(self, connection: Connection) -> None:
        """Take a connection back after an exchange."""
        connection.close()

    def target(self) -> str:
        """Path and query on the other server."""
        raise TypeError

    def headers(self) -> Headers:
        """All headers of the request that goes out."""
        raise TypeError

    def answer_headers(self, connection: Connection) -> Headers:
        """The headers of the answer as the client gets them."""
        return [(name, value) for name, value in connection.headers if name not in HOP_HEADERS]

    async def switch(self, connection: Connection, upgrade: Upgrade) -> None:
        """The other server has left HTTP: join it with the client until one of them closes."""
        await hand_over(connection, upgrade, self.bytes_per_second)

    async def answer(self, connection: Connection) -> None:
        """Pass the answer back."""
        headers = self.answer_headers(connection)
        await self.send({"type": "http.response.start", "status": connection.status, "headers": headers})
        async for data in connection.read_body():
            await self.send({"type": "http.response.body", "body": data, "more_body": True})
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    # ---------------------------------------------------------------- how it goes

    async def run(self) -> None:
        """The whole exchange; returns when the client has its answer or went away."""
        connection, used = await self.connect(self.upgrade is not None)
        try:
            await self._exchange(connection)
        except (OSError, EOFError):
            connection.close()
            retried = used and not self.has_body and self.method in _RETRIED_METHODS
            if not retried or connection.status:
                raise
            # The server closed the connection while it was idle: nobody has seen this request yet.
            connection, _ = await self.connect(True)
            await self._exchange(connection)

    async def _exchange(self, connection: Connection) -> None:
        handed_over = False
        connection.send_head(self.method, self.target(), self.headers())
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
                await self.switch(connection, self.upgrade)
                return
            if self.upgrade is not None and status < 400:
                raise InvalidUpgrade(f"invalid upgrade response: status code {status}")
            await self.answer(connection)
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
                    self.release(connection)

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

    def passed_headers(self, dropped: frozenset[bytes]) -> Headers:
        """The client's headers that go on: neither hop by hop, nor named by Connection, nor `dropped`."""
        named = {
            token.strip().lower()
            for name, value in self.scope["headers"]
            if name == b"connection"
            for token in value.split(b",")
        }
        held = HOP_HEADERS | dropped | named
        headers = [(name, value) for name, value in self.scope["headers"] if name not in held]
        if self.chunked:
            headers.append((b"Transfer-Encoding", b"chunked"))
        if self.upgrade is not None:
            headers += [(b"Connection", b"Upgrade"), (b"Upgrade", self.upgrade.protocol.encode())]
        return headers
