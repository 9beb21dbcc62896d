"""Answers: their heads, bodies of known and unknown length, and what an application must not send."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

GET = "GET / HTTP/1.1\nHost: localhost"
JSON = (b"content-type", b"application/json")


def start(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(content: bytes = b"", more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}


def sends(*messages: Any) -> Any:
    """An application that answers with these messages."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    return app


async def test_a_head_without_its_body_is_sent_at_once(serve: Any, pki: Any) -> None:
    """Clients learn that a stream stands before its first bytes are there."""
    go_on = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(JSON))
        await go_on.wait()
        await send(body(b"late"))

    client = await (await serve(app)).connect(pki.client())
    client.writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head = await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), 5)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    go_on.set()
    assert await client.reader.readuntil(b"0\r\n\r\n") == b"4\r\nlate\r\n0\r\n\r\n"


async def test_a_body_without_a_declared_length_is_chunked(serve: Any, pki: Any) -> None:
    """Parts are chunks, empty parts are none."""
    app = sends(start(JSON), body(b"one", True), body(b"", True), body(b"two", True), body())
    client = await (await serve(app)).connect(pki.client())
    for _ in range(2):
        status, headers, content = await client.ask(GET)
        assert (status, headers["transfer-encoding"], content) == ("HTTP/1.1 200 OK", "chunked", b"onetwo")


async def test_a_declared_length_holds_over_several_parts(serve: Any, pki: Any) -> None:
    """Parts follow each other plainly."""
    app = sends(start((b"content-length", b"6")), body(b"one", True), body(b"two"))
    client = await (await serve(app)).connect(pki.client())
    for _ in range(2):
        assert (await client.ask(GET))[2] == b"onetwo"


@pytest.mark.parametrize("status", [204, 304])
async def test_statuses_without_a_body_have_no_length(serve: Any, pki: Any, status: int) -> None:
    """The connection goes on after the head."""
    client = await (await serve(sends(start(status=status), body()))).connect(pki.client())
    for _ in range(2):
        line, headers, _ = await client.ask(GET)
        assert line.split()[1] == str(status)
        assert "transfer-encoding" not in headers


async def test_a_head_request_gets_the_head_alone(serve: Any, pki: Any) -> None:
    """The length is the one that GET would have."""
    client = await (await serve(sends(start((b"content-length", b"4")), body(b"text")))).connect(pki.client())
    for _ in range(2):
        client.writer.write(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert b"content-length: 4\r\n" in head


async def test_an_answer_that_closes_ends_the_connection(serve: Any, pki: Any) -> None:
    """`Connection: close` of the application or of the client."""
    server = await serve(sends(start((b"connection", b"close"), (b"content-length", b"2")), body(b"ok")))
    client = await server.connect(pki.client())
    assert (await client.ask(GET))[2] == b"ok"
    assert await client.closed()
    server = await serve(sends(start((b"content-length", b"2")), body(b"ok")))
    client = await server.connect(pki.client())
    assert (await client.ask(GET + "\nConnection: close"))[1]["connection"] == "close"
    assert await client.closed()


async def test_an_unknown_status_has_no_phrase(serve: Any, pki: Any) -> None:
    """Codes that no standard names are passed on."""
    client = await (await serve(sends(start((b"content-length", b"0"), status=599), body()))).connect(pki.client())
    assert (await client.ask(GET))[0] == "HTTP/1.1 599 "


@pytest.mark.parametrize(
    "messages",
    [
        (start((b"x-warning", b"one\r\nset-cookie: two")), body()),
        (start((b"x-warning", b"one\ntwo")), body()),
        (body(b"no start"),),
    ],
)
async def test_an_answer_that_must_not_be_sent_becomes_a_500(
    serve: Any, pki: Any, messages: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A header cannot smuggle in another one."""
    client = await (await serve(sends(*messages))).connect(pki.client())
    status, headers, content = await client.ask(GET)
    assert (status, content) == ("HTTP/1.1 500 Internal Server Error", b"Internal Server Error")
    assert "set-cookie" not in headers
    assert "Exception in ASGI application" in caplog.text
