"""Large lists leave in pieces: whole when small, compressed when the client can, in turns with other requests."""

from __future__ import annotations

import asyncio
import gzip
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from kubern.endpoints.responses import GZIP_THRESHOLD_BYTES
from kubern.endpoints.verbs.list import CHUNK_BYTES, CHUNKS_PER_TURN, _document, _stream


class Answer:
    """Collects what is sent."""

    def __init__(self) -> None:
        self.headers: dict[bytes, bytes] = {}
        self.parts: list[bytes] = []

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.headers = dict(message["headers"])
        elif message["body"]:
            self.parts.append(message["body"])


def document(count: int) -> tuple[dict[str, Any], Any]:
    """A list of `count` items of about a kilobyte, and its chunks."""
    items = [{"n": n, "text": "x" * 1000} for n in range(count)]
    head = {"kind": "List", "items": []}
    return head | {"items": items}, _document(head, ((b"", orjson.dumps(item)) for item in items))


async def stream(chunks: Any, accept: str = "") -> Answer:
    answer = Answer()
    ctx: Any = SimpleNamespace(headers={"accept-encoding": accept})
    await _stream(ctx, answer.send, chunks)
    return answer


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 100])
async def test_a_small_list_goes_out_whole(count: int) -> None:
    """Its length is told, and it is not compressed."""
    wanted, chunks = document(count)
    answer = await stream(chunks, "gzip")
    assert len(answer.parts) == 1
    assert answer.headers[b"content-length"] == str(len(answer.parts[0])).encode()
    assert b"content-encoding" not in answer.headers
    assert orjson.loads(answer.parts[0]) == wanted


@pytest.mark.parametrize("count", [130, 1000, 3000])
async def test_a_large_list_goes_out_in_chunks(count: int) -> None:
    """No part is much larger than a chunk."""
    wanted, chunks = document(count)
    answer = await stream(chunks)
    assert orjson.loads(b"".join(answer.parts)) == wanted
    assert max(map(len, answer.parts)) < 2 * CHUNK_BYTES


@pytest.mark.parametrize("count", [130, 3000])
async def test_a_large_list_is_compressed_for_clients_that_can(count: int) -> None:
    """As one gzip stream."""
    wanted, chunks = document(count)
    answer = await stream(chunks, "deflate, gzip")
    assert answer.headers[b"content-encoding"] == b"gzip"
    content = b"".join(answer.parts)
    assert len(content) < GZIP_THRESHOLD_BYTES
    assert orjson.loads(gzip.decompress(content)) == wanted


async def test_other_requests_have_their_turn_meanwhile() -> None:
    """Something else runs at least every few chunks."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    _, chunks = document(3000)
    answer = await stream(chunks)
    task.cancel()
    assert turns >= len(answer.parts) // CHUNKS_PER_TURN > 1
