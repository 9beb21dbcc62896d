"""The queues of a priority level and who runs next (upstream: fairqueuing/queueset); next: `queued_request.py`.

Fair queuing in a virtual world where all queues with something to do get the same seats: `current_r` is the
seat-seconds that each has been given so far, and the request whose work would be done first there is dispatched first.
A level without queues refuses what it has no seats for. With a free seat and nobody waiting, which is nearly always,
a request gets its seats in constant time, without a future or a turn of the event loop.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import TYPE_CHECKING

from kubern.flowcontrol.integrator import Integrator
from kubern.flowcontrol.queued_request import Decision, Queue, QueuedRequest

if TYPE_CHECKING:
    from kubern.flowcontrol.configuration import Queuing
    from kubern.flowcontrol.flow import Flow
    from kubern.flowcontrol.work_estimator import WorkEstimate
    from kubern.request import RequestContext

ESTIMATED_SERVICE_SECONDS = 0.003
"""How long a request is thought to take until it has (upstream: estimatedServiceDuration)."""


@dataclasses.dataclass(slots=True)
class Totals:
    """What became of all requests of a level so far."""

    dispatched: int = 0
    rejected: int = 0
    timed_out: int = 0
    cancelled: int = 0


class QueueSet:
    """The requests of one level. `limit` is the seats it has now; None: no limit (the exempt level)."""

    def __init__(self, limit: int | None = None, queuing: Queuing | None = None) -> None:
        now = time.monotonic()
        self.limit = limit
        self.queuing = queuing
        self.queues: list[Queue] = []
        self.executing: set[QueuedRequest] = set()
        """Those that came through no queue."""
        self.current_r = 0.0
        self.requests_waiting = 0
        self.requests_executing = 0
        self.seats_waiting = 0
        self.seats_in_use = 0
        self.demand = Integrator(now)
        self.totals = Totals()
        self.last_dispatch: tuple[float, float, tuple[float, float], tuple[float, float]] | None = None
        """R and S of the last dispatch from among waiting requests, bounds of S and of S less the work in progress."""
        self._synced = now
        self._active_queues = 0
        self._enqueued = 0
        self._robin = 0
        self._add_queues()

    def configure(self, limit: int | None, queuing: Queuing | None) -> None:
        """Another limit or other queues; queues that are too many go when they are empty."""
        now = self._sync_time()
        self.limit, self.queuing = limit, queuing
        self._add_queues()
        self._dispatch(now)

    def _add_queues(self) -> None:
        wanted = self.queuing.queues if self.queuing is not None else 0
        self.queues += [Queue(i) for i in range(len(self.queues), wanted)]

    @property
    def is_idle(self) -> bool:
        return not self.requests_waiting and not self.requests_executing

    # ---------------------------------------------------------------- arriving

    def start(self, flow: Flow, ctx: RequestContext, work: WorkEstimate) -> QueuedRequest | None:
        """A request comes in: it may run, it waits (`waiting` is a future), or it is refused (None)."""
        now = self._sync_time()
        request = QueuedRequest(self, flow, ctx, work, now)
        if self.queuing is None:
            if not self._fits(request.seats):
                self._refuse(request, "concurrency-limit")
                return None
            self.executing.add(request)
            self._execute(request, now)
            return request
        if not self.requests_waiting and self._has_seats() and self._fits(request.seats):
            hand = flow.hand
            queue = self.queues[hand[self._enqueued % len(hand)]]
            self._enqueued += 1
            self._enter(queue)
            request.queue = queue
            queue.next_dispatch_r = max(queue.next_dispatch_r, self.current_r)
            self._execute_from(queue, request, now)
            return request
        if not self._enqueue(request, self._choose(flow.hand), now):
            return None
        self._dispatch(now)
        return request

    def _choose(self, hand: tuple[int, ...]) -> Queue:
        """The queue of the hand with the least work waiting, equal ones in turn."""
        offset = self._enqueued % len(hand)
        self._enqueued += 1
        return min((self.queues[i] for i in hand[offset:] + hand[:offset]), key=_work_waiting)

    def _enqueue(self, request: QueuedRequest, queue: Queue, now: float) -> bool:
        assert self.queuing is not None
        if not self._has_seats() and len(queue.waiting) >= self.queuing.queue_length_limit:
            self._refuse(request, "queue-full")
            return False
        self._enter(queue)
        request.queue = queue
        queue.waiting.append(request)
        queue.work_waiting += request.work
        self._bound(queue)
        self.requests_waiting += 1
        self.seats_waiting += request.seats
        request.flow.counts.enqueued(request.seats, len(queue.waiting))
        request.waiting = asyncio.get_running_loop().create_future()
        self.demand.set(now, self.seats_in_use + self.seats_waiting)
        return True

    def _enter(self, queue: Queue) -> None:
        """Before something comes into a queue: one that was idle starts at today's progress."""
        if not queue.waiting and not queue.executing:
            queue.next_dispatch_r = self.current_r
            self._active_queues += 1

    # ---------------------------------------------------------------- dispatching

    def _has_seats(self) -> bool:
        return self.limit is None or self.seats_in_use < self.limit

    def _fits(self, seats: int) -> bool:
        """Whether there is room; a request wider than the level runs alone."""
        if self.limit is None or self.seats_in_use + seats <= self.limit:
            return True
        return seats > self.limit and not self.requests_executing

    def _dispatch(self, now: float) -> None:
        """Let run what can."""
        while self.requests_waiting and self._has_seats():
            queue = self._next_queue()
            request = queue.waiting[0]
            if not self._fits(request.seats):
                request.flow.counts.no_accommodation += 1
                return
            self._robin = queue.index
            if self.limit is not None and request.final_seats > self.limit > 0:
                # The same work on fewer seats takes longer.
                request.additional_latency *= request.final_seats / self.limit
                request.final_seats = self.limit
            self._leave(queue, request, now)
            self._execute_from(queue, request, now)
            self._bound(queue)
            waiting = request.waiting
            if waiting is not None and not waiting.done():
                waiting.set_result(Decision.EXECUTE)

    def _next_queue(self) -> Queue:
        """The queue whose oldest request is done first in the virtual world; after the last one's turn among equals."""
        count = len(self.queues)
        busy = [q for i in range(count) if (q := self.queues[(self._robin + 1 + i) % count]).waiting]
        chosen = min(busy, key=_virtual_finish)
        starts = [q.next_dispatch_r for q in busy]
        less = [q.next_dispatch_r - q.seats_in_use * ESTIMATED_SERVICE_SECONDS for q in busy]
        bounds, discounted = (min(starts), max(starts)), (min(less), max(less))
        self.last_dispatch = (self.current_r, chosen.next_dispatch_r, bounds, discounted)
        return chosen

    def _execute_from(self, queue: Queue, request: QueuedRequest, now: float) -> None:
        queue.executing.add(request)
        queue.seats_in_use += request.seats
        queue.next_dispatch_r += request.work
        self._execute(request, now)

    def _execute(self, request: QueuedRequest, now: float) -> None:
        request.started = now
        self.requests_executing += 1
        self.seats_in_use += request.seats
        self.totals.dispatched += 1
        request.flow.counts.dispatched(request.seats)
        if self.limit is not None:
            request.flow.counts.wait.observe(now - request.arrived)
        self.demand.set(now, self.seats_in_use + self.seats_waiting)

    def finish(self, request: QueuedRequest) -> None:
        """A request is over; its seats are free, or linger for what its change sets off."""
        now = self._sync_time()
        queue = request.queue
        self.requests_executing -= 1
        if queue is None:
            self.executing.discard(request)
        else:
            queue.executing.discard(request)
            over = now - request.started - ESTIMATED_SERVICE_SECONDS
            queue.next_dispatch_r += request.initial_seats * over
            if queue.waiting:
                self._bound(queue)
            elif not queue.executing:
                self._active_queues -= 1
        request.flow.counts.finished(now - request.started, request.flow.watches)
        if request.additional_latency > 0:
            asyncio.get_running_loop().call_later(request.additional_latency, self._release_later, request)
        else:
            self._release(request, now)
        if self.requests_waiting:
            self._dispatch(now)

    def _release_later(self, request: QueuedRequest) -> None:
        now = self._sync_time()
        self._release(request, now)
        self._dispatch(now)

    def _release(self, request: QueuedRequest, now: float) -> None:
        self.seats_in_use -= request.seats
        request.flow.counts.seats_in_use -= request.seats
        self.demand.set(now, self.seats_in_use + self.seats_waiting)
        queue = request.queue
        if queue is not None:
            queue.seats_in_use -= request.seats
            self._remove_excess(queue)

    def _remove_excess(self, queue: Queue) -> None:
        wanted = self.queuing.queues if self.queuing is not None else 0
        if len(self.queues) <= wanted or not queue.is_idle or queue.index < 0:
            return
        del self.queues[queue.index]
        for later in self.queues[queue.index :]:
            later.index -= 1
        if self._robin >= queue.index:
            self._robin -= 1
        queue.index = -1

    # ---------------------------------------------------------------- leaving without having run

    def give_up(self, request: QueuedRequest, decision: Decision) -> None:
        """A request has waited long enough, or nobody waits for it any more; only while it does wait."""
        queue, waiting = request.queue, request.waiting
        if queue is None or waiting is None or request not in queue.waiting:
            return
        now = self._sync_time()
        self._leave(queue, request, now)
        if queue.waiting:
            self._bound(queue)
        elif not queue.executing:
            self._active_queues -= 1
            self._remove_excess(queue)
        request.flow.counts.unexecuted_wait.observe(now - request.arrived)
        self._refuse(request, decision.value)
        if decision is Decision.TIME_OUT:
            self.totals.timed_out += 1
        else:
            self.totals.cancelled += 1
        if not waiting.done():
            waiting.set_result(decision)
        self._dispatch(now)

    def _leave(self, queue: Queue, request: QueuedRequest, now: float) -> None:
        queue.waiting.remove(request)
        queue.work_waiting = queue.work_waiting - request.work if queue.waiting else 0.0
        self.requests_waiting -= 1
        self.seats_waiting -= request.seats
        request.flow.counts.dequeued(request.seats)
        self.demand.set(now, self.seats_in_use + self.seats_waiting)

    def _refuse(self, request: QueuedRequest, reason: str) -> None:
        self.totals.rejected += 1
        rejected = request.flow.counts.rejected
        rejected[reason] = rejected.get(reason, 0) + 1

    # ---------------------------------------------------------------- virtual time

    def _sync_time(self) -> float:
        """Move the progress on to now, before anything else changes; returns now."""
        now = time.monotonic()
        if self._active_queues:
            seats = self.seats_in_use + self.seats_waiting
            if self.limit is not None and seats > self.limit:
                seats = self.limit
            self.current_r += seats * (now - self._synced) / self._active_queues
        self._synced = now
        return now

    @staticmethod
    def _bound(queue: Queue) -> None:
        """A request does not start in the virtual world before it came (upstream: the anti-windup hack)."""
        arrival = queue.waiting[0].arrival_r if queue.waiting else queue.next_dispatch_r
        queue.next_dispatch_r = max(queue.next_dispatch_r, arrival)


def _work_waiting(queue: Queue) -> float:
    return queue.work_waiting


def _virtual_finish(queue: Queue) -> float:
    return queue.next_dispatch_r + queue.waiting[0].work
