"""Files that flags name, read with errors that name the flag."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def read_file(flag: str, read: Callable[[str], T], path: str) -> T:
    """What a flag's file holds. Raises StartError naming the flag."""
    from kubern.lifecycle import StartError

    try:
        return read(path)
    except (OSError, ValueError) as error:
        raise StartError(f"{flag}: {error}") from error
