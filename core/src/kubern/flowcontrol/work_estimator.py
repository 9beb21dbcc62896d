"""How many seats a request takes and for how long (upstream: flowcontrol/request); next: `queue_set.py`.

Most requests take one seat. A list takes more with the bytes it holds at once, a write goes on taking seats for a
moment when many watch what it changes.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from kubern.flowcontrol.queue_set import ESTIMATED_SERVICE_SECONDS

if TYPE_CHECKING:
    from kubern.flowcontrol.watch_counts import WatchCounts
    from kubern.request import RequestContext, RequestInfo

BYTES_PER_SEAT = 100_000
MAX_LIST_BYTES = 1_000_000
"""A list is streamed from the watch cache: more than this is not in memory for it at once."""
MAX_LIST_SEATS = 100
WATCHES_PER_SEAT = 10
MAX_MUTATING_SEATS = 10
EVENT_SECONDS = 0.005

Stats = Callable[[str, str], "tuple[int, int] | None"]
"""Number and average bytes of the objects of a group and resource; None when they are not here."""
_MUTATING = frozenset({"create", "update", "patch", "delete"})


@dataclasses.dataclass(frozen=True, slots=True)
class WorkEstimate:
    """Seats while a request runs, and after it for `additional_latency` seconds; `total` is seat-seconds."""

    initial_seats: int
    final_seats: int = 0
    additional_latency: float = 0.0
    max_seats: int = 0
    total: float = 0.0

    @staticmethod
    def of(initial_seats: int, final_seats: int = 0, additional_latency: float = 0.0) -> WorkEstimate:
        """With what follows from the three."""
        total = initial_seats * ESTIMATED_SERVICE_SECONDS + final_seats * additional_latency
        return WorkEstimate(initial_seats, final_seats, additional_latency, max(initial_seats, final_seats), total)


ONE_SEAT = WorkEstimate.of(1)


class WorkEstimator:
    """Asks for the sizes of resources and for the watches on them."""

    def __init__(self, stats: Stats, watches: WatchCounts) -> None:
        self.stats = stats
        self.watches = watches

    def estimate(self, ctx: RequestContext, max_seats: int) -> WorkEstimate:
        """For a request of a level that gives single requests `max_seats` at most, 0 for any number."""
        info = ctx.info
        if info.verb == "get" or not info.is_resource_request:
            return ONE_SEAT
        if info.verb == "list" or (info.verb == "watch" and ctx.query_first("sendInitialEvents") == "true"):
            return self._list(ctx, max_seats)
        if info.verb in _MUTATING:
            return self._mutation(info, max_seats)
        return ONE_SEAT

    def _list(self, ctx: RequestContext, max_seats: int) -> WorkEstimate:
        # Differs from kube-apiserver: every list is answered from the watch cache, none is dearer for going past it.
        info = ctx.info
        found = self.stats(info.api_group, info.resource)
        if found is None:
            return ONE_SEAT
        count, size = found
        limit = ctx.query_first("limit")
        if info.name:
            count = 1
        elif limit.isascii() and limit.isdigit() and len(limit) < 20 and 0 < int(limit) < count:
            count = int(limit)
        seats = math.ceil(min(count * size, MAX_LIST_BYTES) / BYTES_PER_SEAT)
        seats = min(seats, max_seats or MAX_LIST_SEATS, MAX_LIST_SEATS)
        return WorkEstimate.of(seats) if seats > 1 else ONE_SEAT

    def _mutation(self, info: RequestInfo, max_seats: int) -> WorkEstimate:
        watches = self.watches.interested(info)
        if watches < WATCHES_PER_SEAT:
            return ONE_SEAT
        wanted = math.ceil(watches / WATCHES_PER_SEAT)
        seats = min(wanted, max_seats or MAX_MUTATING_SEATS, MAX_MUTATING_SEATS)
        return WorkEstimate.of(1, seats, wanted * EVENT_SECONDS / seats)
