"""Runs the ASGI application on listening sockets; uvicorn is imported here, in `protocol.py` and in `cycle.py` only.

The stages of stopping are separate calls, because the shutdown timeline (`../lifecycle.py`) decides when each is due.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from email.utils import formatdate
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from kubern.serving.client_chain import ChainMemory
from kubern.serving.protocol import READ_HEADER_TIMEOUT, ServingProtocol

logger = logging.getLogger(__name__)
_GOODBYE = 0.2
App = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]
IDLE_TIMEOUT = 90
"""Seconds that an idle keep-alive connection stays open (upstream: IdleTimeout)."""


class HTTPServer:
    """All connections of one server, over any number of sockets."""

    def __init__(self, app: App) -> None:
        self._config = uvicorn.Config(
            app,
            http=ServingProtocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=IDLE_TIMEOUT,
        )
        self._config.load()
        self._state = ServerState()
        self._chains = ChainMemory()
        self._servers: list[asyncio.Server] = []
        self._clock: asyncio.TimerHandle | None = None

    async def listen(
        self, listener: socket.socket, tls: ssl.SSLContext | None, state: Mapping[str, Any] | None = None
    ) -> None:
        """Accept connections on a listening socket; `state` is what `scope["state"]` says of all of them."""
        if self._clock is None:
            self._tick()
        timeouts: dict[str, Any] = (
            {"ssl_handshake_timeout": READ_HEADER_TIMEOUT, "ssl_shutdown_timeout": 5} if tls is not None else {}
        )

        def new_connection() -> ServingProtocol:
            return ServingProtocol(self._config, self._state, self._chains, dict(state or {}))

        loop = asyncio.get_running_loop()
        self._servers.append(await loop.create_server(new_connection, sock=listener, ssl=tls, **timeouts))

    def _tick(self) -> None:
        """The Date header of all answers, once a second."""
        self._state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        self._clock = asyncio.get_running_loop().call_later(1, self._tick)

    def stop_listening(self) -> None:
        """Refuse new connections; those that are open go on."""
        for server in self._servers:
            server.close()

    def close_idle(self) -> None:
        """Close connections without a request, the others after the answer they wait for."""
        for connection in list(self._state.connections):
            connection.shutdown()

    @property
    def requests_in_flight(self) -> int:
        return len(self._state.tasks)

    async def drain(self, timeout: float) -> bool:
        """Wait for all requests to end; those left after `timeout` seconds are cut off and False is returned.

        Connections without a request are closed; their clients have a moment to answer TLS' goodbye, which one that
        is not reading never does.
        """
        now = asyncio.get_running_loop().time
        deadline = now() + timeout
        while self._state.tasks and now() < deadline:
            await asyncio.wait(self._state.tasks, timeout=min(deadline - now(), 0.1))
        goodbye = min(deadline, now() + _GOODBYE)
        while self._state.connections and now() < goodbye:
            self.close_idle()
            await asyncio.sleep(0.01)
        drained = not self._state.tasks
        if not drained:
            logger.warning("Cutting off %d requests that did not end in time", len(self._state.tasks))
        await self._cut_off()
        return drained

    async def _cut_off(self) -> None:
        tasks = list(self._state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1)
        for connection in list(self._state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
        # One turn of the loop for transports to tell their protocols.
        await asyncio.sleep(0)
