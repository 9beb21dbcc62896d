"""SPDY/3.1 as kubelets and container runtimes speak it after an upgrade: streams of bytes over one connection.

Like moby/spdystream, the only other implementation that matters here, it has no flow control of its own: what a
stream's reader does not take stays in the socket. Next: `spdy_headers.py`; the users are kubeapi's `streaming/`.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Mapping
from typing import Final

from kubern.remote.spdy_headers import Compressor, Decompressor, MalformedHeaders, Pairs

PROTOCOL: Final = "SPDY/3.1"
_VERSION: Final = 0x8003
_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _PING, _GOAWAY, _HEADERS = 1, 2, 3, 6, 7, 8
_FIN: Final = 1
_WAITING_PIECES: Final = 16
_MAX_CONTROL_BYTES: Final = 1 << 20
_MAX_DATA_BYTES: Final = (1 << 24) - 1


class StreamReset(ConnectionError):
    """The peer has broken a stream or the connection off."""


class Stream:
    """One direction in, one out; `headers` are those it was opened with, names in lower case."""

    def __init__(self, session: Session, number: int, headers: Mapping[str, str]) -> None:
        self.headers = headers
        self.number = number
        self._session = session
        self._pieces: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._replied = asyncio.Event()
        self._reset = False
        self._local_end = False
        self._remote_end = False

    async def opened(self) -> None:
        """Wait until the peer has accepted the stream. Raises StreamReset."""
        await self._replied.wait()
        if self._reset:
            raise StreamReset(f"stream {self.number} was refused")

    async def read(self) -> bytes:
        """The next piece, b"" at the end of the stream or of the connection."""
        while not self._pieces:
            if self._remote_end:
                return b""
            self._arrived.clear()
            await self._arrived.wait()
        self._room.set()
        return self._pieces.popleft()

    async def read_all(self) -> bytes:
        """Everything up to the end."""
        pieces = []
        while piece := await self.read():
            pieces.append(piece)
        return b"".join(pieces)

    async def write(self, data: bytes) -> None:
        """Raises StreamReset."""
        if self._local_end or self._reset or self._session.ended:
            raise StreamReset(f"stream {self.number} is closed")
        await self._session.send_data(self.number, data)

    async def close(self) -> None:
        """No more goes out; what comes in can still be read."""
        if not self._local_end and not self._reset and not self._session.ended:
            self._local_end = True
            await self._session.send_data(self.number, b"", fin=True)

    # ---------------------------------------------------------------- called by the session

    def replied(self) -> None:
        self._replied.set()

    async def received(self, data: bytes, fin: bool) -> None:
        """Waits while the stream's reader lags behind."""
        if data:
            while len(self._pieces) >= _WAITING_PIECES and not self._session.ended:
                self._room.clear()
                await self._room.wait()
            self._pieces.append(data)
            self._arrived.set()
        if fin:
            self._remote_end = True
            self._arrived.set()

    def was_reset(self) -> None:
        self._reset = self._remote_end = True
        self._replied.set()
        self._arrived.set()


class Session:
    """One connection. `run` reads it until it ends; streams of the peer come out of `accept`."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, client: bool, early: bytes = b""
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._early = early
        self._compressor = Compressor()
        self._decompressor = Decompressor()
        self._streams: dict[int, Stream] = {}
        self._next = 1 if client else 2
        self._accepted: asyncio.Queue[Stream | None] = asyncio.Queue()
        self.ended = False

    def open(self, headers: Mapping[str, str]) -> Stream:
        """Begin a stream; `Stream.opened` waits for the peer's word."""
        stream = Stream(self, self._next, headers)
        self._streams[self._next] = stream
        head = struct.pack(">IIBB", self._next, 0, 0, 0)
        self._next += 2
        self.send_control(_SYN_STREAM, head + self._compressor.block(headers))
        return stream

    async def accept(self) -> Stream | None:
        """The next stream that the peer opened, None at the end of the connection."""
        return await self._accepted.get()

    def close(self) -> None:
        """Say goodbye and close the connection."""
        if not self.ended:
            self.send_control(_GOAWAY, struct.pack(">II", max(self._streams, default=0), 0))
        self._writer.close()

    async def run(self) -> None:
        """Read until the connection ends or says what is no SPDY."""
        try:
            while True:
                await self._frame(*struct.unpack(">II", await self._read(8)))
        except (OSError, EOFError, MalformedHeaders, struct.error):
            return
        finally:
            self.ended = True
            for stream in list(self._streams.values()):
                stream.was_reset()
            self._accepted.put_nowait(None)

    async def _read(self, count: int) -> bytes:
        taken, self._early = self._early[:count], self._early[count:]
        return taken + await self._reader.readexactly(count - len(taken)) if len(taken) < count else taken

    async def _frame(self, first: int, second: int) -> None:
        flags, length = second >> 24, second & 0xFFFFFF
        if first >> 31:
            if length > _MAX_CONTROL_BYTES:
                raise EOFError("control frame too large")
            await self._control(first & 0xFFFF, flags, await self._read(length))
            return
        data = await self._read(length)
        stream = self._streams.get(first)
        if stream is not None:
            await stream.received(data, bool(flags & _FIN))

    async def _control(self, kind: int, flags: int, body: bytes) -> None:
        if kind == _SYN_STREAM:
            (number,) = struct.unpack_from(">I", body)
            stream = Stream(self, number, self._decompressor.pairs(body[10:]))
            self._streams[number] = stream
            self.send_control(_SYN_REPLY, struct.pack(">I", number) + self._compressor.block({}))
            await stream.received(b"", bool(flags & _FIN))
            self._accepted.put_nowait(stream)
        elif kind == _PING:
            (number,) = struct.unpack_from(">I", body)
            if number % 2 != self._next % 2:
                self.send_control(_PING, body[:4])
        elif kind in (_SYN_REPLY, _HEADERS, _RST_STREAM):
            await self._about_stream(kind, flags, body)

    async def _about_stream(self, kind: int, flags: int, body: bytes) -> None:
        (number,) = struct.unpack_from(">I", body)
        pairs: Pairs = {} if kind == _RST_STREAM else self._decompressor.pairs(body[4:])
        stream = self._streams.get(number)
        if stream is None:
            return
        if kind == _RST_STREAM:
            self._streams.pop(number)
            stream.was_reset()
            return
        if kind == _SYN_REPLY:
            stream.replied()
        else:
            stream.headers = {**stream.headers, **pairs}
        await stream.received(b"", bool(flags & _FIN))

    # ---------------------------------------------------------------- called by streams

    def send_control(self, kind: int, body: bytes) -> None:
        self._writer.write(struct.pack(">HHI", _VERSION, kind, len(body)) + body)

    async def send_data(self, number: int, data: bytes, fin: bool = False) -> None:
        for begin in range(0, max(len(data), 1), _MAX_DATA_BYTES):
            piece = data[begin : begin + _MAX_DATA_BYTES]
            last = fin and begin + _MAX_DATA_BYTES >= len(data)
            self._writer.write(struct.pack(">II", number, (_FIN if last else 0) << 24 | len(piece)) + piece)
        await self._writer.drain()
