"""HTTP/1.1 over TLS: keep-alive, pipelining, limits, malformed requests, stopping."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

GET = "GET /{} HTTP/1.1\nHost: localhost"


@pytest.fixture
def echo() -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        """Answers with the path and the body."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        text = scope["path"].encode() + b" " + body
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(text))]})
        await send({"type": "http.response.body", "body": text})

    return app


async def test_a_connection_serves_one_request_after_the_other(serve: Any, pki: Any, echo: Any) -> None:
    """Keep-alive is the default, answers carry a Date."""
    client = await (await serve(echo)).connect(pki.client())
    status, headers, body = await client.ask(GET.format("a"))
    assert (status, body) == ("HTTP/1.1 200 OK", b"/a ")
    assert "GMT" in headers["date"]
    assert "server" not in headers
    status, _, body = await client.ask("POST /b HTTP/1.1\nHost: localhost\nContent-Length: 3", b"xyz")
    assert (status, body) == ("HTTP/1.1 200 OK", b"/b xyz")


async def test_pipelined_requests_are_answered_in_order(serve: Any, pki: Any, echo: Any) -> None:
    """Requests sent before the first answer wait for their turn."""
    client = await (await serve(echo)).connect(pki.client())
    client.writer.write((GET.format("1") + "\n\n" + GET.format("2") + "\n\n").replace("\n", "\r\n").encode())
    assert (await client.answer())[2] == b"/1 "
    assert (await client.answer())[2] == b"/2 "


async def test_expect_continue_is_answered_before_the_body(serve: Any, pki: Any, echo: Any) -> None:
    """A client that waits for permission gets it."""
    client = await (await serve(echo)).connect(pki.client())
    client.writer.write(b"PUT /c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.writer.write(b"ok")
    assert (await client.answer())[2] == b"/c ok"


@pytest.mark.parametrize(
    ("request_text", "reason"),
    [
        ("GET / HTTP/1.1\nHo st: x", "400 Bad Request"),
        ("NONSENSE\n", "400 Bad Request"),
        ("GET / HTTP/1.1\nAccept: x", "400 Bad Request: missing required Host header"),
        ("GET /%zz HTTP/1.1\nHost: x", "400 Bad Request"),
    ],
)
async def test_malformed_requests_get_gos_answer(
    serve: Any, pki: Any, echo: Any, request_text: str, reason: str
) -> None:
    """400 as plain text, then the connection closes."""
    client = await (await serve(echo)).connect(pki.client())
    status, headers, body = await client.ask(request_text)
    assert status == "HTTP/1.1 400 Bad Request"
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert body.decode() == reason


@pytest.fixture
def tell_method() -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        """Answers with the method and the body."""
        message = await receive()
        text = scope["method"].encode() + b" " + message["body"]
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(text))]})
        await send({"type": "http.response.body", "body": text})

    return app


async def test_any_token_is_a_method(serve: Any, pki: Any, tell_method: Any) -> None:
    """Methods that the parser does not know reach the application, and the connection goes on."""
    client = await (await serve(tell_method)).connect(pki.client())
    assert (await client.ask("BREW /a HTTP/1.1\nHost: x"))[2] == b"BREW "
    assert (await client.ask("get /a HTTP/1.1\nHost: x\nContent-Length: 2", b"ab"))[2] == b"get ab"
    assert (await client.ask("GET /a HTTP/1.1\nHost: x"))[2] == b"GET "
    assert (await client.ask("M-SEARCH2 /a HTTP/1.1\nHost: x\nTransfer-Encoding: chunked", b"1\r\nz\r\n0\r\n\r\n"))[
        2
    ] == b"M-SEARCH2 z"


@pytest.mark.parametrize("start", [b"BR\xffW / HTTP/1.1", b"BREW\r\n", b"B" * 5000])
async def test_no_method_is_refused(serve: Any, pki: Any, tell_method: Any, start: bytes) -> None:
    """What is no token, or not followed by a path, gets 400."""
    client = await (await serve(tell_method)).connect(pki.client())
    client.writer.write(start + b"\r\nHost: x\r\n\r\n")
    assert (await client.answer())[0] == "HTTP/1.1 400 Bad Request"


async def test_an_unknown_method_behind_a_body_is_refused(serve: Any, pki: Any, tell_method: Any) -> None:
    """Only what surely is the start of a request is read again: never the rest of a body."""
    client = await (await serve(tell_method)).connect(pki.client())
    client.writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na")
    await client.writer.drain()
    await asyncio.sleep(0.01)
    client.writer.write(b"bBREW / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"400 Bad Request" in await client.reader.read()


async def test_headers_beyond_a_megabyte_are_refused(serve: Any, pki: Any, echo: Any) -> None:
    """431, also when no line ever ends."""
    client = await (await serve(echo)).connect(pki.client())
    client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nBig: " + b"a" * (1 << 20) + b"a" * 100_000)
    status, _, body = await client.answer()
    assert status == "HTTP/1.1 431 Request Header Fields Too Large"
    assert body == b"431 Request Header Fields Too Large"


async def test_stopping_lets_requests_end_and_closes_idle_connections(serve: Any, pki: Any) -> None:
    """Nothing new is accepted, the answer in the making is given, then the connection closes."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        begun.set()
        await go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    server = await serve(slow)
    idle, busy = await server.connect(pki.client()), await server.connect(pki.client())
    asking = asyncio.create_task(busy.ask(GET.format("")))
    await begun.wait()
    server.http.stop_listening()
    server.http.close_idle()
    assert await idle.closed()
    with pytest.raises(OSError):
        await server.connect(pki.client())
    draining = asyncio.create_task(server.http.drain(5))
    await asyncio.sleep(0.05)
    assert not draining.done()
    go_on.set()
    status, headers, body = await asking
    assert (status, headers["connection"], body) == ("HTTP/1.1 200 OK", "close", b"ok")
    assert await draining is True
    assert await busy.closed()


async def test_requests_that_do_not_end_are_cut_off(serve: Any, pki: Any) -> None:
    """Draining takes no longer than asked."""

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.Event().wait()

    server = await serve(endless)
    client = await server.connect(pki.client())
    client.writer.write(GET.format("").replace("\n", "\r\n").encode() + b"\r\n\r\n")
    await client.reader.readuntil(b"\r\n\r\n")
    assert await server.http.drain(0.05) is False
    assert server.http.requests_in_flight == 0


async def test_state_of_the_port_reaches_requests(serve: Any) -> None:
    """A plain port says what it is."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["state"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    client = await (await serve(app, tls=False, state={"insecure": True})).connect(None)
    await client.ask(GET.format(""))
    assert seen == [{"insecure": True, "client_chain": (), "client_certificate": None}]
