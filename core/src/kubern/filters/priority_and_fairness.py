"""Gives each request the seats of its priority level, or a place in a queue, or 429 (upstream: WithPriorityAndFairness).

Next: `../flowcontrol/controller.py`, which knows the levels.
"""

from __future__ import annotations

import asyncio
import collections
import time
from typing import TYPE_CHECKING

from kubern.filters.inflight import refuse
from kubern.filters.metrics import is_long_running
from kubern.filters.request_info import CONTEXT_KEY

if TYPE_CHECKING:
    from kubern.endpoints.asgi import ASGIApp, Message, Receive, Scope, Send
    from kubern.flowcontrol.controller import FlowController
    from kubern.flowcontrol.flow import Flow
    from kubern.flowcontrol.queued_request import QueuedRequest
    from kubern.flowcontrol.work_estimator import WorkEstimator
    from kubern.request import RequestContext

MAX_WAIT = 60.0
"""Seconds that a request waits in a queue at most, whatever its deadline."""
_READ_AHEAD_BYTES = 64 * 1024


class PriorityAndFairnessFilter:
    """Requests hold their seats until they are answered, watches until they stand; other long ones need none.

    A request may wait for a fourth of its time, `default_wait` seconds when it has no deadline.
    """

    def __init__(self, app: ASGIApp, controller: FlowController, estimator: WorkEstimator, default_wait: float) -> None:
        self.app = app
        self.controller = controller
        self.estimator = estimator
        self.default_wait = default_wait

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ctx: RequestContext = scope[CONTEXT_KEY]
        info = ctx.info
        watches = info.verb == "watch"
        if not watches and is_long_running(info.verb, info.subresource):
            await self.app(scope, receive, send)
            return
        flow = self.controller.flow(ctx.effective_user, info)
        ctx.response_headers += flow.headers
        queues = flow.level.queues
        request = queues.start(flow, ctx, self.estimator.estimate(ctx, flow.level.max_seats))
        if request is not None and request.waiting is not None:
            ahead = _ReadAhead(receive)
            receive = ahead.receive
            if not await ahead.wait(request, self._wait_limit(ctx)):
                request = None
        if request is None:
            await self._refuse(ctx, send, flow)
        elif watches:
            await self._watch(scope, receive, send, request)
        else:
            try:
                await self.app(scope, receive, send)
            finally:
                queues.finish(request)

    def _wait_limit(self, ctx: RequestContext) -> float:
        """Seconds from now; the time that a request may wait began when it came."""
        limit = self.default_wait if ctx.deadline is None else (ctx.deadline - ctx.received) / 4
        return min(limit, MAX_WAIT) - (time.monotonic() - ctx.received)

    async def _refuse(self, ctx: RequestContext, send: Send, flow: Flow) -> None:
        retry_after = flow.level.retry_after
        retry_after.refused(int(time.time()))
        await refuse(ctx, send, retry_after.seconds)

    async def _watch(self, scope: Scope, receive: Receive, send: Send, request: QueuedRequest) -> None:
        ctx: RequestContext = scope[CONTEXT_KEY]
        key = self.controller.watches.add(ctx.info)
        sender = _WatchSender(request, send, ctx.query_first("sendInitialEvents") == "true")
        if scope.get("extensions"):  # an upgrade: what is sent does not come by here
            sender.release()
        try:
            await self.app(scope, receive, sender)
        finally:
            sender.release()
            self.controller.watches.remove(key)


class _WatchSender:
    """Frees a watch's seats when its answer begins; one with initial events, when the first of them are out."""

    __slots__ = ("_after_events", "_request", "_send")

    def __init__(self, request: QueuedRequest, send: Send, after_events: bool) -> None:
        self._request: QueuedRequest | None = request
        self._send = send
        self._after_events = after_events

    async def __call__(self, message: Message) -> None:
        await self._send(message)
        if self._request is not None and (not self._after_events or message.get("body")):
            self.release()

    def release(self) -> None:
        """Free the seats, unless they are."""
        if self._request is not None:
            self._request.finish()
            self._request = None


class _ReadAhead:
    """Listens to the client while its request waits, so that one who leaves gives up the place in the queue."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: collections.deque[Message] = collections.deque()

    async def wait(self, request: QueuedRequest, limit: float) -> bool:
        """Whether the request may run, after at most `limit` seconds."""
        listening = asyncio.ensure_future(self._listen(request))
        try:
            return await request.wait(limit)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self, request: QueuedRequest) -> None:
        size = 0
        while size < _READ_AHEAD_BYTES:
            message = await self._receive()
            self._messages.append(message)
            size += len(message.get("body") or b"")
            if message["type"] == "http.disconnect":
                request.give_up()
                return

    async def receive(self) -> Message:
        """What was read ahead, then what comes."""
        return self._messages.popleft() if self._messages else await self._receive()
