"""Several errors as one text (upstream: apimachinery/pkg/util/errors.Aggregate)."""

from __future__ import annotations

from collections.abc import Iterable


def aggregate(messages: Iterable[str]) -> str:
    """One message as it is; several in brackets, equal ones once."""
    unique = list(dict.fromkeys(messages))
    return unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]"
