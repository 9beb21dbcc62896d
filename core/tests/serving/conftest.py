"""A certificate authority and an HTTP server over real TLS for these tests."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from kubern.serving.http import HTTPServer
from kubern.serving.listener import listen, port_of
from kubern.serving.tls import TLSPort, TLSSettings
from kubern.util.certificates import KeyPair, new_ca, new_certificate


class PKI:
    """Certificates in files of a temporary directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ca = self.authority("ca")
        self.certificate("server", names=("localhost", "127.0.0.1"), server=True)

    def authority(self, name: str) -> KeyPair:
        pair = new_ca(name)
        self._write(name, pair)
        return pair

    def certificate(self, file: str, ca: KeyPair | None = None, **what: Any) -> None:
        self._write(file, new_certificate(ca or self.ca, what.pop("common_name", file), **what))

    def _write(self, name: str, pair: KeyPair) -> None:
        (self.directory / f"{name}.crt").write_bytes(pair.cert)
        (self.directory / f"{name}.key").write_bytes(pair.key)

    def files(self, name: str) -> tuple[str, str]:
        return str(self.directory / f"{name}.crt"), str(self.directory / f"{name}.key")

    def client(self, name: str | None = None, ca: str = "ca") -> ssl.SSLContext:
        """A client's context that trusts `ca` and shows the certificate `name`."""
        context = ssl.create_default_context(cafile=str(self.directory / f"{ca}.crt"))
        if name is not None:
            context.load_cert_chain(*self.files(name))
        return context


@pytest.fixture
def pki(tmp_path: Path) -> PKI:
    return PKI(tmp_path)


class Client:
    """A raw HTTP/1.1 connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, request: str, body: bytes = b"") -> tuple[str, dict[str, str], bytes]:
        """Send a request (lines joined by \\n) and read one answer."""
        self.writer.write(request.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        return await self.answer()

    async def answer(self) -> tuple[str, dict[str, str], bytes]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        status, *lines = head.rstrip().split("\r\n")
        headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
        if headers.get("transfer-encoding") == "chunked":
            return status, headers, await self._chunks()
        if "content-length" in headers:
            return status, headers, await self.reader.readexactly(int(headers["content-length"]))
        closes = headers.get("connection") == "close"
        return status, headers, await self.reader.read() if closes else b""

    async def _chunks(self) -> bytes:
        body = b""
        while size := int(await self.reader.readline(), 16):
            body += await self.reader.readexactly(size)
            await self.reader.readline()
        await self.reader.readline()
        return body

    async def closed(self) -> bool:
        return await self.reader.read() == b""


class Server:
    """A running server and ways to connect to it."""

    def __init__(self, http: HTTPServer, port: int) -> None:
        self.http, self.port = http, port
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self, tls: ssl.SSLContext | None, name: str = "localhost") -> Client:
        server_hostname = name if tls is not None else None
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=tls, server_hostname=server_hostname)
        self._writers.append(writer)
        return Client(reader, writer)

    async def close(self) -> None:
        for writer in self._writers:
            writer.close()
        self.http.stop_listening()
        self.http.close_idle()
        await self.http.drain(1)


Serve = Callable[..., Awaitable[Server]]


@pytest.fixture
async def serve(pki: PKI) -> AsyncIterator[Serve]:
    """serve(app, tls settings...) starts a server; plain HTTP with tls=False."""
    servers: list[Server] = []

    async def start(app: Any, *, tls: bool = True, state: dict[str, Any] | None = None, **settings: Any) -> Server:
        context = TLSPort(TLSSettings(*pki.files("server"), **settings)).context if tls else None
        listener = listen("127.0.0.1", 0)
        http = HTTPServer(app)
        await http.listen(listener, context, state)
        servers.append(Server(http, port_of(listener)))
        return servers[-1]

    yield start
    for server in servers:
        await server.close()
