"""Regular expressions of users: google-re2 only, with Go's error texts.

Next: `../library/regex.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from kubern.cel.cost.sizes import match_cost
from kubern.cel.errors import CelError
from kubern.util.goregexp import GoRegexpError, compile_go

# How long a text and how large a program cost no more than upstream says, and how many steps cost 1 beyond.
_SHORT: Final = 1_000
_SMALL: Final = 32
_MANY_STEPS: Final = 10_000_000
_STEPS_PER_COST: Final = 28


@lru_cache(maxsize=64)
def compile_pattern(pattern: str) -> Any:
    """The compiled pattern.

    Raises:
        CelError: it is no regular expression; the text is that of Go's regexp.
    """
    try:
        return compile_go(pattern)
    except GoRegexpError as error:
        raise CelError(str(error)) from None


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern matches somewhere in the text."""
    return compile_pattern(pattern).search(text) is not None


def search_cost(text: str, pattern: str) -> int:
    """The cost of a search."""
    cost = match_cost(len(text), len(pattern))
    if len(text) < _SHORT:
        return cost
    try:
        size = int(compile_pattern(pattern).programsize)
    except CelError:
        return cost
    steps = len(text) * size
    if size <= _SMALL or steps < _MANY_STEPS:
        return cost
    # Differs from kube-apiserver: a{900} takes far more time than its six characters cost.
    return max(cost, steps // _STEPS_PER_COST)
