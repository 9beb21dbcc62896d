"""The ASGI vocabulary: types, header access, reading bodies, sending whole answers."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from kubern.apimachinery.errors import StatusError, request_entity_too_large

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

MAX_BODY_BYTES = 3 * 1024 * 1024
"""Largest request body, decoded (upstream: MaxRequestBodyBytes)."""


class ClientDisconnected(Exception):
    """The client went away while its request was being read."""


async def read_body(receive: Receive, headers: MutableMapping[str, str] | Any, limit: int = MAX_BODY_BYTES) -> bytes:
    """The whole body, decompressed when sent as gzip. Raises StatusError 413, ClientDisconnected."""
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise request_entity_too_large(f"limit is {limit}")
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnected
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        chunks, size = [body], len(body)
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnected
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise request_entity_too_large(f"limit is {limit}")
            chunks.append(chunk)
        body = b"".join(chunks)
    if len(body) > limit:
        raise request_entity_too_large(f"limit is {limit}")
    if headers.get("content-encoding", "") == "gzip":
        body = _gunzip(body, limit)
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    import io

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
            out = stream.read(limit + 1)
    except (OSError, EOFError) as error:
        raise StatusError(400, "BadRequest", f"the request body is not valid gzip: {error}") from None
    if len(out) > limit:
        raise request_entity_too_large(f"limit is {limit}")
    return out


async def send_bytes(send: Send, status: int, content_type: bytes, body: bytes, extra: Headers | None = None) -> None:
    """One whole answer."""
    headers: Headers = []
    if status != 304:
        # A 304 must not describe a body: clients' caches would take its headers for the cached answer's.
        headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    if extra:
        headers += extra
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_text(send: Send, status: int, text: str) -> None:
    """Plain text as Go's http.Error writes it."""
    await send_bytes(
        send, status, b"text/plain; charset=utf-8", text.encode(), [(b"x-content-type-options", b"nosniff")]
    )
