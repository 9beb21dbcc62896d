"""Closures for function calls: one implementation where the checker found it, a choice by value elsewhere.

Next: `literals.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kubern.cel.ast import Call, Ident, Select, qualified_name
from kubern.cel.compile.frame import CHECKPOINT, UNEXPECTED, Code, Frame, Run, charge, checkpoint, constant
from kubern.cel.declarations import CallCost, Overload
from kubern.cel.errors import CelError, EvaluationError
from kubern.cel.runtime.assignable import fits, plain_type
from kubern.cel.runtime.values import type_of

if TYPE_CHECKING:
    from kubern.cel.compile.compiler import Compiler


def call(compiler: Compiler, node: Call) -> Code:
    """target.function(args) or function(args)"""
    overloads = node.overloads or _candidates(compiler, node)
    codes = [compiler.compile(arg) for arg in node.args]
    if node.target is not None:
        codes.insert(0, compiler.compile(node.target))
    runs = tuple(code.run for code in codes)
    cost = sum(code.cost for code in codes)
    guarded = len(overloads) != 1 or not node.overloads or _is_dynamic(node)
    if guarded:
        run = _dispatch(compiler, node.function, overloads, runs)
    else:
        run, flat = _direct(compiler, overloads[0], runs)
        cost += flat
    if codes and all(code.constant for code in codes) and overloads:
        return _folded(run, cost)
    return Code(run, cost)


def _is_dynamic(node: Call) -> bool:
    args = node.args if node.target is None else [node.target, *node.args]
    return any(arg.type.is_dyn for arg in args)


def _candidates(compiler: Compiler, node: Call) -> tuple[Overload, ...]:
    """The overloads that an unchecked call may mean."""
    functions = compiler.env.functions
    if isinstance(node.target, (Ident, Select)):
        prefix = qualified_name(node.target)
        function = functions.get(f"{prefix}.{node.function}")
        if function is not None:
            node.target = None
            node.function = function.name
            return _fitting(function.overloads, node)
    function = functions.get(node.function.removeprefix("."))
    return () if function is None else _fitting(function.overloads, node)


def _fitting(overloads: tuple[Overload, ...], node: Call) -> tuple[Overload, ...]:
    member = node.target is not None
    count = len(node.args) + member
    return tuple(found for found in overloads if found.member is member and len(found.args) == count)


def _direct(compiler: Compiler, overload: Overload, runs: tuple[Run, ...]) -> tuple[Run, int]:
    """The call of one implementation, and its cost where that does not depend on values."""
    impl = overload.impl
    if impl is None:
        return _failing(f"no such overload: {overload.id}"), 0
    env = compiler.env
    before, after = env.call_costs.get(overload.id), env.result_costs.get(overload.id)
    if before is not None or after is not None:
        return _priced(impl, before, after, runs, overload.id in env.slow), 0
    if len(runs) == 1:
        only = runs[0]
        return (lambda frame: impl(only(frame))), 1
    if len(runs) == 2:
        first, second = runs
        return (lambda frame: impl(first(frame), second(frame))), 1
    return (lambda frame: impl(*[run(frame) for run in runs])), 1


def _priced(
    impl: Callable[..., Any], before: CallCost | None, after: CallCost | None, runs: tuple[Run, ...], slow: bool
) -> Run:
    """A call whose cost depends on its arguments, or on its result."""

    def run(frame: Frame) -> Any:
        args = tuple([inner(frame) for inner in runs])
        if slow:
            frame[CHECKPOINT] = 0
        if before is not None:
            total = frame[0] = frame[0] + before(args, None)
            if total > frame[1]:
                checkpoint(frame)
        result = impl(*args)
        if after is not None:
            charge(frame, after(args, result))
        return result

    return run


class _Candidate:
    """An overload that the values may select, with its run-time costs."""

    __slots__ = ("after", "args", "before", "impl", "slow")

    def __init__(self, compiler: Compiler, overload: Overload, impl: Callable[..., Any]) -> None:
        self.args = overload.args
        self.impl = impl
        self.before = compiler.env.call_costs.get(overload.id)
        self.after = compiler.env.result_costs.get(overload.id)
        self.slow = overload.id in compiler.env.slow

    def call(self, frame: Frame, args: tuple[Any, ...]) -> Any:
        """The overload's result, charged for."""
        if self.slow:
            frame[CHECKPOINT] = 0
        if self.before is not None:
            charge(frame, self.before(args, None))
        elif self.after is None:
            charge(frame, 1)
        result = self.impl(*args)
        if self.after is not None:
            charge(frame, self.after(args, result))
        return result


def _dispatch(compiler: Compiler, name: str, overloads: tuple[Overload, ...], runs: tuple[Run, ...]) -> Run:
    """The call of whichever overload takes the values."""
    candidates = [_Candidate(compiler, found, found.impl) for found in overloads if found.impl is not None]
    # Values of the very types of an overload of scalars need no closer look.
    by_types = {tuple(map(plain_type, found.args)): found for found in reversed(candidates)}

    def run(frame: Frame) -> Any:
        args = tuple([inner(frame) for inner in runs])
        exact = by_types.get(tuple(map(type, args)))
        if exact is not None:
            return exact.call(frame, args)
        for candidate in candidates:
            if all(map(fits, args, candidate.args)):
                return candidate.call(frame, args)
        shown = ", ".join(type_of(arg).name for arg in args)
        raise CelError(f"no such overload: {name}({shown})")

    return run


def _failing(message: str) -> Run:
    def run(_frame: Frame) -> Any:
        raise CelError(message)

    return run


def _folded(run: Run, cost: int) -> Code:
    """The value of a call whose arguments are all constant, computed once; its cost is still charged."""
    scratch: Frame = [0, _FOLDING_LIMIT, _FOLDING_LIMIT, None]
    try:
        value = run(scratch)
    except (EvaluationError, *UNEXPECTED):
        return Code(run, cost)
    return constant(value, cost + scratch[0])


# More work than this is left to the evaluation, with its own limit.
_FOLDING_LIMIT = 10_000
