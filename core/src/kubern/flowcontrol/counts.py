"""What metrics say of one flow schema at one level: plain numbers; `metrics.py` reads them when somebody asks."""

from __future__ import annotations

from kubern.metrics.numbers import Distribution

DURATION_BUCKETS = (0.0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0)
LENGTH_BUCKETS = (0, 10, 25, 50, 100, 250, 500, 1000)
SEATS_BUCKETS = (1, 2, 4, 10)


class Counts:
    """The numbers; seconds, seats and requests."""

    __slots__ = (
        "dispatched_total",
        "executing",
        "execution",
        "lengths",
        "no_accommodation",
        "rejected",
        "seats",
        "seats_in_use",
        "seats_waiting",
        "unexecuted_wait",
        "wait",
        "waiting",
        "watch_starts",
    )

    def __init__(self) -> None:
        self.dispatched_total = 0
        self.rejected: dict[str, int] = {}
        """By reason."""
        self.no_accommodation = 0
        self.waiting = 0
        self.seats_waiting = 0
        self.executing = 0
        self.seats_in_use = 0
        self.wait = Distribution(DURATION_BUCKETS)
        self.unexecuted_wait = Distribution(DURATION_BUCKETS)
        self.execution = Distribution(DURATION_BUCKETS)
        self.watch_starts = Distribution(DURATION_BUCKETS)
        self.lengths = Distribution(LENGTH_BUCKETS)
        self.seats = Distribution(SEATS_BUCKETS)

    def enqueued(self, seats: int, length: int) -> None:
        """A request waits in a queue that now has that length."""
        self.waiting += 1
        self.seats_waiting += seats
        self.lengths.observe(length)

    def dequeued(self, seats: int) -> None:
        """It waits no more."""
        self.waiting -= 1
        self.seats_waiting -= seats

    def dispatched(self, seats: int) -> None:
        """A request runs."""
        self.dispatched_total += 1
        self.executing += 1
        self.seats_in_use += seats
        self.seats.observe(seats)

    def finished(self, seconds: float, watch: bool) -> None:
        """It has run, or its watch stands; its seats may linger."""
        self.executing -= 1
        (self.watch_starts if watch else self.execution).observe(seconds)
