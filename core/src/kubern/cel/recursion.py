"""Room for deep trees: Python's recursion limit raised for the moment an expression needs it.

The parser allows 250 levels of each grammar rule; frames of Python functions need no C stack, so a higher
limit is safe.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
_DEEP = 50_000


def with_room(work: Callable[[], T]) -> T:
    """The result of the work; once more with a higher recursion limit if it needs one."""
    try:
        return work()
    except RecursionError:
        with recursion_room():
            return work()


@contextmanager
def recursion_room() -> Iterator[None]:
    """Allow the nesting that the parser's depth limit allows; frames of Python functions need no C stack."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _DEEP))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
