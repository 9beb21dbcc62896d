"""A small HTTP/1.1 client that costs little: keep-alive over TLS on asyncio protocols, one request at a time.

Answers are read whole; watches are read line by line through `Watch`.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.waiter: asyncio.Future[None] | None = None
        self.transport: Any = None
        self.closed = False
        self.wanted = 0
        """Bytes that the reader waits for: it is not woken before."""

    @classmethod
    async def open(cls, host: str, port: int, context: ssl.SSLContext) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(cls, host, port, ssl=context)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if len(self.buffer) >= self.wanted:
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    async def more(self, wanted: int = 0) -> None:
        """Wait for bytes, or until the buffer holds `wanted` of them. Raises ConnectionError when there are none to come."""
        if self.closed:
            raise ConnectionError("closed by the server")
        self.wanted = wanted
        self.waiter = asyncio.get_running_loop().create_future()
        await self.waiter

    def send(self, request: bytes) -> None:
        self.transport.write(request)

    async def head(self) -> tuple[int, bytes]:
        """Status and header bytes of the next answer; the body stays in the buffer."""
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            await self.more()
        head = bytes(self.buffer[: end + 4])
        del self.buffer[: end + 4]
        return int(head[9:12]), head.lower()

    async def body(self, head: bytes) -> bytes:
        """The whole body that belongs to `head`."""
        at = head.find(b"content-length:")
        if at >= 0:
            length = int(head[at + 15 : head.index(b"\r", at)])
            while len(self.buffer) < length:
                await self.more(length)
            out = bytes(self.buffer[:length])
            del self.buffer[:length]
            return out
        chunks = []
        while (chunk := await self.chunk()) is not None:
            chunks.append(chunk)
        return b"".join(chunks)

    async def chunk(self) -> bytes | None:
        """The next chunk, None at the end."""
        while (end := self.buffer.find(b"\r\n")) < 0:
            await self.more()
        size = int(self.buffer[:end], 16)
        while len(self.buffer) < end + 4 + size:
            await self.more(end + 4 + size)
        data = bytes(self.buffer[end + 2 : end + 2 + size])
        del self.buffer[: end + 4 + size]
        return data if size else None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and read its answer."""
        self.send(request)
        status, head = await self.head()
        return status, await self.body(head)

    def close(self) -> None:
        self.transport.close()


def request(
    method: str, path: str, token: str, body: bytes = b"", content_type: str = "application/json", extra: str = ""
) -> bytes:
    """The bytes of a request."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench/1.0\r\nAccept: application/json\r\n{extra}"
    )
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if body:
        head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def client_context() -> ssl.SSLContext:
    """TLS without verification: the peer is this machine's own test server."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
