"""Finds the flow of each request, keeps the levels as configured and shares seats out among them.

Upstream: apf_controller.go. Whoever has the objects calls `configure`; without them there are the two mandatory levels,
`exempt` for system:masters and `catch-all` for the rest. Next: `queue_set.py`, where a request gets its seats.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kubern.flowcontrol.allocation import AllocationError, Claim, allocate
from kubern.flowcontrol.configuration import (
    CATCH_ALL,
    CATCH_ALL_LEVEL,
    CATCH_ALL_SCHEMA,
    EXEMPT,
    EXEMPT_LEVEL,
    EXEMPT_SCHEMA,
)
from kubern.flowcontrol.counts import Counts
from kubern.flowcontrol.flow import Flow
from kubern.flowcontrol.matching import Matches, compile_schema
from kubern.flowcontrol.priority_level import PriorityLevelState
from kubern.flowcontrol.shuffle_sharding import deal, hash_flow_id
from kubern.flowcontrol.watch_counts import WatchCounts

if TYPE_CHECKING:
    from kubern.flowcontrol.configuration import FlowSchema, PriorityLevel
    from kubern.request import RequestInfo, User

logger = logging.getLogger(__name__)
ADJUSTMENT_SECONDS = 10.0
"""How often levels lend and borrow anew (upstream: borrowingAdjustmentPeriod)."""
MAX_FLOWS = 10_000
"""Classifications remembered; all are forgotten when there are more."""


class FlowController:
    """Flow control of one server, which has `total` seats for all its levels."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.levels: dict[str, PriorityLevelState] = {}
        self.counts: dict[tuple[str, str], Counts] = {}
        """By priority level and flow schema; kept when these go, as counters must not fall."""
        self.watches = WatchCounts()
        self.fair_fraction = 0.0
        self._schemas: list[tuple[FlowSchema, Matches]] = []
        self._catch_all = CATCH_ALL_SCHEMA
        self._flows: dict[tuple[object, ...], Flow] = {}
        self.configure((), ())

    # ---------------------------------------------------------------- classifying

    def flow(self, user: User, info: RequestInfo) -> Flow:
        """The flow of a request."""
        if info.is_resource_request:
            key: tuple[object, ...] = (
                user.name,
                user.groups,
                info.verb,
                info.api_group,
                info.resource,
                info.subresource,
                info.namespace,
            )
        else:
            key = (user.name, user.groups, info.verb, info.path)
        flow = self._flows.get(key)
        if flow is None:
            if len(self._flows) >= MAX_FLOWS:
                self._flows.clear()
            flow = self._flows[key] = self._classify(user, info)
        return flow

    def _classify(self, user: User, info: RequestInfo) -> Flow:
        schema = next((s for s, matches in self._schemas if matches(user, info)), self._catch_all)
        level = self.levels[schema.priority_level]
        queuing = level.configuration.queuing
        distinguisher = ""
        hand: tuple[int, ...] = ()
        if queuing is not None:
            if queuing.queues > 1:
                distinguisher = {"ByUser": user.name, "ByNamespace": info.namespace}.get(schema.distinguisher, "")
            hand = deal(hash_flow_id(schema.name, distinguisher), queuing.queues, queuing.hand_size)
        counts = self.counts.setdefault((schema.priority_level, schema.name), Counts())
        return Flow(schema, level, distinguisher, hand, counts, info.verb == "watch")

    # ---------------------------------------------------------------- configuring

    def configure(self, schemas: Iterable[FlowSchema], levels: Iterable[PriorityLevel]) -> None:
        """Take over all objects there are. Schemas of levels that do not exist are left aside."""
        wanted = {level.name: level for level in levels}
        known = [schema for schema in schemas if schema.priority_level in wanted]
        names = {schema.name for schema in known}
        known.sort(key=lambda schema: (schema.matching_precedence, schema.name))
        if EXEMPT not in names:
            known.insert(0, EXEMPT_SCHEMA)
        if CATCH_ALL not in names:
            known.append(CATCH_ALL_SCHEMA)
        wanted.setdefault(EXEMPT, EXEMPT_LEVEL)
        wanted.setdefault(CATCH_ALL, CATCH_ALL_LEVEL)
        self._schemas = [(schema, compile_schema(schema)) for schema in known]
        self._catch_all = next(schema for schema in known if schema.name == CATCH_ALL)
        self._replace_levels(wanted)
        self._flows.clear()

    def _replace_levels(self, wanted: dict[str, PriorityLevel]) -> None:
        for name, state in list(self.levels.items()):
            if name not in wanted:
                if state.queues.is_idle:
                    del self.levels[name]
                else:
                    state.quiescing = True
        for name, level in wanted.items():
            known = self.levels.get(name)
            if known is None:
                self.levels[name] = PriorityLevelState(level)
            else:
                known.configuration, known.quiescing = level, False
        shares = sum(state.configuration.shares for state in self.levels.values())
        for state in self.levels.values():
            state.share(self.total, shares)
        self.adjust()

    # ---------------------------------------------------------------- lending and borrowing

    def adjust(self) -> None:
        """Give each level its seats for the next period, by what it needed in the last (upstream: updateBorrowing)."""
        now = time.monotonic()
        left = sum(state.nominal_limit for state in self.levels.values())
        limited: list[PriorityLevelState] = []
        for state in self.levels.values():
            state.look_at_demand(now)
            if state.configuration.exempt:
                seats = max(state.lower_limit, math.ceil(state.peak))
                left -= seats
                state.set_limit(seats)
            else:
                limited.append(state)
        claims = [state.claim() for state in limited]
        for state, seats in zip(limited, self._seats(left, limited, claims), strict=True):
            state.set_limit(seats)

    def _seats(self, left: int, levels: list[PriorityLevelState], claims: list[Claim]) -> list[int]:
        """The seats of limited levels out of those that are left by the exempt one."""
        self.fair_fraction = 0.0
        lowest = sum(state.lower_limit for state in levels)
        needed = sum(claim.lower for claim in claims)
        if left <= lowest:
            return [state.lower_limit for state in levels]
        if left <= needed:
            part = (left - lowest) / (needed - lowest)
            return [
                state.lower_limit + math.floor((claim.lower - state.lower_limit) * part + 0.5)
                for state, claim in zip(levels, claims, strict=True)
            ]
        try:
            shares, self.fair_fraction = allocate(left, claims)
        except AllocationError:
            logger.exception("Cannot share out seats, leaving all levels as they are")
            return [state.current_limit or 0 for state in levels]
        return [math.floor(share + 0.5) for share in shares]

    async def run(self) -> None:
        """Adjust the levels for ever, and drop those that nobody configures and that are done."""
        while True:
            await asyncio.sleep(ADJUSTMENT_SECONDS)
            done = [name for name, state in self.levels.items() if state.quiescing and state.queues.is_idle]
            for name in done:
                del self.levels[name]
            self.adjust()
