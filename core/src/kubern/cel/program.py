"""A compiled expression: its types, its cost, its evaluation.

Next: `compile/compiler.py`, `cost/estimator.py`, `runtime/conversion.py` (values back to plain JSON).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kubern.cel.ast import Ident, walk
from kubern.cel.compile.frame import COST, UNEXPECTED, Frame, Run, Unbound, new_frame
from kubern.cel.errors import CelError, CostLimitExceeded, EvaluationError, no_such_overload
from kubern.cel.recursion import with_room
from kubern.cel.types import Type

if TYPE_CHECKING:
    from kubern.cel.ast import Node
    from kubern.cel.cost.estimate import CostEstimate
    from kubern.cel.cost.estimator import SizeEstimator
    from kubern.cel.env import Env
    from kubern.cel.schema import DeclType
    from kubern.cel.source import Source

# A call of one expression may cost this much (PerCallLimit of apiserver's apis/cel).
DEFAULT_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Result:
    """What an evaluation gave: the CEL value and the cost of getting it."""

    value: Any
    cost: int


class _Compiled:
    """The closures of a program: how to start and where its variables live."""

    __slots__ = ("cost", "run", "slots", "variables")

    def __init__(
        self, run: Run, cost: int, slots: int, variables: tuple[tuple[int, str, DeclType | None], ...]
    ) -> None:
        self.run = run
        self.cost = cost
        self.slots = slots
        self.variables = variables


class Program:
    """A checked expression. Closures are built by the first evaluation."""

    __slots__ = ("_compiled", "_guarded", "env", "root", "source")

    def __init__(self, env: Env, source: Source, root: Node) -> None:
        self.env = env
        self.source = source
        self.root = root
        self._compiled: _Compiled | None = None
        self._guarded: _Compiled | None = None

    @property
    def output_type(self) -> Type:
        """The type of the expression's value."""
        return self.root.type

    @property
    def references(self) -> frozenset[str]:
        """The names of variables that the expression mentions."""
        return frozenset(node.name for node in walk(self.root) if isinstance(node, Ident))

    def estimate_cost(self, sizes: SizeEstimator | None = None) -> CostEstimate:
        """The least and the most that an evaluation may cost, with the sizes of inputs as estimated."""
        from kubern.cel.cost.estimator import estimate

        return with_room(lambda: estimate(self, sizes))

    def evaluate(
        self,
        bindings: Mapping[str, Any],
        limit: int = DEFAULT_LIMIT,
    ) -> Result:
        """Evaluate with plain or CEL values bound to the variables.

        Plain values of declared types are viewed, not copied; the caller must not change them meanwhile.

        Args:
            bindings: variables by name; one that is missing is an error only where it is read.
            limit: the cost at which to stop. The time has a bound of its own (`compile/frame.py`).

        Raises:
            CelError: the expression's value is an error.
            CostLimitExceeded, Interrupted: it was stopped. All carry the cost so far.
        """
        try:
            return self._evaluate(bindings, limit)
        except RecursionError:
            return with_room(lambda: self._evaluate(bindings, limit))

    def _evaluate(self, bindings: Mapping[str, Any], limit: int) -> Result:
        compiled = self._compiled or self._compile(guarded=False)
        frame = new_frame(compiled.cost, limit, compiled.slots)
        complete = True
        for slot, name, decl in compiled.variables:
            if name in bindings:
                value = bindings[name]
                frame[slot] = value if decl is None else decl.value(value)
            else:
                complete = False
        if not complete:
            return self._evaluate_guarded(bindings, limit)
        return _run(compiled, frame, limit)

    def _evaluate_guarded(self, bindings: Mapping[str, Any], limit: int) -> Result:
        compiled = self._guarded or self._compile(guarded=True)
        frame = new_frame(compiled.cost, limit, compiled.slots)
        for slot, name, decl in compiled.variables:
            if name in bindings:
                value = bindings[name]
                frame[slot] = value if decl is None else decl.value(value)
            else:
                frame[slot] = Unbound(name)
        return _run(compiled, frame, limit)

    def _compile(self, guarded: bool) -> _Compiled:
        from kubern.cel.compile.compiler import Compiler

        compiler = Compiler(self.env, guarded)
        code = compiler.compile(self.root)
        declared = self.env.variables
        variables = tuple(
            (slot, name, declared[name].decl if name in declared else None) for name, slot in compiler.variables.items()
        )
        compiled = _Compiled(code.run, code.cost, compiler.slots, variables)
        if guarded:
            self._guarded = compiled
        else:
            self._compiled = compiled
        return compiled


def _run(compiled: _Compiled, frame: Frame, limit: int) -> Result:
    try:
        if compiled.cost > limit:
            raise CostLimitExceeded
        value = compiled.run(frame)
        cost = frame[COST]
        if cost > limit:
            raise CostLimitExceeded
        return Result(value, cost)
    except EvaluationError as error:
        error.cost = frame[COST]
        raise
    except UNEXPECTED as error:
        failure: CelError = no_such_overload()
        failure.cost = frame[COST]
        raise failure from error
