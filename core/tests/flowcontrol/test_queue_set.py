"""Who gets seats, who waits, who is refused."""

from __future__ import annotations

import asyncio
import random
import time

import pytest

from kubern.flowcontrol.configuration import FlowSchema, PriorityLevel, Queuing
from kubern.flowcontrol.counts import Counts
from kubern.flowcontrol.flow import Flow
from kubern.flowcontrol.priority_level import PriorityLevelState
from kubern.flowcontrol.queue_set import ESTIMATED_SERVICE_SECONDS, QueueSet
from kubern.flowcontrol.queued_request import QueuedRequest
from kubern.flowcontrol.work_estimator import ONE_SEAT, WorkEstimate
from kubern.request import RequestContext, RequestInfo

LEVEL = PriorityLevelState(PriorityLevel("level", "", False, 1, 0, None, None))
CONTEXT = RequestContext(RequestInfo("/", "get"))


def flow(*hand: int) -> Flow:
    return Flow(FlowSchema("schema", "", "level", 1, "", ()), LEVEL, "", hand, Counts())


def start(queues: QueueSet, of: Flow, work: WorkEstimate = ONE_SEAT) -> QueuedRequest:
    request = queues.start(of, CONTEXT, work)
    assert request is not None
    return request


def runs(request: QueuedRequest) -> bool:
    return bool(request.started)


async def test_a_level_without_queues_refuses_what_it_has_no_seats_for() -> None:
    """And takes more as soon as somebody is done."""
    queues = QueueSet(1)
    one = flow()
    running = start(queues, one)
    assert queues.start(one, CONTEXT, ONE_SEAT) is None
    assert one.counts.rejected == {"concurrency-limit": 1}
    running.finish()
    start(queues, one).finish()
    assert queues.is_idle


async def test_the_exempt_level_has_no_limit() -> None:
    """Everything runs at once."""
    queues = QueueSet(None)
    requests = [start(queues, flow()) for _ in range(100)]
    assert all(runs(request) for request in requests)
    assert queues.seats_in_use == 100


async def test_a_full_queue_refuses() -> None:
    """One runs, as many wait as the queue takes, the next is told to go away."""
    queues = QueueSet(1, Queuing(1, 1, 2))
    one = flow(0)
    running, *waiting = [start(queues, one) for _ in range(3)]
    assert [runs(request) for request in (running, *waiting)] == [True, False, False]
    assert queues.start(one, CONTEXT, ONE_SEAT) is None
    assert one.counts.rejected == {"queue-full": 1}
    running.finish()
    assert [runs(request) for request in waiting] == [True, False]


def served(queues: QueueSet, running: QueuedRequest, left: dict[QueuedRequest, str]) -> list[str]:
    """Whose requests run, one after the other, each for a few milliseconds."""
    order = []
    while left:
        time.sleep(ESTIMATED_SERVICE_SECONDS)
        running.finish()
        running = next(request for request in left if runs(request))
        order.append(left.pop(running))
    return order


async def test_a_starved_flow_gets_its_share() -> None:
    """Few requests of one flow do not stand behind the many of another."""
    queues = QueueSet(1, Queuing(2, 1, 50))
    many, few = flow(0), flow(1)
    running = start(queues, many)
    left = {start(queues, many): "many" for _ in range(20)} | {start(queues, few): "few" for _ in range(4)}
    assert served(queues, running, left)[:14].count("few") == 4


async def test_equal_flows_take_turns() -> None:
    """Two queues with the same to do are served alike, whoever came first."""
    queues = QueueSet(1, Queuing(2, 1, 50))
    first, second = flow(0), flow(1)
    running = start(queues, first)
    left = {start(queues, first): "a" for _ in range(8)} | {start(queues, second): "b" for _ in range(8)}
    assert 2 <= served(queues, running, left)[:8].count("a") <= 6


async def test_a_flow_spreads_over_its_hand() -> None:
    """A request goes to the queue of the hand with the least work waiting."""
    queues = QueueSet(1, Queuing(4, 2, 50))
    one = flow(1, 3)
    for _ in range(5):
        start(queues, one)
    assert [len(queue.waiting) for queue in queues.queues] == [0, 2, 0, 2]


async def test_waiting_ends_at_the_limit() -> None:
    """The request is refused, its place is free, and the metrics say why."""
    queues = QueueSet(1, Queuing(1, 1, 5))
    one = flow(0)
    start(queues, one)
    waiting = start(queues, one)
    assert not await waiting.wait(0.01)
    assert queues.requests_waiting == 0
    assert one.counts.rejected == {"time-out": 1}
    assert queues.totals.timed_out == 1


async def test_a_request_that_is_cancelled_leaves_its_queue() -> None:
    """Whether its task is cancelled or its client has left."""
    queues = QueueSet(1, Queuing(1, 1, 5))
    one = flow(0)
    running = start(queues, one)
    task = asyncio.create_task(start(queues, one).wait(10))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    left = start(queues, one)
    left.give_up()
    assert not await left.wait(10)
    assert one.counts.rejected == {"cancelled": 2}
    running.finish()
    assert queues.is_idle


async def test_seats_of_a_request_cancelled_with_its_dispatch_are_not_lost() -> None:
    """The task is cancelled in the same turn in which its request gets the seats."""
    queues = QueueSet(1, Queuing(1, 1, 5))
    one = flow(0)
    running = start(queues, one)
    task = asyncio.create_task(start(queues, one).wait(10))
    await asyncio.sleep(0)
    task.cancel()
    running.finish()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert queues.is_idle
    assert queues.seats_in_use == 0


async def test_wide_requests_wait_for_room_and_a_too_wide_one_runs_alone() -> None:
    """Nobody overtakes the request whose turn it is."""
    queues = QueueSet(3, Queuing(2, 1, 5))
    wide, narrow = flow(0), flow(1)
    running = start(queues, narrow)
    whole = start(queues, wide, WorkEstimate.of(10))
    assert not runs(whole)
    running.finish()
    assert runs(whole)
    behind = start(queues, narrow)
    assert not runs(behind)
    whole.finish()
    assert runs(behind)


async def test_seats_linger_after_a_write_that_many_watch() -> None:
    """The request is over at once, its seats are free a moment later."""
    queues = QueueSet(2, Queuing(1, 1, 5))
    one = flow(0)
    start(queues, one, WorkEstimate.of(1, 2, 0.02)).finish()
    assert (queues.requests_executing, queues.seats_in_use) == (0, 2)
    waiting = start(queues, one)
    assert not runs(waiting)
    assert await waiting.wait(5)
    waiting.finish()
    assert queues.seats_in_use == 0


async def test_fewer_queues_go_when_they_are_empty() -> None:
    """What waits in a queue that is too many is still served."""
    queues = QueueSet(1, Queuing(4, 1, 5))
    running = start(queues, flow(0))
    waiting = start(queues, flow(3))
    queues.configure(1, Queuing(1, 1, 5))
    assert len(queues.queues) == 4
    running.finish()
    assert runs(waiting)
    waiting.finish()
    assert len(queues.queues) < 4
    assert [queue.index for queue in queues.queues] == list(range(len(queues.queues)))


async def test_more_seats_let_waiting_requests_run() -> None:
    """A level that borrows serves its queues at once."""
    queues = QueueSet(1, Queuing(1, 1, 5))
    requests = [start(queues, flow(0)) for _ in range(4)]
    queues.configure(3, Queuing(1, 1, 5))
    assert [runs(request) for request in requests] == [True, True, True, False]


@pytest.mark.parametrize("seed", range(5))
async def test_no_seat_and_no_place_is_ever_lost(seed: int) -> None:
    """Whatever comes, ends, leaves and is configured, in any order, everything is free in the end."""
    chance = random.Random(seed)
    queues = QueueSet(3, Queuing(4, 2, 4))
    flows = [flow(0, 1), flow(1, 2), flow(3, 0)]
    known: list[QueuedRequest] = []
    for _ in range(600):
        step = chance.random()
        if step < 0.5:
            request = queues.start(chance.choice(flows), CONTEXT, WorkEstimate.of(chance.choice((1, 1, 1, 2, 5))))
            if request is not None:
                known.append(request)
        elif step < 0.9 and known:
            request = known.pop(chance.randrange(len(known)))
            request.finish() if runs(request) else request.give_up()
        elif step > 0.97:
            queues.configure(chance.randint(0, 5), Queuing(4, 2, 4))
        assert queues.seats_in_use == sum(r.seats for r in known if runs(r))
        assert queues.requests_waiting == sum(not runs(r) for r in known)
        if queues.requests_waiting and queues.limit:
            assert queues.requests_executing
    for request in sorted(known, key=runs):
        request.finish() if runs(request) else request.give_up()
    assert queues.is_idle
    assert all(queue.is_idle and not queue.seats_in_use and not queue.work_waiting for queue in queues.queues)
    assert all(f.counts.executing == f.counts.waiting == f.counts.seats_waiting == 0 for f in flows)
