"""Numbers that cost little to change and are made into metrics when somebody asks."""

from __future__ import annotations

import itertools
from bisect import bisect_left


class Distribution:
    """A histogram that costs a bisection: `counts[i]` values up to `bounds[i]`, the last one those beyond."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def add(self, other: Distribution) -> None:
        """Count what another one with the same bounds has counted."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.total += other.total

    def buckets(self) -> list[tuple[str, float]]:
        """Cumulative counts by upper bound, as a metric family takes them."""
        bounds = [*(f"{bound:g}" for bound in self.bounds), "+Inf"]
        return list(zip(bounds, itertools.accumulate(self.counts), strict=True))
