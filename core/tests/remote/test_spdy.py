"""SPDY/3.1 streams over a pair of sockets, this implementation on both ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator

import pytest

from kubern.remote.spdy import Session, StreamReset
from kubern.remote.spdy_headers import Compressor, Decompressor, MalformedHeaders


@contextlib.asynccontextmanager
async def sessions() -> AsyncIterator[tuple[Session, Session]]:
    """A client's and a server's session that are connected."""
    pairs = [await asyncio.open_connection(sock=one) for one in socket.socketpair()]
    client, server = Session(*pairs[0], client=True), Session(*pairs[1], client=False)
    tasks = [asyncio.create_task(one.run()) for one in (client, server)]
    try:
        yield client, server
    finally:
        client.close()
        server.close()
        await asyncio.gather(*tasks)


async def test_streams_carry_bytes_both_ways() -> None:
    """A megabyte goes there and back, with the stream's headers."""
    data = os.urandom(1 << 20)
    async with sessions() as (client, server):
        ours = client.open({"streamType": "data", "port": "80"})
        await ours.opened()
        theirs = await server.accept()
        assert theirs is not None
        assert theirs.headers == {"streamtype": "data", "port": "80"}

        async def echo() -> None:
            while piece := await theirs.read():
                await theirs.write(piece)
            await theirs.close()

        async def send() -> None:
            await ours.write(data)
            await ours.close()

        _, _, received = await asyncio.gather(echo(), send(), ours.read_all())
    assert received == data


async def test_streams_end_with_their_connection() -> None:
    """Readers get the end, writers an error, and accept nothing."""
    async with sessions() as (client, server):
        ours = client.open({"streamtype": "error"})
        await ours.opened()
        server.close()
        assert await ours.read() == b""
        with pytest.raises(StreamReset):
            await ours.write(b"x")
        assert await client.accept() is None


def test_headers_share_one_compression_context() -> None:
    """Blocks are read in the order in which they were written, each once."""
    out, into = Compressor(), Decompressor()
    for number in range(3):
        pairs = {"streamtype": "data", "requestid": str(number)}
        assert into.pairs(out.block(pairs)) == pairs


@pytest.mark.parametrize("block", [b"", b"nonsense", Compressor().block({"a": "b"})[:-8]])
def test_damaged_headers_are_refused(block: bytes) -> None:
    """A block that ends early or is not compressed ends the connection."""
    if not block:
        assert Decompressor().pairs(block) == {}
        return
    with pytest.raises(MalformedHeaders):
        Decompressor().pairs(block)
