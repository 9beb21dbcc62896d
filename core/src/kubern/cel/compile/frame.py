"""The frame of one evaluation: a list with the running cost, its bounds and the variables.

Next: `compiler.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from kubern.cel.errors import CelError, CostLimitExceeded, Interrupted

Frame = list[Any]
Run = Callable[[Frame], Any]

COST = 0
# The cost at which to look at limit and clock next.
CHECKPOINT = 1
LIMIT = 2
# The processor time at which the clock was first looked at, in seconds.
STARTED = 3
FIRST_SLOT = 4

# What Python raises for values of types that an implementation did not expect: "no such overload".
UNEXPECTED = (TypeError, AttributeError, ValueError, ArithmeticError, LookupError)
# Errors that operators absorb.
ABSORBED = (CelError, *UNEXPECTED)
_STRIDE = 20_000
# An evaluation has so much processor time, and more only while its cost shows that it gets somewhere: what merely
# runs on a slow machine ends by its cost.
SECONDS = 0.15
_COST_PER_SECOND = 2_000_000


def new_frame(cost: int, limit: int, slots: int) -> Frame:
    """A frame whose variables are still to be set."""
    return [cost, min(limit, cost + _STRIDE), limit, None, *([None] * slots)]


def checkpoint(frame: Frame) -> None:
    """Stop the evaluation if it has cost too much or run too long."""
    cost, limit, started = frame[COST], frame[LIMIT], frame[STARTED]
    if cost > limit:
        raise CostLimitExceeded
    now = time.thread_time()
    if started is None:
        frame[STARTED] = now
    elif now - started > SECONDS and cost < (now - started) * _COST_PER_SECOND:
        raise Interrupted
    frame[CHECKPOINT] = min(limit, cost + _STRIDE)


def charge(frame: Frame, cost: int) -> None:
    """Add to the cost of the evaluation."""
    total = frame[0] = frame[0] + cost
    if total > frame[1]:
        checkpoint(frame)


class Code:
    """A compiled node: how to run it, the cost to charge when it runs, its value where that is constant."""

    __slots__ = ("constant", "cost", "run", "slot", "value")

    def __init__(self, run: Run, cost: int = 0, slot: int | None = None) -> None:
        self.run = run
        self.cost = cost
        self.constant = False
        self.value: Any = None
        # The frame slot, of a plain variable.
        self.slot = slot


def constant(value: Any, cost: int = 0) -> Code:
    """A node that always has the same value."""
    code = Code(lambda _frame: value, cost)
    code.constant = True
    code.value = value
    return code


def charged(code: Code) -> Run:
    """The node with its cost charged whenever it runs; for branches and bodies of loops."""
    cost, run = code.cost, code.run
    if not cost:
        return run

    def charged_run(frame: Frame) -> Any:
        total = frame[0] = frame[0] + cost
        if total > frame[1]:
            checkpoint(frame)
        return run(frame)

    return charged_run


def unbound(name: str) -> CelError:
    """The error of a variable that was given no value."""
    return CelError(f"no such attribute(s): {name}")


class Unbound:
    """Stands in the frame for a variable that was given no value."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name
