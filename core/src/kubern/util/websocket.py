"""The server's end of a WebSocket on a connection that was taken over (RFC 6455, framing by `websockets`).

Next: `upgrade.py`, which says how a connection is taken over.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kubern.util.upgrade import Upgrade

if TYPE_CHECKING:
    from websockets.frames import Frame
    from websockets.server import ServerProtocol

HIGH_WATER = 256 * 1024
"""Bytes of received messages that may wait before reading pauses."""
_PROTOCOL_HEADER = b"sec-websocket-protocol"


class HandshakeRefused(Exception):
    """The request is no acceptable WebSocket handshake; answer with `status` and `body`."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(body)
        self.status = status
        self.body = body


def accept_websocket(
    scope: Mapping[str, Any],
    upgrade: Upgrade,
    select: Callable[[Sequence[str]], str | None],
    headers: Iterable[tuple[str, str]] = (),
    *,
    max_size: int | None = 2**20,
) -> WebSocket:
    """Accept a handshake; `select` chooses among the subprotocols the client offers (None: none of them is needed).

    Raises HandshakeRefused, before anything is sent.
    """
    from websockets.server import ServerProtocol

    # Subprotocols are chosen here: Kubernetes' own SPDY/3.1+portforward.k8s.io is no token in the library's eyes.
    chosen = select(offered_protocols(scope))
    connection = ServerProtocol(max_size=max_size)
    connection.receive_data(_request_head(scope))
    requests = connection.events_received()
    if len(requests) != 1:
        raise HandshakeRefused(400, str(connection.handshake_exc or "no valid WebSocket handshake"))
    response = connection.accept(requests[0])  # type: ignore[arg-type]
    if response.status_code != 101:
        raise HandshakeRefused(response.status_code, (response.body or b"").decode())
    if chosen:
        response.headers["Sec-WebSocket-Protocol"] = chosen
    for name, value in headers:
        response.headers[name] = value
    connection.send_response(response)
    socket = WebSocket(connection, chosen or "")
    upgrade.accept(b"".join(connection.data_to_send()), socket)
    return socket


def offered_protocols(scope: Mapping[str, Any]) -> list[str]:
    """The subprotocols that a client's handshake offers."""
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == _PROTOCOL_HEADER]
    return [one.strip() for value in values for one in value.split(",") if one.strip()]


def _request_head(scope: Mapping[str, Any]) -> bytes:
    """The request once more as text, which is how `websockets` wants it."""
    kept = (b"%s: %s" % header for header in scope["headers"] if header[0] != _PROTOCOL_HEADER)
    lines = [b"%s %s HTTP/1.1" % (scope["method"].encode(), scope.get("raw_path") or b"/")]
    return b"\r\n".join([*lines, *kept, b"", b""])


class WebSocket(asyncio.Protocol):
    """Messages in and out. Reading pauses while too much waits; sending waits while the client does not read."""

    def __init__(self, connection: ServerProtocol, subprotocol: str = "") -> None:
        self._connection = connection
        self.subprotocol = subprotocol
        """What was chosen; empty for none."""
        self._transport: asyncio.Transport
        self._messages: deque[str | bytes] = deque()
        self._waiting = 0
        self._fragments: list[bytes] = []
        self._text = False
        self._received = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._ended = False

    async def receive(self) -> str | bytes | None:
        """The next message; None when the connection has ended."""
        while not self._messages:
            if self._ended:
                return None
            self._received.clear()
            await self._received.wait()
        message = self._messages.popleft()
        self._waiting -= len(message)
        if self._waiting < HIGH_WATER and not self._transport.is_closing():
            self._transport.resume_reading()
        return message

    async def send(self, message: str | bytes) -> None:
        """Send a text or binary message. Raises ConnectionError when the connection has ended."""
        if self._ended:
            raise ConnectionResetError("the WebSocket is closed")
        if isinstance(message, str):
            self._connection.send_text(message.encode())
        else:
            self._connection.send_binary(message)
        self._flush()
        await self._writable.wait()

    def close(self, code: int = 1000, reason: str = "", grace: float = 2) -> None:
        """Say goodbye; the transport closes when the client has answered, or after `grace` seconds."""
        if not self._ended and self._connection.close_sent is None:
            self._connection.send_close(code, reason)
            self._flush()
            asyncio.get_running_loop().call_later(grace, self._transport.close)

    # ---------------------------------------------------------------- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._connection.receive_data(data)
        for event in self._connection.events_received():
            self._frame(event)  # type: ignore[arg-type]
        self._flush()
        if self._connection.close_expected():
            self._end()
            self._transport.close()
        elif self._waiting >= HIGH_WATER:
            self._transport.pause_reading()

    def eof_received(self) -> None:
        self._end()

    def connection_lost(self, error: Exception | None) -> None:
        self._end()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def _end(self) -> None:
        self._ended = True
        self._received.set()
        self._writable.set()

    def _flush(self) -> None:
        data = b"".join(self._connection.data_to_send())
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def _frame(self, frame: Frame) -> None:
        from websockets.frames import Opcode

        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        if frame.opcode is not Opcode.CONT:
            self._text = frame.opcode is Opcode.TEXT
        self._fragments.append(bytes(frame.data))
        if not frame.fin:
            return
        data = b"".join(self._fragments)
        self._fragments.clear()
        self._waiting += len(data)
        self._messages.append(data.decode("utf-8", "replace") if self._text else data)
        self._received.set()
