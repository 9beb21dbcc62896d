"""Levels, queues and requests as tables of text, for people who look for what is slow (upstream: debug/dump.go).

Next: `../endpoints/flow_control_debug.py`, which serves them.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kubern.util.goduration import SECOND, format_duration

if TYPE_CHECKING:
    from kubern.flowcontrol.controller import FlowController
    from kubern.flowcontrol.priority_level import PriorityLevelState
    from kubern.flowcontrol.queued_request import Queue, QueuedRequest

_LEVELS = (
    "PriorityLevelName", "ActiveQueues", "IsIdle", "IsQuiescing", "WaitingRequests", "ExecutingRequests",
    "DispatchedRequests", "RejectedRequests", "TimedoutRequests", "CancelledRequests",
)  # fmt: skip
_QUEUES = (
    "PriorityLevelName", "Index", "PendingRequests", "ExecutingRequests", "SeatsInUse", "NextDispatchR",
    "InitialSeatsSum", "MaxSeatsSum", "TotalWorkSum",
)  # fmt: skip
_REQUESTS = (
    "PriorityLevelName", "FlowSchemaName", "QueueIndex", "RequestIndexInQueue", "FlowDistingsher", "ArriveTime",
    "InitialSeats", "FinalSeats", "AdditionalLatency", "StartTime",
)  # fmt: skip
_DETAILS = ("UserName", "Verb", "APIPath", "Namespace", "Name", "APIVersion", "Resource", "SubResource")
_NEVER = "0001-01-01T00:00:00Z"
_MIN_WIDTH = 8


def dump_priority_levels(controller: FlowController) -> str:
    """A row for each level."""
    return _table([_LEVELS, *(_level_row(name, state) for name, state in _levels(controller))])


def dump_queues(controller: FlowController) -> str:
    """A row for each queue."""
    rows = [_queue_row(name, queue) for name, state in _levels(controller) for queue in state.queues.queues]
    return _table([_QUEUES, *rows])


def dump_requests(controller: FlowController, details: bool) -> str:
    """A row for each request that waits or runs; with `details` also what it asks for."""
    header = (*_REQUESTS, *_DETAILS) if details else _REQUESTS
    rows = [
        (name, *_request_row(request, *place), *(_details(request) if details else ()))
        for name, state in _levels(controller)
        for request, place in _requests(state)
    ]
    return _table([header, *rows])


def _levels(controller: FlowController) -> list[tuple[str, PriorityLevelState]]:
    return sorted(controller.levels.items())


def _level_row(name: str, state: PriorityLevelState) -> tuple[str, ...]:
    queues, totals = state.queues, state.queues.totals
    active = sum(1 for queue in queues.queues if queue.waiting)
    counts = (
        queues.requests_waiting, queues.requests_executing, totals.dispatched, totals.rejected, totals.timed_out,
        totals.cancelled,
    )  # fmt: skip
    return (name, str(active), _bool(queues.is_idle), _bool(state.quiescing), *map(str, counts))


def _queue_row(name: str, queue: Queue) -> tuple[str, ...]:
    initial = sum(request.initial_seats for request in queue.waiting)
    most = sum(request.seats for request in queue.waiting)
    numbers = (queue.index, len(queue.waiting), len(queue.executing), queue.seats_in_use)
    work = f"{queue.work_waiting:.8f}ss"
    return (name, *map(str, numbers), f"{queue.next_dispatch_r:.8f}ss", str(initial), str(most), work)


def _requests(state: PriorityLevelState) -> Iterator[tuple[QueuedRequest, tuple[int, int]]]:
    """Each request with its queue and its place there, -1 for none."""
    for request in state.queues.executing:
        yield request, (-1, -1)
    for queue in state.queues.queues:
        for request in queue.executing:
            yield request, (queue.index, -1)
        for place, request in enumerate(queue.waiting):
            yield request, (queue.index, place)


def _request_row(request: QueuedRequest, queue: int, place: int) -> tuple[str, ...]:
    flow = request.flow
    latency = format_duration(int(request.additional_latency * SECOND))
    seats = (str(request.initial_seats), str(request.final_seats))
    return (
        flow.schema.name, str(queue), str(place), flow.distinguisher, _time(request.arrived), *seats, latency,
        _time(request.started) if request.started else _NEVER,
    )  # fmt: skip


def _details(request: QueuedRequest) -> tuple[str, ...]:
    info = request.ctx.info
    version = f"{info.api_group}/{info.api_version}" if info.api_group else info.api_version
    user = request.ctx.effective_user.name
    return (user, info.verb, info.path, info.namespace, info.name, version, info.resource, info.subresource)


def _time(monotonic: float) -> str:
    """A monotonic time as RFC 3339 with what fraction it has."""
    moment = datetime.datetime.fromtimestamp(time.time() - (time.monotonic() - monotonic), datetime.UTC)
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _table(rows: Iterable[Sequence[str]]) -> str:
    """Cells with commas between them, in columns (upstream: text/tabwriter with minwidth 8, padding 1)."""
    cells = [[f"{cell}," for cell in row[:-1]] + [row[-1]] for row in rows]
    widths = [max(_MIN_WIDTH, *(len(row[i]) + 1 for row in cells)) for i in range(len(cells[0]) - 1)]
    lines = ["".join(c.ljust(w) for c, w in zip(row, widths, strict=False)) + row[-1] for row in cells]
    return "\n".join(lines) + "\n"
