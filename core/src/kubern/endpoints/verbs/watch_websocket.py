"""A watch over a WebSocket: a message per event, text for JSON and binary for protobuf (upstream: WatchServer.HandleWS).

The handshake is golang.org/x/net/websocket's: a client names its origin, and at most one subprotocol, which it gets
whatever it is. Next: `util/websocket.py`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kubern.endpoints.asgi import send_bytes
from kubern.endpoints.negotiation import JSON
from kubern.util.websocket import HandshakeRefused, WebSocket, accept_websocket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubern.endpoints.asgi import Send
    from kubern.endpoints.verbs.watch import EventEncoder
    from kubern.request import RequestContext
    from kubern.storage.cacher import CacheWatcher
    from kubern.util.upgrade import Upgrade

MAX_IGNORED_MESSAGE_BYTES = 1 << 20


async def watch_over_websocket(
    ctx: RequestContext, upgrade: Upgrade, send: Send, watcher: CacheWatcher, encoder: EventEncoder
) -> None:
    """Send events until the watch ends or the client leaves, then say goodbye."""
    try:
        socket = _shake_hands(ctx, upgrade)
    except HandshakeRefused as refusal:
        await send_bytes(send, refusal.status, b"text/plain; charset=utf-8", refusal.body.encode())
        return
    # Filters see an answer that begins; none of it reaches the connection, which has left HTTP.
    await send({"type": "http.response.start", "status": 101, "headers": []})
    leaving = asyncio.ensure_future(_ignore_messages(socket))
    leaving.add_done_callback(lambda _: watcher.stop())
    try:
        await _send_events(socket, send, watcher, encoder)
    except ConnectionError:
        return
    finally:
        leaving.cancel()
        socket.close()


def _shake_hands(ctx: RequestContext, upgrade: Upgrade) -> WebSocket:
    if not ctx.headers.get("origin"):
        raise HandshakeRefused(403, "")
    if "," in ctx.headers.get("sec-websocket-protocol", ""):
        raise HandshakeRefused(400, "")

    def select(offered: Sequence[str]) -> str | None:
        return offered[0] if offered else None

    return accept_websocket(ctx.scope, upgrade, select, max_size=MAX_IGNORED_MESSAGE_BYTES)


async def _send_events(socket: WebSocket, send: Send, watcher: CacheWatcher, encoder: EventEncoder) -> None:
    as_text = encoder.media.type == JSON
    async for events in watcher:
        frames = [encoder.encode(event) for event in events]
        for frame in frames:
            await socket.send(frame.decode() if as_text else frame)
        await send({"type": "http.response.body", "body": b"".join(frames), "more_body": True})


async def _ignore_messages(socket: WebSocket) -> None:
    """Returns when the client has left."""
    while await socket.receive() is not None:
        pass
