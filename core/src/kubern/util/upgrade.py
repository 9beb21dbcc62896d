"""Connections that leave HTTP: how a handler takes the transport over after `Connection: Upgrade`.

A request that asks for an upgrade is an ordinary request to all filters. Its scope has the extension
`kubern.upgrade`; a handler either answers as usual or calls `Upgrade.accept`, after which the connection belongs to
the protocol it gave. Made by `serving/protocol.py`; next: `websocket.py`, the most used one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

EXTENSION = "kubern.upgrade"


class Upgrade:
    """An offer to leave HTTP; `protocol` is what the client asks for, in lower case (`websocket`, `spdy/3.1`)."""

    __slots__ = ("_take_over", "protocol")

    def __init__(self, protocol: str, take_over: Callable[[bytes, asyncio.Protocol], None]) -> None:
        self.protocol = protocol
        self._take_over = take_over

    def accept(self, response: bytes, protocol: asyncio.Protocol) -> None:
        """Send `response` (a whole 101 head), then give the transport to `protocol`.

        It gets `connection_made`, then `data_received` with what the client sent early. The request counts as
        answered; its handler may go on for as long as the connection lives.
        """
        self._take_over(response, protocol)


def offered_upgrade(scope: Mapping[str, Any]) -> Upgrade | None:
    """The upgrade that a request asks for."""
    upgrade: Upgrade | None = (scope.get("extensions") or {}).get(EXTENSION)
    return upgrade


def switching_protocols(protocol: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
    """The head of a 101 answer."""
    lines = [b"HTTP/1.1 101 Switching Protocols", b"Connection: Upgrade", b"Upgrade: " + protocol.encode()]
    return b"\r\n".join([*lines, *(b"%s: %s" % header for header in headers), b"", b""])
