"""Requests that leave HTTP: raw takeover and WebSockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from kubern.util.upgrade import offered_upgrade, switching_protocols
from kubern.util.websocket import HandshakeRefused, WebSocket, accept_websocket

UPGRADE = "POST /exec HTTP/1.1\nHost: localhost\nConnection: Upgrade\nUpgrade: SPDY/3.1"


class Shout(asyncio.Protocol):
    """Answers in capitals until the other side says quit."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data.upper())
        if data.endswith(b"quit"):
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.ended.set()


async def shouting(scope: Any, receive: Any, send: Any) -> None:
    upgrade = offered_upgrade(scope)
    assert upgrade is not None
    assert upgrade.protocol == "spdy/3.1"
    shout = Shout()
    upgrade.accept(switching_protocols("SPDY/3.1", [(b"X-Stream", b"1")]), shout)
    await shout.ended.wait()


async def test_a_handler_takes_the_connection_over(serve: Any, pki: Any) -> None:
    """101, then raw bytes both ways, those sent early included."""
    server = await serve(shouting)
    client = await server.connect(pki.client())
    status, headers, _ = await client.ask(UPGRADE, b"early")
    assert status == "HTTP/1.1 101 Switching Protocols"
    assert (headers["upgrade"], headers["x-stream"]) == ("SPDY/3.1", "1")
    assert await client.reader.readexactly(5) == b"EARLY"
    client.writer.write(b"more quit")
    assert await client.reader.read() == b"MORE QUIT"
    await asyncio.sleep(0.01)
    assert server.http.requests_in_flight == 0


async def test_an_upgrade_that_is_not_taken_up_is_an_ordinary_request(serve: Any, pki: Any) -> None:
    """The answer is given, then the connection closes."""

    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"no"})

    client = await (await serve(refuse)).connect(pki.client())
    status, headers, body = await client.ask(UPGRADE, b"early")
    assert (status, headers["connection"], body) == ("HTTP/1.1 403 Forbidden", "close", b"no")
    assert await client.closed()


async def test_other_requests_are_offered_no_upgrade(serve: Any, pki: Any) -> None:
    """An Upgrade header without Connection: Upgrade means nothing."""
    offers: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        offers.append(offered_upgrade(scope))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    client = await (await serve(app)).connect(pki.client())
    await client.ask("GET / HTTP/1.1\nHost: localhost\nUpgrade: websocket")
    await client.ask("GET / HTTP/1.1\nHost: localhost")
    assert offers == [None, None]


def choose(offered: Any) -> str | None:
    return "v5.channel.k8s.io" if "v5.channel.k8s.io" in offered else None


async def echoing(scope: Any, receive: Any, send: Any) -> None:
    upgrade = offered_upgrade(scope)
    assert upgrade is not None
    try:
        socket: WebSocket = accept_websocket(scope, upgrade, choose, [("Audit-Id", "1")])
    except HandshakeRefused as refused:
        body = refused.body.encode()
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": refused.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return
    while (message := await socket.receive()) is not None:
        if message == "bye":
            socket.close(1000, "bye")
        else:
            await socket.send(message)


async def test_websocket_messages_both_ways(serve: Any, pki: Any) -> None:
    """Text and binary, fragments, large messages, pings, and a clean end."""
    server = await serve(echoing)
    uri = f"wss://localhost:{server.port}/"
    async with connect(uri, ssl=pki.client(), subprotocols=["v5.channel.k8s.io"], max_size=None) as socket:  # type: ignore[list-item]
        assert socket.subprotocol == "v5.channel.k8s.io"
        assert socket.response is not None
        assert socket.response.headers["Audit-Id"] == "1"
        await socket.send("text")
        assert await socket.recv() == "text"
        await socket.send([b"bin", b"ary"])
        assert await socket.recv() == b"binary"
        large = b"x" * 700_000
        await socket.send(large)
        assert await socket.recv() == large
        await (await socket.ping())
        await socket.send("bye")
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1000, "bye")


async def test_a_bad_handshake_is_answered_as_plain_http(serve: Any, pki: Any) -> None:
    """Missing keys are a 400, nothing is taken over."""
    server = await serve(echoing)
    client = await server.connect(pki.client())
    status, _, _ = await client.ask("GET / HTTP/1.1\nHost: localhost\nConnection: Upgrade\nUpgrade: websocket")
    assert status.startswith("HTTP/1.1 4")


async def test_a_refused_websocket_gets_the_handlers_answer(serve: Any, pki: Any) -> None:
    """A handler that does not accept answers with any status."""

    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    server = await serve(refuse)
    with pytest.raises(InvalidStatus, match="403"):
        async with connect(f"wss://localhost:{server.port}/", ssl=pki.client()):
            pass
