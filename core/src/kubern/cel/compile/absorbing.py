"""What && and || and the quantifiers have in common: an error counts only when nothing decides.

Next: `logic.py`, `comprehensions.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kubern.cel.compile.frame import ABSORBED, Frame, Run
from kubern.cel.errors import no_such_overload


def decide(frame: Frame, terms: Iterable[Run], decisive: bool) -> Any:
    """`decisive` as soon as a term is, else the first failure among the terms, else the opposite."""
    neutral = not decisive
    failure: Exception | None = None
    for term in terms:
        try:
            value = term(frame)
        except ABSORBED as error:
            failure = failure or error
            continue
        if value is decisive:
            return decisive
        if value is not neutral:
            failure = failure or no_such_overload()
    if failure is not None:
        raise failure
    return neutral
