"""What goes over the wire between client, server and kubelet, protocol by protocol."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import quote

import pytest

from kubern.remote.spdy import Session
from kubern.testing.kubelet import Kubelet, register_node, run_pod
from kubern.testing.servers import RunningServer, running_server

EXEC = "/api/v1/namespaces/default/pods/p/exec?container=main&stdout=true&stderr=true&command="
FORWARD = "/api/v1/namespaces/default/pods/p/portforward"


async def connect(server: RunningServer, path: str, protocol: str) -> Any:
    """A client's WebSocket."""
    from websockets.asyncio.client import connect as open_socket

    return await open_socket(
        server.url.replace("https", "wss") + path,
        ssl=server.ssl_context(),
        subprotocols=[cast("Any", protocol)],
        additional_headers={"Authorization": f"Bearer {server.token}"},
    )


def script(text: str) -> str:
    """The path of a session that runs a shell script."""
    return EXEC + "&command=".join(quote(part, safe="") for part in ("sh", "-c", text))


async def messages(websocket: Any) -> dict[int, bytes]:
    """All that comes, by channel."""
    found: dict[int, bytes] = {}
    async for message in websocket:
        found[message[0]] = found.get(message[0], b"") + message[1:]
    return found


async def test_version_5_is_translated_for_the_kubelet(server: RunningServer, kubelet: Kubelet) -> None:
    """The kubelet sees SPDY; the client gets output, errors and the outcome on their channels."""
    async with await connect(server, script("echo out; echo err >&2; exit 7"), "v5.channel.k8s.io") as websocket:
        assert websocket.subprotocol == "v5.channel.k8s.io"
        found = await messages(websocket)
    asked = kubelet.requests[-1]
    assert (asked.method, asked.headers["upgrade"]) == ("POST", "SPDY/3.1")
    assert (found[1], found[2]) == (b"out\n", b"err\n")
    assert json.loads(found[3]) == {
        "metadata": {},
        "status": "Failure",
        "message": "command terminated with non-zero exit code: command terminated with exit code 7",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": "7"}]},
    }


async def test_version_4_reaches_the_kubelet_as_it_is(server: RunningServer, kubelet: Kubelet) -> None:
    """Kubelets speak version 4 themselves."""
    async with await connect(server, script("echo out"), "v4.channel.k8s.io") as websocket:
        assert websocket.subprotocol == "v4.channel.k8s.io"
        found = await messages(websocket)
    assert kubelet.requests[-1].headers["upgrade"] == "websocket"
    assert found[1] == b"out\n"
    assert json.loads(found[3])["status"] == "Success"


async def test_tunnelled_port_forwarding_is_unwrapped(server: RunningServer, kubelet: Kubelet) -> None:
    """SPDY frames in WebSocket messages reach the kubelet's SPDY connection; its answer comes back wrapped."""
    async with Tunnel(server) as (head, session):
        assert b"Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io\r\n" in head
        headers = {"port": "1", "requestid": "0"}
        error = session.open({"streamtype": "error", **headers})
        data = session.open({"streamtype": "data", **headers})
        await data.opened()
        assert b"an error occurred forwarding 1" in await asyncio.wait_for(error.read(), 5)
    assert kubelet.requests[-1].headers["x-stream-protocol-version"] == "portforward.k8s.io"
    assert not [name for name in kubelet.requests[-1].headers if name.startswith("sec-websocket")]


class Tunnel:
    """SPDY through a WebSocket. Done by hand: to the library the subprotocol's name is none."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server

    async def __aenter__(self) -> tuple[bytes, Session]:
        server = self._server
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=server.ssl_context())
        self._writer.write(
            f"GET {FORWARD} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {server.token}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io\r\n\r\n".encode()
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        ours, theirs = socket.socketpair()
        self._ours = await asyncio.open_connection(sock=ours)
        self._theirs = await asyncio.open_connection(sock=theirs)
        session = Session(*self._theirs, client=True)
        self._tasks = [asyncio.create_task(one) for one in (self._up(), self._down(), session.run())]
        return head, session

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        writers = (self._ours[1], self._theirs[1], self._writer)
        for writer in writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)

    async def _up(self) -> None:
        while data := await self._ours[0].read(100):
            self._writer.write(bytes([0x82, 0x80 | len(data), 0, 0, 0, 0]) + data)

    async def _down(self) -> None:
        while True:
            _, length = await self._reader.readexactly(2)
            if length == 126:
                length = int.from_bytes(await self._reader.readexactly(2), "big")
            self._ours[1].write(await self._reader.readexactly(length))


@pytest.fixture(scope="module")
def nobodys_port() -> Iterator[int]:
    """A port that is taken and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("protocol", "message"),
    [
        ("v5.channel.k8s.io", "error sending request: Post "),
        ("v4.channel.k8s.io", "error dialing backend: dial tcp "),
    ],
)
async def test_a_kubelet_that_is_away(server: RunningServer, nobodys_port: int, protocol: str, message: str) -> None:
    """Version 5 says so on the error channel, all others in an ordinary answer."""
    from websockets.exceptions import InvalidStatus

    if server.request("GET", "/api/v1/nodes/lost").status != 200:
        register_node(server, nobodys_port, "lost")
        run_pod(server, "lost", "lost")
    path = script("true").replace("/pods/p/", "/pods/lost/")
    if protocol.startswith("v5"):
        async with await connect(server, path, protocol) as websocket:
            status = json.loads((await messages(websocket))[3])
        assert status["reason"] == "InternalError"
        assert status["message"].startswith(f"Internal error occurred: {message}")
        assert status["message"].endswith(": connect: connection refused")
        return
    with pytest.raises(InvalidStatus) as refused:
        await connect(server, path, protocol)
    assert refused.value.response.status_code == 500
    assert json.loads(refused.value.response.body or b"{}")["message"].startswith(message)


async def test_sessions_are_held_to_the_limit(kubelet: Kubelet) -> None:
    """--max-connection-bytes-per-sec slows each way of asking down."""
    flags = (f"--kubelet-certificate-authority={kubelet.ca_file}", "--disable-admission-plugins=ServiceAccount")
    with running_server(*flags, "--max-connection-bytes-per-sec=100000") as server:
        register_node(server, kubelet.port)
        run_pod(server, "p")
        for protocol in ("v5.channel.k8s.io", "v4.channel.k8s.io"):
            begin = time.monotonic()
            async with await connect(server, script("head -c 60000 /dev/zero"), protocol) as websocket:
                assert len((await messages(websocket))[1]) == 60000
            assert 0.4 < time.monotonic() - begin < 5
