"""Calculations with resource lists (upstream: apiserver/pkg/quota/v1/resources.go)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kubern.apimachinery.quantity import Quantity

Usage = dict[str, Quantity]
ONE, ZERO = Quantity(1), Quantity(0)


def plus(a: Usage, b: Usage) -> Usage:
    """The sum; names of both."""
    return {name: _sum(a.get(name), b.get(name)) for name in {**a, **b}}


def _sum(a: Quantity | None, b: Quantity | None) -> Quantity:
    if a is None or b is None:
        return a or b or ZERO
    return a + b


def minus(a: Usage, b: Usage) -> Usage:
    """The difference, zero where it were negative: what is no longer used is for the quota's controller to give back.

    Names of both (upstream: SubtractWithNonNegativeResult).
    """
    return {name: max(a.get(name, ZERO) - b.get(name, ZERO), ZERO) for name in {**a, **b}}


def mask(usage: Usage, names: Collection[str]) -> Usage:
    """The part of `usage` with these names."""
    return {name: quantity for name, quantity in usage.items() if name in names}


def without_zeros(usage: Usage) -> Usage:
    return {name: quantity for name, quantity in usage.items() if quantity.sign}


def exceeding(usage: Usage, hard: Usage) -> list[str]:
    """Names of what is more than allowed."""
    return [name for name, quantity in usage.items() if name in hard and quantity > hard[name]]


def show(usage: Usage) -> str:
    """As messages show it."""
    return ",".join(f"{name}={usage[name]}" for name in sorted(usage))


def show_names(names: Iterable[str]) -> str:
    return ",".join(sorted(names))
