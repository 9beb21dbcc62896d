"""Ends requests that take too long (upstream: WithRequestDeadline and WithTimeoutForNonLongRunningRequests).

One sweep per second looks over the running requests, so a request costs two dict operations and no timer; only
a deadline nearer than that gets a timer of its own.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from kubern.apimachinery.errors import StatusError, bad_request, timeout
from kubern.endpoints.asgi import send_bytes
from kubern.filters.metrics import is_long_running
from kubern.filters.request_info import CONTEXT_KEY
from kubern.util.goduration import SECOND, DurationError, parse_duration

if TYPE_CHECKING:
    from kubern.audit.auditor import Auditor
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send
    from kubern.request import RequestContext

_SWEEP_SECONDS = 1.0
MAX_WRITE_SECONDS = 34.0
"""Writes are ended after this at the latest, by their handlers (upstream: requestTimeoutUpperBound)."""
_WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})
# Upstream's filter encodes the bare Status, without its kind, and leaves it to Go to find out what that looks like.
_TIMED_OUT = (
    b'{"metadata":{},"status":"Failure",'
    b'"message":"Timeout: request did not complete within the allotted timeout",'
    b'"reason":"Timeout","details":{},"code":504}\n'
)


class DeadlineFilter:
    """Cancels a request at its deadline: `?timeout=` up to `limit` seconds (--request-timeout), else `limit`."""

    def __init__(self, app: ASGIApp, limit: float, auditor: Auditor | None = None) -> None:
        self.app = app
        self.limit = limit
        self.auditor = auditor
        self._running: dict[asyncio.Task[object], float] = {}
        self._expired: set[asyncio.Task[object]] = set()
        self._sweep: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ctx = scope[CONTEXT_KEY]
        info = ctx.info
        if is_long_running(info.verb, info.subresource):
            await self.app(scope, receive, send)
            return
        seconds = self.limit
        if ctx.query and "timeout" in ctx.query:
            try:
                seconds = self._seconds(ctx.query_first("timeout"))
            except StatusError as error:
                await self._record(ctx, scope, error)
                raise
        handlers_own = seconds > MAX_WRITE_SECONDS and info.is_resource_request and info.verb in _WRITES
        if handlers_own:
            seconds = MAX_WRITE_SECONDS
        await self._run(ctx, seconds, handlers_own, (scope, receive, send))

    async def _run(
        self, ctx: RequestContext, seconds: float, handlers_own: bool, request: tuple[Scope, Receive, Send]
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        ctx.deadline = ctx.received + seconds
        self._watch_over(task, ctx.deadline, seconds)
        try:
            await self.app(*request)
        except asyncio.CancelledError:
            if task not in self._expired:
                raise
            task.uncancel()
            if handlers_own or ctx.response_started:
                text = "request did not complete within requested timeout - context deadline exceeded"
                raise timeout(text) from None
            await send_bytes(request[2], 504, b"text/plain; charset=utf-8", _TIMED_OUT)
        finally:
            self._running.pop(task, None)
            self._expired.discard(task)

    def _seconds(self, text: str) -> float:
        """What a client asks for, within the limit. Raises StatusError 400."""
        if not text:
            return self.limit
        try:
            seconds = parse_duration(text) / SECOND
        except DurationError as error:
            raise bad_request(f"invalid timeout specified in the request URL - {error}") from None
        return min(seconds, self.limit) if seconds > 0 else self.limit

    async def _record(self, ctx: RequestContext, scope: Scope, error: StatusError) -> None:
        if self.auditor is not None:
            from kubern.filters.audit import record_failed_request

            await record_failed_request(self.auditor, ctx, scope, error)

    def _watch_over(self, task: asyncio.Task[object], deadline: float, seconds: float) -> None:
        self._running[task] = deadline
        loop = asyncio.get_running_loop()
        if seconds < 2 * _SWEEP_SECONDS:
            loop.call_later(max(0.0, deadline - time.monotonic()), self._expire, task)
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
