"""An ordered set of keys that stays fast at a hundred thousand; next: `state.py` and `cacher/index.py`.

A list of sorted blocks: inserting moves one block's pointers (at most 2 KiB worth), never the whole list.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from itertools import islice

_BLOCK = 512
"""Blocks are split in two when they grow past twice this."""


class SortedKeys:
    """Distinct strings in code point order."""

    __slots__ = ("_blocks", "_lasts", "_size")

    def __init__(self, keys: Iterable[str] = ()) -> None:
        ordered = sorted(keys)
        self._blocks = [ordered[i : i + _BLOCK] for i in range(0, len(ordered), _BLOCK)]
        self._lasts = [block[-1] for block in self._blocks]
        self._size = len(ordered)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        for block in self._blocks:
            yield from block

    def add(self, key: str) -> None:
        """Insert a key that is not in the set."""
        self._size += 1
        if not self._blocks:
            self._blocks.append([key])
            self._lasts.append(key)
            return
        at = min(bisect_left(self._lasts, key), len(self._lasts) - 1)
        block = self._blocks[at]
        insort(block, key)
        self._lasts[at] = block[-1]
        if len(block) > 2 * _BLOCK:
            self._blocks[at : at + 1] = [block[:_BLOCK], block[_BLOCK:]]
            self._lasts[at : at + 1] = [block[_BLOCK - 1], block[-1]]

    def remove(self, key: str) -> None:
        """Remove a key that is in the set."""
        at = bisect_left(self._lasts, key)
        block = self._blocks[at]
        del block[bisect_left(block, key)]
        self._size -= 1
        if block:
            self._lasts[at] = block[-1]
        else:
            del self._blocks[at], self._lasts[at]

    def slice(self, start: str, end: str) -> list[str]:
        """All keys of [start, end), a block at a time."""
        first = bisect_left(self._lasts, start)
        last = bisect_left(self._lasts, end, lo=first)
        if first == len(self._lasts):
            return []
        skip = bisect_left(self._blocks[first], start)
        if first == last:
            block = self._blocks[first]
            return block[skip : bisect_left(block, end)]
        keys = self._blocks[first][skip:]
        for at in range(first + 1, last):
            keys += self._blocks[at]
        if last < len(self._lasts):
            block = self._blocks[last]
            keys += block[: bisect_left(block, end)]
        return keys

    def iterate(self, start: str, end: str) -> Iterator[str]:
        """Keys of [start, end) one by one; the set must not change meanwhile."""
        at = bisect_left(self._lasts, start)
        if at == len(self._lasts):
            return
        skip = bisect_left(self._blocks[at], start)
        for block, last in zip(islice(self._blocks, at, None), islice(self._lasts, at, None), strict=True):
            if last < end:
                yield from block[skip:] if skip else block
                skip = 0
                continue
            yield from block[skip : bisect_left(block, end)]
            return

    def count(self, start: str, end: str) -> int:
        """How many keys [start, end) holds, without visiting them."""
        return max(0, self._rank(end) - self._rank(start))

    def _rank(self, key: str) -> int:
        at = bisect_left(self._lasts, key)
        if at == len(self._lasts):
            return self._size
        return sum(map(len, self._blocks[:at])) + bisect_left(self._blocks[at], key)
