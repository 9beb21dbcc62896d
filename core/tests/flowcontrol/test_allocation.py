"""Sharing out seats, and when to come back."""

from __future__ import annotations

import random

import pytest

from kubern.flowcontrol.allocation import AllocationError, Claim, allocate
from kubern.flowcontrol.integrator import Integrator
from kubern.flowcontrol.retry_after import RetryAfter


def test_without_bounds_in_the_way_shares_follow_targets() -> None:
    """Everybody gets the same part of the target."""
    assert allocate(30, [Claim(10, 0, 100), Claim(20, 0, 100), Claim(30, 0, 100)]) == ([5, 10, 15], 0.5)


def test_bounds_hold_some_and_the_rest_share() -> None:
    """What one may not take is for the others."""
    shares, proportion = allocate(60, [Claim(10, 0, 5), Claim(20, 20, 20), Claim(30, 0, 100)])
    assert shares == pytest.approx([5, 20, 35])
    assert proportion == pytest.approx(35 / 30)


def test_any_allocation_keeps_its_promises() -> None:
    """Sum and bounds hold, and those that no bound holds get the common proportion."""
    chance = random.Random(7)
    for _ in range(300):
        claims = []
        for _ in range(chance.randint(1, 7)):
            lower = chance.randint(0, 20)
            claims.append(Claim(lower + chance.random() * 50, lower, lower + chance.randint(0, 60)))
        low, high = sum(c.lower for c in claims), sum(c.upper for c in claims)
        required = chance.randint(int(low), int(high))
        shares, proportion = allocate(required, claims)
        assert sum(shares) == pytest.approx(required, abs=1e-6)
        for share, claim in zip(shares, claims, strict=True):
            assert claim.lower - 1e-9 <= share <= claim.upper + 1e-9
            if claim.lower < share < claim.upper:
                assert share == pytest.approx(max(claim.target, 0.001) * proportion)


def test_impossible_bounds_are_named() -> None:
    """Too much, too little, contradictions."""
    for required, claim in ((5, Claim(10, 6, 10)), (11, Claim(10, 6, 10)), (1, Claim(1, 2, 3)), (-1, Claim(1, 0, 3))):
        with pytest.raises(AllocationError):
            allocate(required, [claim])


def test_demand_is_weighted_by_time() -> None:
    """Three seconds of two and one of six are three on average."""
    demand = Integrator(100.0)
    demand.set(100.0, 2)
    demand.set(103.0, 6)
    observed = demand.reset(104.0)
    assert (observed.duration, observed.average, observed.peak) == (4.0, 3.0, 6)
    assert observed.deviation == pytest.approx(3**0.5)
    assert demand.reset(105.0).average == 6


def test_retry_after_doubles_while_requests_are_refused() -> None:
    """Not before the time is over, not above 32, and down again by one when things get better."""
    retry = RetryAfter()
    seen = []
    for second in range(1000, 1080):
        for _ in range(200):
            retry.refused(second)
        seen.append(retry.seconds)
    assert seen[0] == 1
    assert seen[1] == 2
    assert sorted(set(seen)) == [1, 2, 4, 8, 16, 32]
    retry.refused(1200)
    retry.refused(1201)
    assert retry.seconds == 30
