"""Cost factors and actual sizes of values (cel-go's common/cost.go).

Next: `estimate.py`.
"""

from __future__ import annotations

import math
from typing import Any

from kubern.cel.runtime.values import OptionalValue

LIST_CREATE = 10
MAP_CREATE = 30
STRUCT_CREATE = 40
STRING_TRAVERSAL = 0.1
REGEX_LENGTH = 0.25
_SIZED = frozenset({str, bytes, list, dict})


def traversal_cost(length: int) -> int:
    """The cost of walking over that many characters."""
    return math.ceil(length * STRING_TRAVERSAL)


def match_cost(length: int, pattern_length: int) -> int:
    """The cost of matching a text against a pattern."""
    return math.ceil((1.0 + length) * STRING_TRAVERSAL) * math.ceil(pattern_length * REGEX_LENGTH)


def actual_size(value: Any) -> int:
    """The size the cost model sees: length of text, bytes and containers, 1 for anything else."""
    if type(value) in _SIZED:
        return len(value)
    if type(value) is OptionalValue:
        return actual_size(value.value) if value.present else 1
    sized = getattr(value, "size", None)
    size = sized() if sized is not None else None
    return 1 if size is None else size
