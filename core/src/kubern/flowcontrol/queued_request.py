"""A request that holds seats or waits for them, and the queue it is in; next: `queue_set.py`, which moves them."""

from __future__ import annotations

import asyncio
import collections
import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.flowcontrol.flow import Flow
    from kubern.flowcontrol.queue_set import QueueSet
    from kubern.flowcontrol.work_estimator import WorkEstimate
    from kubern.request import RequestContext


class Decision(enum.Enum):
    """What becomes of a request that had to wait."""

    EXECUTE = "execute"
    TIME_OUT = "time-out"
    CANCELLED = "cancelled"


class Queue:
    """First in, first out. `next_dispatch_r` is the progress at which the oldest request starts in the virtual world."""

    __slots__ = ("executing", "index", "next_dispatch_r", "seats_in_use", "waiting", "work_waiting")

    def __init__(self, index: int) -> None:
        self.index = index
        self.waiting: collections.deque[QueuedRequest] = collections.deque()
        self.executing: set[QueuedRequest] = set()
        self.next_dispatch_r = 0.0
        self.seats_in_use = 0
        self.work_waiting = 0.0
        """Seat-seconds of all that wait here."""

    @property
    def is_idle(self) -> bool:
        return not self.waiting and not self.executing


class QueuedRequest:
    """One request. `waiting` is the future of its `Decision`, None once it may run; `queue` None without queues."""

    __slots__ = (
        "additional_latency",
        "arrival_r",
        "arrived",
        "ctx",
        "final_seats",
        "flow",
        "initial_seats",
        "queue",
        "queue_set",
        "seats",
        "started",
        "waiting",
        "work",
    )

    def __init__(self, queue_set: QueueSet, flow: Flow, ctx: RequestContext, work: WorkEstimate, now: float) -> None:
        self.queue_set = queue_set
        self.flow = flow
        self.ctx = ctx
        self.initial_seats = work.initial_seats
        self.final_seats = work.final_seats
        self.additional_latency = work.additional_latency
        self.seats = work.max_seats
        self.work = work.total
        self.arrived = now
        self.arrival_r = queue_set.current_r
        self.started = 0.0
        """When it got its seats; 0 before that."""
        self.queue: Queue | None = None
        self.waiting: asyncio.Future[Decision] | None = None

    async def wait(self, limit: float) -> bool:
        """Until there are seats, at most `limit` seconds; whether the request may run. Cancelling takes it out."""
        waiting = self.waiting
        if waiting is None:
            return True
        timer = asyncio.get_running_loop().call_later(max(limit, 0.0), self.queue_set.give_up, self, Decision.TIME_OUT)
        try:
            decision = await waiting
        except asyncio.CancelledError:
            if self.started:
                self.finish()
            else:
                self.give_up()
            raise
        finally:
            timer.cancel()
            self.waiting = None
        return decision is Decision.EXECUTE

    def give_up(self) -> None:
        """Nobody waits for the answer any more; without effect once it is decided what becomes of the request."""
        self.queue_set.give_up(self, Decision.CANCELLED)

    def finish(self) -> None:
        """The request is over: its seats are for others."""
        self.queue_set.finish(self)
