"""For tests of clients: a small HTTPS server of JSON documents, over real TLS. Properties may take their time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from kubern.util.certificates import new_ca, new_certificate

# A machine that does other work too is slow, which says nothing of what is tested.
hypothesis.settings.register_profile("kubern", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("kubern")

Answer = Callable[[str, dict[str, str], Any], tuple[int, Any]]
"""(path, headers, document) to (status, document)."""
Serve = Callable[[Answer], "contextlib.AbstractAsyncContextManager[JSONServer]"]


class JSONServer:
    """Where the server is, the CA of its certificate, and what was asked."""

    def __init__(self, url: str, ca: bytes) -> None:
        self.url = url
        self.ca = ca
        self.requests: list[tuple[str, Any]] = []

    def kubeconfig(self, directory: Path, token: str = "secret") -> str:
        """A kubeconfig file that leads here."""
        (directory / "ca.crt").write_bytes(self.ca)
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": self.url, "certificate-authority": "ca.crt"}}],
            "users": [{"name": "u", "user": {"token": token}}],
        }
        (directory / "kubeconfig").write_text(json.dumps(config))
        return str(directory / "kubeconfig")


@pytest.fixture
def serve_json(tmp_path: Path) -> Serve:
    """Starts servers: `async with serve_json(answer) as server`."""
    return lambda answer: _serving(tmp_path, answer)


@contextlib.asynccontextmanager
async def _serving(directory: Path, answer: Answer) -> AsyncIterator[JSONServer]:
    """Serve until the end of the `with`."""
    ca = new_ca("tests")
    pair = new_certificate(ca, "server", names=("127.0.0.1",), server=True)
    (directory / "server.pem").write_bytes(pair.cert + pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "server.pem")
    found: list[JSONServer] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head[1:] if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                path = head[0].split()[1]
                document = json.loads(body) if body else None
                found[0].requests.append((path, document))
                status, content = answer(path, headers, document)
                data = json.dumps(content).encode()
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    found.append(JSONServer(f"https://127.0.0.1:{port}", ca.cert))
    try:
        yield found[0]
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0.01)
