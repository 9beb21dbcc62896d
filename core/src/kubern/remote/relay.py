"""Joins two connections after both sides left HTTP: what comes in on one goes out on the other, untouched."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

from kubern.remote.dialing import READ_BYTES
from kubern.remote.throttle import Throttle

if TYPE_CHECKING:
    from kubern.remote.http import Connection
    from kubern.util.upgrade import Upgrade


_LAST_BYTES_SECONDS: Final = 5.0


class _Client(asyncio.Protocol):
    """The client's side: its bytes are written to the server, with back-pressure in both directions."""

    def __init__(self, connection: Connection, throttle: Throttle) -> None:
        self._server = connection.writer
        self._throttle = throttle
        self.transport: asyncio.Transport | None = None
        self.closed = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._draining: asyncio.Task[None] | None = None
        self._early = b""
        """What came before reading paused."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._draining is None and self.transport is not None:
            self.transport.pause_reading()
            self._draining = asyncio.create_task(self._drain(data))
        else:
            self._early += data

    async def _drain(self, data: bytes) -> None:
        try:
            while data:
                for piece in self._throttle.pieces(data):
                    self._server.write(piece)
                    await self._server.drain()
                    await self._throttle.sent(len(piece))
                data, self._early = self._early, b""
        except OSError:
            self.closed.set()
        self._draining = None
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()
        self._writable.set()

    async def finish(self) -> None:
        """Let the server have what the client sent before it went away."""
        if self._draining is not None:
            await asyncio.wait((self._draining,), timeout=_LAST_BYTES_SECONDS)
            if self._draining is not None:
                self._draining.cancel()

    async def write(self, data: bytes) -> None:
        """Send the server's bytes to the client."""
        if self.transport is not None:
            self.transport.write(data)
        await self._writable.wait()


async def hand_over(connection: Connection, upgrade: Upgrade, bytes_per_second: int = 0) -> None:
    """Accept the client's upgrade with the server's answer, then relay until one side closes."""
    client = _Client(connection, Throttle(bytes_per_second))
    lines = [b"HTTP/1.1 101 Switching Protocols", *(b"%b: %b" % header for header in connection.headers)]
    upgrade.accept(b"\r\n".join([*lines, b"", b""]), client)
    if connection.early:
        await client.write(connection.early)
    pump = asyncio.create_task(_pump(connection, client, Throttle(bytes_per_second)))
    closed = asyncio.create_task(client.closed.wait())
    try:
        await asyncio.wait((pump, closed), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (pump, closed):
            task.cancel()
        await client.finish()
        connection.close()
        if client.transport is not None:
            client.transport.close()


async def _pump(connection: Connection, client: _Client, throttle: Throttle) -> None:
    try:
        while data := await connection.reader.read(READ_BYTES):
            for piece in throttle.pieces(data):
                await client.write(piece)
                await throttle.sent(len(piece))
    except OSError:
        return
