"""A prepared server from listening to closed: the walk along the timeline that `lifecycle.py` describes.

Upstream: preparedGenericAPIServer.RunWithContext. Next: `serving/http.py`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from kubern.lifecycle import Signal
from kubern.options.generic import GenericOptions

if TYPE_CHECKING:
    from kubern.lifecycle import Lifecycle
    from kubern.ports import Port
    from kubern.server import PreparedServer
    from kubern.serving.http import HTTPServer

logger = logging.getLogger(__name__)
MAX_DRAIN = 60.0
"""Seconds at most that requests in flight get at shutdown (upstream: ShutdownTimeout)."""


async def run_until_stopped(
    prepared: PreparedServer, ports: Iterable[Port], stop: asyncio.Event, ready: Callable[[], None]
) -> None:
    """Listen, run the post-start hooks, call `ready`, serve until `stop` is set, then shut down in order.

    A post-start hook that fails ends the server: its exception is raised after the shutdown.
    """
    from kubern.serving.http import HTTPServer

    lifecycle = prepared.server.config.lifecycle
    http = HTTPServer(prepared.app)
    for port in ports:
        await http.listen(port.listener, port.tls, port.state)
    _report_crashes(prepared)
    hooks = asyncio.create_task(_start(prepared, lifecycle, ready), name="post-start hooks")
    stopping = asyncio.create_task(stop.wait(), name="stop signal")
    await asyncio.wait((hooks, stopping), return_when=asyncio.FIRST_EXCEPTION)
    stopping.cancel()
    try:
        await _shut_down(prepared, http, lifecycle)
    finally:
        hooks.cancel()
        await asyncio.gather(hooks, stopping, return_exceptions=True)
        await prepared.close()
    if not hooks.cancelled() and (error := hooks.exception()) is not None:
        raise error


async def _start(prepared: PreparedServer, lifecycle: Lifecycle, ready: Callable[[], None]) -> None:
    try:
        await prepared.run_post_start_hooks()
    except ExceptionGroup as group:
        raise group.exceptions[0] from None
    lifecycle.signal(Signal.HAS_BEEN_READY)
    ready()


def _report_crashes(prepared: PreparedServer) -> None:
    """A crashed background task makes /readyz fail under a check of its own."""
    config = prepared.server.config
    config.tasks.on_crash(lambda name: config.health.add_ready("background-tasks", config.tasks.check))


async def _shut_down(prepared: PreparedServer, http: HTTPServer, lifecycle: Lifecycle) -> None:
    options = prepared.server.config.options.section(GenericOptions)
    lifecycle.signal(Signal.SHUTDOWN_INITIATED)
    prepared.server.config.health.shut_down()
    await prepared.run_pre_shutdown_hooks(while_serving=True)
    await asyncio.sleep(options.shutdown_delay_duration)
    lifecycle.signal(Signal.AFTER_SHUTDOWN_DELAY)
    lifecycle.signal(Signal.NOT_ACCEPTING_NEW_REQUESTS)
    if not options.shutdown_send_retry_after:
        http.stop_listening()
    storage = prepared.server.config.storage_factory
    await storage.end_watches_gradually(options.shutdown_watch_termination_grace_period)
    await storage.end_watches()
    http.close_idle()
    await http.drain(min(options.request_timeout or MAX_DRAIN, MAX_DRAIN))
    http.stop_listening()
    lifecycle.signal(Signal.IN_FLIGHT_REQUESTS_DRAINED)
    await prepared.run_pre_shutdown_hooks(while_serving=False)
