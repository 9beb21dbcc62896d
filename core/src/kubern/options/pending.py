"""Flags that are accepted and checked but have no effect yet; help and the start say so.

Written by scripts/docs.py: the flags that no source reads and whose field does not say why.
"""

from __future__ import annotations

PENDING = frozenset[str]()
