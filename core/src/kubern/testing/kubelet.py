"""A kubelet stand-in for tests: logs, exec, attach and port forwarding in the protocols that kubelets speak.

    with kubelet_standin() as kubelet:
        register_node(server, kubelet.port)

Commands run on this machine in a directory of the kubelet's own; a forwarded port leads to the same port here. exec
and attach take SPDY/3.1 and WebSockets of version 4, port forwarding SPDY/3.1: what every kubelet takes, and nothing
newer. Next: `kubelet_sessions.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from kubern.testing.kubelet_sessions import exec_over_spdy, exec_over_websocket, forward_ports
from kubern.testing.servers import RunningServer
from kubern.util.certificates import new_ca, new_certificate

_LOG_LINES = 3


class KubeletRequest(NamedTuple):
    """What the kubelet was asked; header names in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]


class Kubelet:
    """A running stand-in; `requests` is what it was asked, `directory` where commands run."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.requests: list[KubeletRequest] = []
        self.port = 0
        self.ca = new_ca("kubelet-ca")
        pair = new_certificate(self.ca, "kubelet", names=("127.0.0.1", "localhost"), server=True)
        self._pem = directory.parent / "kubelet.pem"
        self._pem.write_bytes(pair.cert + pair.key)
        self.ca_file = directory.parent / "kubelet-ca.crt"
        self.ca_file.write_bytes(self.ca.cert)
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> asyncio.Server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._pem)
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def stop(self) -> None:
        """End what still runs."""
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with contextlib.suppress(OSError, EOFError):
                await self._serve(await _request(reader), reader, writer)
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, request: KubeletRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append(request)
        section = request.path.split("/")[1]
        upgrade = request.headers.get("upgrade", "").lower()
        if section in ("exec", "attach"):
            if upgrade == "spdy/3.1":
                await exec_over_spdy(request, self.directory, reader, writer)
            elif upgrade == "websocket":
                await exec_over_websocket(request, self.directory, reader, writer)
            else:
                await _answer(writer, 400, b"you must specify at least 1 of stdin, stdout, stderr")
        elif section == "portForward":
            if upgrade == "spdy/3.1":
                await forward_ports(request, reader, writer)
            else:
                await _answer(writer, 400, b"unable to upgrade: missing upgrade headers in request")
        elif section == "containerLogs":
            await self._log(request, writer)
        elif section == "pods":
            body = json.dumps({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": []}).encode()
            await _answer(writer, 200, body, "application/json")
        elif section == "healthz":
            await _answer(writer, 200, b"ok")
        else:
            await _answer(writer, 404, b"404 page not found\n")

    async def _log(self, request: KubeletRequest, writer: asyncio.StreamWriter) -> None:
        """Three lines at once; with `follow` three more, one every tenth of a second."""
        if request.path.endswith("/broken"):
            await _answer(writer, 400, b'container "broken" in pod is waiting to start')
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n")
        tail = int(request.query.get("tailLines", [str(_LOG_LINES)])[0])
        for number in range(max(0, _LOG_LINES - tail), _LOG_LINES):
            writer.write(b"line %d\n" % number)
        await writer.drain()
        if request.query.get("follow") == ["true"]:
            for number in range(_LOG_LINES, 2 * _LOG_LINES):
                await asyncio.sleep(0.1)
                writer.write(b"line %d\n" % number)
                await writer.drain()


async def _request(reader: asyncio.StreamReader) -> KubeletRequest:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key = name.strip().lower()
        headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
    parts = urlsplit(target)
    return KubeletRequest(method, parts.path, parse_qs(parts.query), headers)


async def _answer(writer: asyncio.StreamWriter, status: int, body: bytes, content_type: str = "text/plain") -> None:
    head = f"HTTP/1.1 {status} -\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
    await writer.drain()


@contextlib.contextmanager
def kubelet_standin() -> Iterator[Kubelet]:
    """A kubelet on a free port of this machine, on an event loop in a thread of its own."""
    with tempfile.TemporaryDirectory(prefix="kubelet-") as made:
        directory = Path(made) / "containers"
        directory.mkdir()
        kubelet = Kubelet(directory)
        started = threading.Event()
        loop = asyncio.new_event_loop()
        stopping = asyncio.Event()

        async def main() -> None:
            async with await kubelet.start():
                started.set()
                await stopping.wait()
                await kubelet.stop()

        def run() -> None:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(main())

        thread = threading.Thread(target=run, name="kubelet", daemon=True)
        thread.start()
        assert started.wait(10)
        try:
            yield kubelet
        finally:
            loop.call_soon_threadsafe(stopping.set)
            thread.join(10)


def register_node(server: RunningServer, port: int, name: str = "node") -> None:
    """A Node whose kubelet is at a port of this machine."""
    assert server.request("POST", "/api/v1/nodes", {"metadata": {"name": name}}).status == 201
    status: dict[str, Any] = {
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
    }
    merge = {"Content-Type": "application/merge-patch+json"}
    answer = server.request("PATCH", f"/api/v1/nodes/{name}/status", {"status": status}, merge)
    assert answer.status == 200, answer.body


def run_pod(server: RunningServer, name: str, node: str = "node", *, ports: tuple[int, ...] = ()) -> None:
    """A pod in the namespace default that runs on the node, with the containers `main` and `side`.

    The server must not ask for the namespace's service account (--disable-admission-plugins=ServiceAccount).
    """
    containers = [
        {"name": "main", "image": "i", "ports": [{"containerPort": port} for port in ports], "stdin": True},
        {"name": "side", "image": "i"},
    ]
    pod = {"metadata": {"name": name}, "spec": {"nodeName": node, "containers": containers}}
    path = "/api/v1/namespaces/default/pods"
    answer = server.request("POST", path, pod)
    assert answer.status == 201, answer.body
    running: list[dict[str, Any]] = [{"name": one, "ready": True, "state": {"running": {}}, "image": "i", "imageID": "", "restartCount": 0}
               for one in ("main", "side")]  # fmt: skip
    ready = [{"type": kind, "status": "True"} for kind in ("Ready", "ContainersReady")]
    status = {"phase": "Running", "conditions": ready, "containerStatuses": running}
    merge = {"Content-Type": "application/merge-patch+json"}
    answer = server.request("PATCH", f"{path}/{name}/status", {"status": status}, merge)
    assert answer.status == 200, answer.body
