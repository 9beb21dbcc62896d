"""Ranges of sizes and of costs, with the saturating arithmetic of uint64 (cel-go's checker/cost.go).

Next: `estimator.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MAX = 2**64 - 1
_MAX_FLOAT = float(MAX)


@dataclass(frozen=True, slots=True)
class Range:
    """From at least `low` to at most `high`; what cel-go has as SizeEstimate and CostEstimate."""

    low: int
    high: int

    def __add__(self, other: Range) -> Range:
        return Range(min(self.low + other.low, MAX), min(self.high + other.high, MAX))

    def __mul__(self, other: Range) -> Range:
        return Range(min(self.low * other.low, MAX), min(self.high * other.high, MAX))

    def by_factor(self, factor: float) -> Range:
        """Multiplied by a cost per unit and rounded up."""
        return Range(_scaled(self.low, factor), _scaled(self.high, factor))

    def union(self, other: Range) -> Range:
        """The range that has both within."""
        return Range(min(self.low, other.low), max(self.high, other.high))


def _scaled(value: int, factor: float) -> int:
    number = float(value)
    if number > 0 and factor > 0 and number > _MAX_FLOAT / factor:
        return MAX
    return min(math.ceil(number * factor), MAX)


CostEstimate = Range
UNKNOWN = Range(0, MAX)
ZERO = Range(0, 0)
ONE = Range(1, 1)


def fixed(value: int) -> Range:
    """Exactly the value."""
    return Range(value, value)


@dataclass(frozen=True, slots=True)
class CallEstimate:
    """What a call costs besides its arguments, and the size of its result where that is known."""

    cost: Range
    size: Range | None = None
