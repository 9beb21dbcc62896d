"""Port forwarding whose SPDY frames come in WebSocket messages: unwrapped for the kubelet, which speaks plain SPDY.

Upstream: apiserver/pkg/util/proxy/streamtunnel.go. kubectl since 1.31 asks this way first. Next: `exchange.py`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from kubern.remote.dialing import READ_BYTES
from kubern.remote.spdy import PROTOCOL
from kubern.remote.throttle import Throttle
from kubern.util.websocket import HandshakeRefused, accept_websocket, offered_protocols
from kubern_kubeapi.streaming.exchange import LocationExchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubern.remote.http import Connection, Headers
    from kubern.util.upgrade import Upgrade
    from kubern.util.websocket import WebSocket

_PREFIX: Final = "SPDY/3.1+"
_SUFFIX: Final = ".k8s.io"
_VERSION_HEADER: Final = b"x-stream-protocol-version"
_MAX_MESSAGE_BYTES: Final = 1 << 24


def tunnelled_protocols(scope: Mapping[str, Any]) -> list[str]:
    """The SPDY protocols that a client offers to tunnel."""
    found = (one for one in offered_protocols(scope) if one.startswith(_PREFIX) and one.endswith(_SUFFIX))
    return [one.removeprefix(_PREFIX) for one in found]


class TunnelExchange(LocationExchange):
    """Asks the kubelet for SPDY; only when it agrees the client's WebSocket is accepted."""

    def headers(self) -> Headers:
        self.method = "POST"
        kept = [
            (name, value)
            for name, value in super().headers()
            if not name.lower().startswith(b"sec-websocket-") and name.lower() not in (b"upgrade", _VERSION_HEADER)
        ]
        versions = [(b"X-Stream-Protocol-Version", one.encode()) for one in tunnelled_protocols(self.scope)]
        return [*kept, (b"Upgrade", PROTOCOL.encode()), *versions]

    async def switch(self, connection: Connection, upgrade: Upgrade) -> None:
        chosen = next((value.decode("latin-1") for name, value in connection.headers if name == _VERSION_HEADER), "")
        wanted = _PREFIX + chosen if chosen else None
        try:
            socket = accept_websocket(
                self.scope,
                upgrade,
                lambda offered: wanted if wanted in offered else None,
                max_size=_MAX_MESSAGE_BYTES,
            )
        except HandshakeRefused:
            connection.close()
            raise
        await _join(connection, socket, self.bytes_per_second)


async def _join(connection: Connection, socket: WebSocket, bytes_per_second: int) -> None:
    """Relay until one side closes."""
    up = asyncio.create_task(_to_kubelet(connection, socket, Throttle(bytes_per_second)))
    down = asyncio.create_task(_to_client(connection, socket, Throttle(bytes_per_second)))
    try:
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (up, down):
            task.cancel()
        connection.close()
        socket.close()


async def _to_kubelet(connection: Connection, socket: WebSocket, throttle: Throttle) -> None:
    try:
        while (message := await socket.receive()) is not None:
            if isinstance(message, str):
                return  # SPDY is binary
            for piece in throttle.pieces(message):
                connection.writer.write(piece)
                await connection.writer.drain()
                await throttle.sent(len(piece))
    except OSError:
        return


async def _to_client(connection: Connection, socket: WebSocket, throttle: Throttle) -> None:
    data = connection.early
    try:
        while data or (data := await connection.reader.read(READ_BYTES)):
            for piece in throttle.pieces(data):
                await socket.send(piece)
                await throttle.sent(len(piece))
            data = b""
    except OSError:
        return
