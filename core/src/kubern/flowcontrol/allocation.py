"""Shares out seats between lower and upper bounds, in proportion to targets (upstream: conc_alloc.go).

Next: `controller.py`, which does this again every ten seconds with what the levels needed of late.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

MIN_TARGET = 0.001
_EPSILON = 1e-7


class AllocationError(Exception):
    """No allocation keeps all bounds; the text says which do not fit."""


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """What one class should get: `target` times the common proportion, but never less or more than the bounds."""

    target: float
    lower: float
    upper: float


def allocate(required: float, claims: Sequence[Claim]) -> tuple[list[float], float]:
    """Allocations that sum up to `required`, and the proportion of their targets that unbounded ones got.

    Raises AllocationError. Targets below MIN_TARGET count as that much.
    """
    _check(required, claims)
    if not required or not claims:
        return [0.0] * len(claims), 0.0
    targets = [max(claim.target, MIN_TARGET) for claim in claims]
    proportion = _proportion(required, claims, targets)
    shares = [
        max(claim.lower, min(claim.upper, proportion * target)) for claim, target in zip(claims, targets, strict=True)
    ]
    return shares, proportion


def _check(required: float, claims: Sequence[Claim]) -> None:
    if required < 0:
        raise AllocationError("negative sums are not supported")
    for i, claim in enumerate(claims):
        if claim.lower < 0 or claim.target < claim.lower or claim.upper < claim.lower:
            raise AllocationError(f"claim {i} contradicts itself: {claim}")
    low, high = sum(claim.lower for claim in claims), sum(claim.upper for claim in claims)
    if low - required > _EPSILON:
        raise AllocationError(f"lower bounds sum up to {low}, which is more than {required}")
    if required - high > _EPSILON:
        raise AllocationError(f"upper bounds sum up to {high}, which is less than {required}")


def _proportion(required: float, claims: Sequence[Claim], targets: Sequence[float]) -> float:
    """Raise the proportion from bound to bound until the allocations sum up.

    Between two neighbouring bounds the sum grows with the targets of those classes that no bound holds.
    """
    steps = sorted(
        [(claim.lower / target, target) for claim, target in zip(claims, targets, strict=True)]
        + [(claim.upper / target, -target) for claim, target in zip(claims, targets, strict=True)]
    )
    total = sum(claim.lower for claim in claims)
    proportion, growth = steps[0][0], 0.0
    for bound, change in steps:
        gain = growth * (bound - proportion)
        if growth > 0 and total + gain >= required:
            return proportion + (required - total) / growth
        total += gain
        proportion = bound
        growth += change
        if total >= required:
            break
    return proportion
