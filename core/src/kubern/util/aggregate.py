"""Several messages as one text, the way Go's errors are aggregated (upstream: apimachinery/pkg/util/errors)."""

from __future__ import annotations

from collections.abc import Iterable


def aggregate(messages: Iterable[str]) -> str:
    """Equal messages once; one alone as it is, several in brackets; "" for none."""
    unique = list(dict.fromkeys(messages))
    if len(unique) <= 1:
        return unique[0] if unique else ""
    return "[" + ", ".join(unique) + "]"
