"""A small HTTP/1.1 client for streams: bodies go out and come back in pieces, connections are used again.

For proxies: nothing is buffered beyond one read, nothing decoded, and an answer that leaves HTTP hands the connection
over. Next: `errors.py` for what failures are called; the aggregator's proxy is its main user.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import TYPE_CHECKING, Final

from kubern.remote.dialing import READ_BYTES, Dial, open_stream

if TYPE_CHECKING:
    import httptools

MAX_HEADER_BYTES: Final = 1 << 20
_IDLE_CONNECTIONS: Final = 32
Headers = list[tuple[bytes, bytes]]


class MalformedResponse(Exception):
    """The peer does not speak HTTP; the text is Go's."""


class Connection:
    """One connection, for one exchange at a time. Raises OSError, EOFError, MalformedResponse."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.reusable = False
        self._parser: httptools.HttpResponseParser
        self._headless = False
        self._begin()

    def _begin(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self.early = b""
        """What came behind the head of a 101 answer."""
        self._chunks: list[bytes] = []
        self._headers_done = False
        self._done = False
        self._header_bytes = 0

    @property
    def usable(self) -> bool:
        """Whether the peer has not closed it while it was idle."""
        return not self.writer.is_closing() and not self.reader.at_eof()

    def close(self) -> None:
        self.writer.close()

    def abort(self) -> None:
        """Close at once, without TLS's goodbye."""
        self.writer.transport.abort()

    def send_head(self, method: str, target: str, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Begin an exchange; `headers` are all there are, Host included."""
        import httptools

        self._begin()
        self.reusable = False
        self._headless = method == "HEAD"
        self._parser = httptools.HttpResponseParser(self)
        lines = [f"{method} {target} HTTP/1.1".encode("latin-1"), *(b"%b: %b" % header for header in headers)]
        self.writer.write(b"\r\n".join([*lines, b"", b""]))

    async def send_body(self, body: AsyncIterable[bytes], chunked: bool) -> None:
        """Send a body as it comes."""
        async for data in body:
            if data:
                self.writer.write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
                await self.writer.drain()
        if chunked:
            self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def read_head(self) -> int:
        """The status, when the head has arrived; answers that only announce another one are passed over."""
        while not self._headers_done:
            await self._read()
            if not self._headers_done:
                self._header_bytes += READ_BYTES
                if self._header_bytes > 2 * MAX_HEADER_BYTES:
                    raise MalformedResponse("net/http: HTTP/1.x transport connection broken: headers too large")
        return self.status

    async def read_body(self) -> AsyncIterator[bytes]:
        """The pieces of the body as they arrive."""
        while True:
            if self._chunks:
                data = b"".join(self._chunks) if len(self._chunks) > 1 else self._chunks[0]
                self._chunks.clear()
                yield data
            elif self._done:
                return
            else:
                await self._read()

    async def _read(self) -> None:
        import httptools

        data = await self.reader.read(READ_BYTES)
        if not data:
            if self._headers_done and not self._framed():
                self._done = True
                return
            raise EOFError("unexpected EOF" if self._headers_done else "EOF")
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.early = data[upgrade.args[0] :]
        except httptools.HttpParserError:
            raise MalformedResponse(f"net/http: HTTP/1.x transport connection broken: {_malformed(data)}") from None

    def _framed(self) -> bool:
        """Whether the answer says itself where it ends."""
        return any(name in (b"content-length", b"transfer-encoding") for name, _ in self.headers)

    # ---------------------------------------------------------------- called by the parser

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self.headers = []
            return
        self.status = status
        self._headers_done = True
        if self._headless:
            self._done = True

    def on_body(self, data: bytes) -> None:
        self._chunks.append(data)

    def on_message_complete(self) -> None:
        if self._headers_done:
            self._done = True
            self.reusable = not self._headless and self._parser.should_keep_alive()


def _malformed(data: bytes) -> str:
    from kubern.util.goquote import go_quote

    line = data.split(b"\n", 1)[0].rstrip(b"\r").decode("latin-1")
    return f"malformed HTTP response {go_quote(line)}"


class Pool:
    """Idle connections by address and TLS context; `dial` says how others are opened, None for directly."""

    def __init__(self, dial: Dial | None = None) -> None:
        self._dial = dial
        self._closed = False
        self._idle: dict[tuple[str, int, ssl.SSLContext | None, str], list[Connection]] = {}

    async def connect(
        self, host: str, port: int, context: ssl.SSLContext | None, server_name: str, *, fresh: bool = False
    ) -> tuple[Connection, bool]:
        """A connection and whether it was used before. Raises OSError."""
        idle = self._idle.get((host, port, context, server_name), [])
        while idle and not fresh:
            connection = idle.pop()
            if connection.usable:
                return connection, True
            connection.close()
        return Connection(*await open_stream(host, port, context, server_name, self._dial)), False

    def release(
        self, connection: Connection, host: str, port: int, context: ssl.SSLContext | None, server_name: str
    ) -> None:
        """Give a connection back after an exchange; it is closed unless it can serve another one."""
        idle = self._idle.setdefault((host, port, context, server_name), [])
        if self._closed:
            connection.abort()
        elif connection.reusable and len(idle) < _IDLE_CONNECTIONS and connection.usable:
            idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Cut off what is idle: an event loop that ends would not wait for goodbyes.

        What is given back later is cut off, too.
        """
        self._closed = True
        for connections in self._idle.values():
            for connection in connections:
                connection.abort()
        self._idle.clear()
