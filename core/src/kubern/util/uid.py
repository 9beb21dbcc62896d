"""UIDs of objects and audit IDs of requests: random UUIDs (version 4), as text."""

from __future__ import annotations

import os

_VARIANTS = {"0123456789abcdef"[n]: "89ab"[n % 4] for n in range(16)}


def new_uid() -> str:
    """A random UUID. The standard library's, printed, takes four times as long, and every request has one."""
    text = os.urandom(16).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANTS[text[16]]}{text[17:20]}-{text[20:]}"
