"""One request and its answer on a connection: uvicorn's cycle with an answer that leaves in few writes.

A write costs a TLS record and a system call, so the head waits for the first part of the body; an answer whose body
is not there yet sends its head at the end of the event loop's turn. Next: `protocol.py`, which makes these.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
_BODILESS = frozenset({204, 304})


class Cycle(RequestResponseCycle):
    """Answers as ASGI asks, in HTTP/1.1."""

    def __init__(self, loop: asyncio.AbstractEventLoop, **parts: Any) -> None:
        super().__init__(**parts)
        self._loop = loop
        self._head = b""

    async def send(self, message: Any) -> None:
        """Raises RuntimeError for messages out of order, bad headers, and bodies of another length than declared."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if not self.response_started and kind == "http.response.start":
            self._start(message["status"], message.get("headers", ()))
        elif self.response_started and not self.response_complete and kind == "http.response.body":
            self._body(message.get("body", b""), message.get("more_body", False))
        else:
            raise RuntimeError(f"ASGI message {kind!r} is out of order")

    def _start(self, status: int, headers: Any) -> None:
        closes = False
        lines = []
        for name, value in (*self.default_headers, *headers):
            if name == b"content-length":
                self.expected_content_length = int(value)
                self.chunked_encoding = False
            elif name == b"transfer-encoding":
                self.chunked_encoding = value.lower() == b"chunked"
            elif name == b"connection" and b"close" in value.lower():
                self.keep_alive = False
                closes = True
            lines.append(b"%b: %b" % (name, value))
        if not (self.keep_alive or closes):
            lines.append(b"connection: close")
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in _BODILESS:
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked")
        block = b"\r\n".join(lines)
        if block.count(b"\n") != len(lines) - 1 or block.count(b"\r") != len(lines) - 1 or b"\0" in block:
            raise RuntimeError(f"a header of the answer has a line break in it: {headers!r}")
        self.response_started = True
        self.waiting_for_100_continue = False
        line = _STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
        self._head = b"%b%b\r\n\r\n" % (line, block)
        self._loop.call_soon(self._flush_head)

    def _flush_head(self) -> None:
        """Send the head alone: its answer's body takes longer than a turn of the loop."""
        if self._head and not self.disconnected:
            head, self._head = self._head, b""
            self.transport.write(head)

    def _body(self, body: bytes, more: bool) -> None:
        head, self._head = self._head, b""
        if self.scope["method"] == "HEAD":
            self.expected_content_length = 0
            body = b""
        elif self.chunked_encoding:
            end = b"" if more else b"0\r\n\r\n"
            body = b"%x\r\n%b\r\n%b" % (len(body), body, end) if body else end
        else:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0:
                raise RuntimeError("the body is longer than its content-length")
        if head or body:
            self.transport.write(head + body)
        if not more:
            self._end()

    def _end(self) -> None:
        if self.expected_content_length > 0:
            raise RuntimeError("the body is shorter than its content-length")
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
