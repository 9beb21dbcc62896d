"""A server's life: named signals, the shutdown timeline, and the tasks that go on while it lives.

The timeline (upstream: server/lifecycle_signals.go and GenericAPIServer.RunWithContext):

    start    listen -> post-start hooks -> all done: HAS_BEEN_READY
    stop     first SIGTERM or SIGINT: SHUTDOWN_INITIATED, /readyz fails, everything is still served, first
             pre-shutdown hooks
             --shutdown-delay-duration later: AFTER_SHUTDOWN_DELAY
             no new requests: NOT_ACCEPTING_NEW_REQUESTS, the socket closes (with --shutdown-send-retry-after it stays
             open and answers 429 until requests in flight are done), watches end, keep-alive connections close
             requests in flight done, or --request-timeout later: IN_FLIGHT_REQUESTS_DRAINED
             pre-shutdown hooks -> background tasks end -> storage closes
    second signal: the process exits at once, status 1

Next: `startup.py`, which walks along it.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any

logger = logging.getLogger(__name__)
SAME_SIGNAL = 0.2
"""Seconds within which a second signal is the first one, passed on by a parent process."""


class StartError(Exception):
    """The options are fine but the start fails; the text says what to look at."""


class Signal(enum.Enum):
    """The moments of a server's life that others wait for."""

    HAS_BEEN_READY = "HasBeenReady"
    SHUTDOWN_INITIATED = "ShutdownInitiated"
    AFTER_SHUTDOWN_DELAY = "AfterShutdownDelayDuration"
    NOT_ACCEPTING_NEW_REQUESTS = "NotAcceptingNewRequest"
    IN_FLIGHT_REQUESTS_DRAINED = "InFlightRequestsDrained"


class Lifecycle:
    """The signals of one server; each is given once and stays."""

    def __init__(self) -> None:
        self._events = {name: asyncio.Event() for name in Signal}

    def signal(self, name: Signal) -> None:
        """The moment has come."""
        if not self._events[name].is_set():
            logger.info("[graceful-termination] shutdown event: %s" if _ends(name) else "%s", name.value)
            self._events[name].set()

    def signaled(self, name: Signal) -> bool:
        return self._events[name].is_set()

    async def wait(self, name: Signal) -> None:
        """Until the moment has come."""
        await self._events[name].wait()


def _ends(name: Signal) -> bool:
    return name is not Signal.HAS_BEEN_READY


class Tasks:
    """Background work that goes on until the server closes, each with a name.

    A task that ends with an exception is logged; `crashed` then names it, and the health check built on that fails,
    so that whoever supervises the process can see and restart it.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self.crashed: dict[str, BaseException] = {}
        self._on_crash: Callable[[str], None] | None = None

    def on_crash(self, tell: Callable[[str], None]) -> None:
        """Call `tell` with the name of each task that crashes."""
        self._on_crash = tell

    def spawn(self, name: str, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start `coroutine` as a task called `name`."""
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self.crashed[task.get_name()] = error
            logger.error("Background task %s crashed", task.get_name(), exc_info=error)
            if self._on_crash is not None:
                self._on_crash(task.get_name())

    async def check(self) -> None:
        """A health check: raises RuntimeError when a task has crashed."""
        if self.crashed:
            raise RuntimeError(f"crashed: {', '.join(sorted(self.crashed))}")

    async def close(self) -> None:
        """Cancel all tasks and wait for their end."""
        while self._tasks:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Call `stop` at the first SIGTERM or SIGINT of the running loop's process; exit at once at the second.

    Signals that come together count as one: make and other parents pass on what the terminal sends to all.
    """
    loop = asyncio.get_running_loop()
    first: list[float] = []

    def handle(number: int) -> None:
        now = loop.time()
        if first and now - first[0] < SAME_SIGNAL:
            return
        first.append(now)
        if len(first) > 1:
            logger.warning("Second signal %s, exiting at once", signal.Signals(number).name)
            os._exit(1)
        logger.info("Received %s, shutting down", signal.Signals(number).name)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, handle, number)
