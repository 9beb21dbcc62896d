"""A priority level while the server runs: its seats, what it may lend and borrow, and what it needed of late.

Upstream: priorityLevelState of apf_controller.go. Next: `controller.py`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kubern.flowcontrol.allocation import Claim
from kubern.flowcontrol.queue_set import QueueSet
from kubern.flowcontrol.retry_after import RetryAfter

if TYPE_CHECKING:
    from kubern.flowcontrol.configuration import PriorityLevel
    from kubern.flowcontrol.integrator import Observed

SMOOTHING = 0.977
"""How much of the smoothed demand is left after each look (upstream: seatDemandSmoothingCoefficient)."""


class PriorityLevelState:
    """One level. `quiescing`: nobody configures it any more, it goes when its last request is done."""

    def __init__(self, configuration: PriorityLevel) -> None:
        self.configuration = configuration
        self.quiescing = False
        self.queues = QueueSet(None if configuration.exempt else 0)
        self.nominal_limit = 0
        self.lower_limit = 0
        self.upper_limit = 0
        self.current_limit: int | None = None
        """Seats now, with what is lent or borrowed; None before the first configuration."""
        self.max_seats = 0
        """The most that a single request may take; 0: as many as any."""
        self.observed: Observed | None = None
        self.smoothed_demand = 0.0
        self.target = 0.0
        self.retry_after = RetryAfter()

    def share(self, total: int, shares: int) -> None:
        """Derive the limits from the configuration, for `total` seats over all `shares`."""
        level = self.configuration
        self.nominal_limit = math.ceil(total * level.shares / shares) if shares else 0
        lendable = _round(self.nominal_limit * level.lendable_percent / 100)
        if level.borrowing_limit_percent is None:
            borrowable = total
        else:
            borrowable = _round(self.nominal_limit * level.borrowing_limit_percent / 100)
        self.lower_limit = self.nominal_limit - lendable
        self.upper_limit = self.nominal_limit + borrowable
        if level.queuing is not None:
            self.max_seats = max(1, math.ceil(self.nominal_limit / level.queuing.hand_size))
        if self.current_limit is None:
            self.current_limit = self.nominal_limit - lendable // 2

    def look_at_demand(self, now: float) -> None:
        """Take in what the level needed since the last look."""
        observed = self.observed = self.queues.demand.reset(now)
        if observed.duration > 0:
            envelope = observed.average + observed.deviation
            decayed = SMOOTHING * self.smoothed_demand + (1 - SMOOTHING) * envelope
            self.smoothed_demand = max(envelope, decayed)

    @property
    def peak(self) -> float:
        """The most seats needed since the last look."""
        return self.observed.peak if self.observed is not None else 0.0

    def claim(self) -> Claim:
        """What the level asks for: it keeps what it used, up to its nominal limit."""
        lower = max(self.lower_limit, min(self.nominal_limit, self.peak))
        self.target = max(lower, self.smoothed_demand)
        return Claim(self.target, lower, self.upper_limit)

    def set_limit(self, seats: int) -> None:
        """From now on the level has that many seats."""
        self.current_limit = seats
        level = self.configuration
        self.queues.configure(None if level.exempt else seats, level.queuing)


def _round(value: float) -> int:
    """Halves away from zero, as Go rounds."""
    return math.floor(value + 0.5)
