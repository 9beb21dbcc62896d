"""Ends requests that take too long (upstream: WithRequestDeadline and WithTimeoutForNonLongRunningRequests).

One sweep per second looks over the running requests, so a request costs two dict operations and no timer; only
a deadline nearer than that gets a timer of its own.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from kubern.apimachinery.errors import bad_request, timeout
from kubern.filters.metrics import is_long_running
from kubern.filters.request_info import CONTEXT_KEY
from kubern.util.goduration import SECOND, DurationError, parse_duration

if TYPE_CHECKING:
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send
    from kubern.request import RequestContext

_SWEEP_SECONDS = 1.0


class DeadlineFilter:
    """Cancels a request at its deadline: `?timeout=` up to `limit` seconds (--request-timeout), else `limit`."""

    def __init__(self, app: ASGIApp, limit: float) -> None:
        self.app = app
        self.limit = limit
        self._running: dict[asyncio.Task[object], float] = {}
        self._expired: set[asyncio.Task[object]] = set()
        self._sweep: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ctx = scope[CONTEXT_KEY]
        if is_long_running(ctx.info.verb, ctx.info.subresource):
            await self.app(scope, receive, send)
            return
        seconds = self._seconds(ctx)
        task = asyncio.current_task()
        assert task is not None
        ctx.deadline = time.monotonic() + seconds
        self._watch_over(task, ctx.deadline, seconds)
        try:
            await self.app(scope, receive, send)
        except asyncio.CancelledError:
            if task not in self._expired:
                raise
            task.uncancel()
            raise timeout("request did not complete within the allotted timeout") from None
        finally:
            self._running.pop(task, None)
            self._expired.discard(task)

    def _seconds(self, ctx: RequestContext) -> float:
        text = ctx.query_first("timeout") if ctx.query else ""
        if not text:
            return self.limit
        try:
            seconds = parse_duration(text) / SECOND
        except DurationError as error:
            raise bad_request(f"invalid timeout specified in the request URL - {error}") from None
        return min(seconds, self.limit) if seconds > 0 else self.limit

    def _watch_over(self, task: asyncio.Task[object], deadline: float, seconds: float) -> None:
        self._running[task] = deadline
        loop = asyncio.get_running_loop()
        if seconds < 2 * _SWEEP_SECONDS:
            loop.call_later(seconds, self._expire, task)
        if self._sweep is None:
            self._sweep = loop.call_later(_SWEEP_SECONDS, self._sweep_now)

    def _sweep_now(self) -> None:
        now = time.monotonic()
        for task in [t for t, deadline in self._running.items() if deadline <= now]:
            self._expire(task)
        running = bool(self._running)
        self._sweep = asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep_now) if running else None

    def _expire(self, task: asyncio.Task[object]) -> None:
        if task in self._running and task not in self._expired:
            self._expired.add(task)
            task.cancel()
