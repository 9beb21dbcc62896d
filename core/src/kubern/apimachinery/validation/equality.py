"""Equality of decoded objects up to missing and empty (upstream: apiequality.Semantic.DeepEqual).

Next: `objectmeta.py::validate_immutable`.
"""

from __future__ import annotations

from typing import Any


def _is_empty(value: Any) -> bool:
    """A value that Go's decoding cannot tell from a field that is not there."""
    return value is None or value == {} or value == []


def semantic_equal(a: Any, b: Any) -> bool:
    """Whether two decoded values are the same; missing, null, {} and [] are one."""
    if a == b:
        return True
    if isinstance(a, dict) and isinstance(b, dict):
        return all(semantic_equal(a.get(k), b.get(k)) for k in {**a, **b})
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(semantic_equal, a, b))
    return _is_empty(a) and _is_empty(b)
