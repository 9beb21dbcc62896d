"""Choices, drawn from hypothesis, so that a failure shrinks to the shortest request that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
_BOUNDS = {(low, high): st.integers(low, high) for low in (0, 1) for high in range(1, 400)}
_BYTES = st.binary(max_size=200)


class Pick:
    """A hypothesis `draw` with the few questions that the makers of requests ask."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        if high <= low:
            return low
        bounds = _BOUNDS.get((low, high))
        found: int = self._draw(st.integers(low, high) if bounds is None else bounds)
        return found

    def one(self, values: Sequence[T]) -> T:
        return values[self.integer(0, len(values) - 1)]

    def chance(self, out_of: int) -> bool:
        """True about once in `out_of`; shrinks to false."""
        return self.integer(1, out_of) == out_of

    def few(self) -> int:
        """0, 1 or 2, seldom more."""
        return (0, 1, 1, 2, 1, 0, 3)[self.integer(0, 6)]

    def some(self, values: Sequence[T], most: int) -> list[T]:
        """Up to `most` of the values."""
        return [self.one(values) for _ in range(self.integer(0, most))] if values else []

    def binary(self) -> bytes:
        found: bytes = self._draw(_BYTES)
        return found
