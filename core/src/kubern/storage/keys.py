"""Arithmetic on keys; next: `interface.py`, whose ranges use it."""

from __future__ import annotations


def prefix_end(prefix: str) -> str:
    """The end of the range that holds exactly the keys starting with `prefix`.

    >>> prefix_end("/registry/pods/")
    '/registry/pods0'
    """
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def key_after(key: str) -> str:
    """The smallest key greater than `key`: where a range goes on after a page that ended with it."""
    return key + "\0"
