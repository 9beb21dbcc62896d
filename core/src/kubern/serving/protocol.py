"""One HTTP/1.1 connection: uvicorn's protocol with client certificates, upgrades, and Go's limits and messages.

Leans on uvicorn's internals (`app_state`, `cycle`, `parser`, `flow`), which is why uvicorn is pinned to one minor version.
Next: `http.py`, which makes these for each connection.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from kubern.serving.client_chain import ChainMemory
from kubern.serving.cycle import Cycle
from kubern.serving.methods import odd_request
from kubern.util.upgrade import EXTENSION, Upgrade

MAX_HEADER_BYTES = 1 << 20
"""Largest request line and headers together (upstream: net/http DefaultMaxHeaderBytes)."""
_BAD_ESCAPE = re.compile(rb"%(?![0-9a-fA-F]{2})")
READ_HEADER_TIMEOUT = 32.0
"""Seconds that a client may take to send a request's headers (upstream: ReadHeaderTimeout)."""


class ServingProtocol(HttpToolsProtocol):
    """A connection. `scope["state"]` tells requests about the client's certificate; see `connection_made`."""

    def __init__(self, config: Config, server_state: ServerState, chains: ChainMemory, state: dict[str, Any]) -> None:
        super().__init__(config, server_state, state)
        self._chains = chains
        self._in_headers = False
        self._has_host = False
        self._header_bytes = 0
        self._header_timer: asyncio.TimerHandle | None = None
        self._upgrading = False
        self._early = b""
        self._odd_method = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """State of all requests of the connection: `client_certificate` (DER) and `client_chain` (DER, leaf first)."""
        super().connection_made(transport)
        tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        chain = self._chains.verified_chain(tls) if tls is not None else ()
        self.app_state |= {"client_chain": chain, "client_certificate": chain[0] if chain else None}
        self._start_header_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_header_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._upgrading:
            self._early += data
            if len(self._early) > MAX_HEADER_BYTES:
                self.transport.close()
            return
        self._unset_keepalive_if_required()
        between_requests = not self._in_headers and (self.cycle is None or not self.cycle.more_body)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._parser_stopped(data[upgrade.args[0] :])
        except httptools.HttpParserInvalidMethodError:
            self._read_odd_request(data if between_requests else b"")
        except httptools.HttpParserError:
            self.send_400_response("")
        if self._in_headers:
            self._header_bytes += len(data)
            if self._header_bytes > MAX_HEADER_BYTES:
                self._refuse("431 Request Header Fields Too Large", "")
            elif self._header_timer is None:
                self._start_header_timer()

    # ---------------------------------------------------------------- headers

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_headers = True
        self._has_host = False

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        elif name == b"host":
            self._has_host = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._in_headers = False
        self._header_bytes = 0
        self._stop_header_timer()
        version = self.parser.get_http_version()
        if version == "1.1" and not self._has_host:
            self._refuse("400 Bad Request", ": missing required Host header")
            return
        scope = self.scope
        scope["http_version"] = version
        scope["method"] = self._odd_method or self.parser.get_method().decode("ascii")
        self._odd_method = ""
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        if "%" in path:
            if _BAD_ESCAPE.search(url.path):
                self._refuse("400 Bad Request", "")
                return
            path = unquote(path)
        scope["path"] = path
        scope["raw_path"] = url.path
        scope["query_string"] = url.query or b""
        if self.parser.should_upgrade():
            wanted = self._get_upgrade()
            if wanted:
                scope["extensions"] = {EXTENSION: Upgrade(wanted.decode("latin-1"), self._take_over)}  # type: ignore[dict-item]
        self._begin_cycle(version != "1.0" and self.parser.should_keep_alive())

    def _begin_cycle(self, keep_alive: bool) -> None:
        """Run the request now, or after the ones before it on this connection."""
        before = self.cycle
        self.cycle = Cycle(
            self.loop,
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _read_odd_request(self, data: bytes) -> None:
        """Have a request read whose method the parser does not know; a new parser, since the old one has given up."""
        found = odd_request(data)
        if found is None or self._odd_method:
            self.send_400_response("")
            return
        self.parser = httptools.HttpRequestParser(self)
        self._in_headers = False
        self._odd_method = found.method
        self.data_received(found.data)

    def _start_header_timer(self) -> None:
        self._header_timer = self.loop.call_later(READ_HEADER_TIMEOUT, self.transport.close)

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def send_400_response(self, msg: str) -> None:
        self._refuse("400 Bad Request", "")

    def _refuse(self, status: str, reason: str) -> None:
        """Answer a request that never reaches the application, in the words of Go's net/http."""
        if self.transport.is_closing():
            return
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
        self.transport.write(f"{head}{status}{reason}".encode())
        self.transport.close()

    # ---------------------------------------------------------------- upgrades

    def _parser_stopped(self, rest: bytes) -> None:
        """The parser has read a request that asks for an upgrade: what follows is not HTTP, if the upgrade comes off.

        A request whose handler answers without taking over gets its answer, then the connection closes.
        """
        if self.transport.is_closing():
            return
        if self.cycle is None or "extensions" not in self.cycle.scope:
            self.parser = httptools.HttpRequestParser(self)
            if rest:
                self.data_received(rest)
            return
        self._upgrading = True
        self._early = rest
        self.cycle.keep_alive = False

    def _take_over(self, response: bytes, protocol: asyncio.Protocol) -> None:
        transport: Any = self.transport
        self._stop_header_timer()
        self._unset_keepalive_if_required()
        self.connections.discard(self)
        self.cycle.response_started = True
        self.cycle.response_complete = True
        # What the handler still says of its answer, for filters to hear, goes nowhere.
        self.cycle.disconnected = True
        self.flow.resume_reading()
        transport.write(response)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if self._early:
            protocol.data_received(self._early)
