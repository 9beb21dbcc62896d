"""Reading the past out of the present: current values overlaid with what changed since; next: `state.py`.

The store does this with key-values and its log, the watch cache with entries and its history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge
from typing import TypeVar

from kubern.storage.sorted_keys import SortedKeys

T = TypeVar("T")


def values_as_of(
    keys: SortedKeys, current: Mapping[str, T], past: Mapping[str, T | None], start: str, end: str
) -> Iterator[T]:
    """Values of [start, end) in key order, where `past` names what the keys that changed held (None: nothing)."""
    if not past:
        return map(current.__getitem__, keys.iterate(start, end))
    return _overlaid(keys.iterate(start, end), current, past)


def _overlaid(keys: Iterator[str], current: Mapping[str, T], past: Mapping[str, T | None]) -> Iterator[T]:
    gone = sorted(key for key, value in past.items() if value is not None and key not in current)
    for key in merge(keys, gone):
        value = past[key] if key in past else current[key]
        if value is not None:
            yield value


def count_as_of(keys: SortedKeys, current: Mapping[str, T], past: Mapping[str, T | None], start: str, end: str) -> int:
    """How many values `values_as_of` gives, without visiting them; `past` is within [start, end)."""
    total = keys.count(start, end)
    for key, value in past.items():
        total += (value is not None) - (key in current)
    return total
