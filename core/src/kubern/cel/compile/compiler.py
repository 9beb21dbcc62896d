"""The compiler: dispatches on node kinds and hands out frame slots.

Next: `logic.py` for the operators that do not evaluate all their operands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kubern.cel.ast import (
    Bind,
    Call,
    Comprehension,
    Ident,
    ListExpr,
    Literal,
    MapExpr,
    Node,
    Select,
    Shared,
    StructExpr,
    qualified_name,
)
from kubern.cel.compile import access, calls, comprehensions, literals, logic, operators
from kubern.cel.compile.frame import FIRST_SLOT, Code, Frame, Unbound, charge, constant, unbound
from kubern.cel.types import Kind, Type

if TYPE_CHECKING:
    from kubern.cel.env import Env

_OPERATOR_BUILDERS: tuple[Mapping[str, Callable[[Any, Call], Code]], ...] = (
    logic.BUILDERS,
    access.BUILDERS,
    operators.BUILDERS,
)


class Compiler:
    """Compiles one tree. `guarded` code asks at each variable whether it was given a value."""

    def __init__(self, env: Env, guarded: bool) -> None:
        self.env = env
        self.guarded = guarded
        # Slots of the environment's variables that the expression uses.
        self.variables: dict[str, int] = {}
        self.slots = 0
        self._locals: dict[str, list[int]] = {}
        self._shared_codes: dict[Shared, Code] = {}
        self._by_kind: dict[type[Node], Callable[[Any], Code]] = {
            Literal: self._literal,
            Ident: self._ident,
            Select: self._select,
            Call: self._call,
            ListExpr: lambda node: literals.list_literal(self, node),
            MapExpr: lambda node: literals.map_literal(self, node),
            StructExpr: lambda node: literals.struct_literal(self, node),
            Comprehension: lambda node: comprehensions.comprehension(self, node),
            Bind: self._bind,
            Shared: self._shared,
        }

    def compile(self, node: Node) -> Code:
        """The code of a node and all below it."""
        return self._by_kind[type(node)](node)

    def new_slot(self) -> int:
        """A free place in the frame."""
        self.slots += 1
        return FIRST_SLOT + self.slots - 1

    def enter(self, name: str) -> int:
        """Open the scope of a local variable; gives its slot."""
        slot = self.new_slot()
        self._locals.setdefault(name, []).append(slot)
        return slot

    def leave(self, name: str) -> None:
        """Close the scope again."""
        self._locals[name].pop()

    def _literal(self, node: Literal) -> Code:
        return constant(node.value)

    def _ident(self, node: Ident) -> Code:
        if node.constant is not None:
            return constant(node.constant, 1)
        local = self._locals.get(node.name)
        if local:
            return self._slot(local[-1])
        name = node.name.removeprefix(".")
        if node.type.kind is Kind.DYN and name not in self.env.variables:
            # Unchecked trees have type names as plain identifiers.
            named = self.env.named_type(name)
            if isinstance(named, Type):
                return constant(named, 1)
        slot = self.variables.get(name)
        if slot is None:
            slot = self.variables[name] = self.new_slot()
        return self._guarded_slot(slot) if self.guarded else self._slot(slot)

    @staticmethod
    def _slot(slot: int) -> Code:
        return Code(lambda frame: frame[slot], 1, slot)

    @staticmethod
    def _guarded_slot(slot: int) -> Code:
        def read(frame: Frame) -> Any:
            value = frame[slot]
            if type(value) is Unbound:
                raise unbound(value.name)
            return value

        return Code(read, 1)

    def _select(self, node: Select) -> Code:
        if node.resolved is not None:
            return self.compile(node.resolved)
        name = qualified_name(node) if self.env.may_qualify else None
        if name in self.env.variables and not self._locals.get(name.partition(".")[0]):
            # An unchecked tree: the checker would have resolved the name.
            return self.compile(Ident(node.pos, name))
        if node.test_only:
            return access.presence(self, node)
        return access.selection(self, node)

    def _call(self, node: Call) -> Code:
        for builders in _OPERATOR_BUILDERS:
            build = builders.get(node.function)
            if build is not None:
                return build(self, node)
        return calls.call(self, node)

    def _shared(self, node: Shared) -> Code:
        known = self._shared_codes.get(node)
        if known is not None:
            return known
        inner = self.compile(node.inner)
        if inner.constant:
            return inner
        slot, cost_slot, run = self.new_slot(), self.new_slot(), inner.run

        def first(frame: Frame) -> Any:
            before = frame[0]
            value = frame[slot] = run(frame)
            frame[cost_slot] = frame[0] - before
            return value

        def again(frame: Frame) -> Any:
            # Reads what the first use found, and costs as much as it did.
            charge(frame, frame[cost_slot])
            return frame[slot]

        self._shared_codes[node] = Code(again, inner.cost)
        return Code(first, inner.cost)

    def _bind(self, node: Bind) -> Code:
        init = self.compile(node.init)
        slot = self.enter(node.name)
        result = self.compile(node.result)
        self.leave(node.name)
        run_init, run_result = init.run, result.run

        def bind(frame: Frame) -> Any:
            frame[slot] = run_init(frame)
            return run_result(frame)

        return Code(bind, init.cost + result.cost)
