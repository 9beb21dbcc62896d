"""How connections to other servers are opened: directly, or through a proxy that answers CONNECT.

Upstream: apiserver/pkg/server/egressselector. Next: `egress.py`, which reads who is reached how.
"""

from __future__ import annotations

import asyncio
import dataclasses
import ssl
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Dial = Callable[[str, int], Awaitable[Streams]]
"""Opens a plain connection to host and port. Raises OSError."""
READ_BYTES: Final = 64 * 1024


class ProxyRefused(OSError):
    """The egress proxy does not connect; the text is kube-apiserver's."""


async def open_stream(
    host: str, port: int, context: ssl.SSLContext | None, server_name: str, dial: Dial | None
) -> Streams:
    """A connection, with TLS when there is a `context`; `dial` None is the direct way. Raises OSError."""
    if dial is None:
        name = server_name if context is not None else None
        return await asyncio.open_connection(host, port, ssl=context, server_hostname=name, limit=READ_BYTES)
    reader, writer = await dial(host, port)
    return (reader, writer) if context is None else await _with_tls(writer, context, server_name)


class _OverPlain(asyncio.StreamReaderProtocol):
    """Keeps the plain connection's writer, which would close the connection when it is forgotten."""

    def __init__(
        self, reader: asyncio.StreamReader, plain: asyncio.StreamWriter, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(reader, loop=loop)
        self._plain = plain


async def _with_tls(writer: asyncio.StreamWriter, context: ssl.SSLContext, server_name: str) -> Streams:
    """The same connection with TLS inside."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=READ_BYTES, loop=loop)
    protocol = _OverPlain(reader, writer, loop)
    try:
        transport = await loop.start_tls(writer.transport, protocol, context, server_hostname=server_name)
    except BaseException:
        writer.close()
        raise
    if transport is None:
        raise ConnectionResetError("connection lost")
    protocol.connection_made(transport)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


@dataclasses.dataclass(frozen=True, slots=True)
class ConnectProxy:
    """A proxy at an http or https URL, or behind a Unix socket. Call it to dial through it."""

    url: str = ""
    unix_socket: str = ""
    context: ssl.SSLContext | None = None

    async def __call__(self, host: str, port: int) -> Streams:
        """Raises OSError."""
        reader, writer = await self._reach()
        try:
            address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            writer.write(f"CONNECT {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode("latin-1"))
            head = await _answer(reader, address)
            status = head.split(b" ", 2)[1:2]
            if status != [b"200"]:
                line = head.split(b"\r\n", 1)[0].partition(b" ")[2].decode("latin-1")
                raise ProxyRefused(f"error from proxy {self._shown()} while dialing {address}: {line}")
        except BaseException:
            writer.close()
            raise
        return reader, writer

    async def _reach(self) -> Streams:
        if self.unix_socket:
            return await asyncio.open_unix_connection(self.unix_socket, limit=READ_BYTES)
        parts = urlsplit(self.url)
        default = 443 if self.context is not None else 80
        name = parts.hostname or ""
        return await open_stream(name, parts.port or default, self.context, name, None)

    def _shown(self) -> str:
        return self.unix_socket or urlsplit(self.url).netloc


async def _answer(reader: asyncio.StreamReader, address: str) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        raise ProxyRefused(
            f"reading HTTP response from CONNECT to {address} via proxy failed: unexpected EOF"
        ) from None
    except asyncio.LimitOverrunError:
        raise ProxyRefused(f"reading HTTP response from CONNECT to {address} via proxy failed: too large") from None
