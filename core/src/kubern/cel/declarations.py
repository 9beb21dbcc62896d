"""Declarations: functions with their overloads, and variables (cel-go's common/decls).

An overload binds a signature to a Python callable over run-time values. Libraries are tuples of `Function`s.
Next: `library/` declares, `checker/checker.py` resolves, `compile/calls.py` calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kubern.cel.types import Type

if TYPE_CHECKING:
    from kubern.cel.parser.macros import MacroTable
    from kubern.cel.schema import DeclType

Implementation = Callable[..., Any]
# Run-time cost of a call from its arguments (the target first) and its result.
CallCost = Callable[[tuple[Any, ...], Any], int]


class Overload:
    """One signature of a function: `args` (the target first for members), `result`, implementation."""

    __slots__ = ("args", "generic", "id", "impl", "member", "result")

    def __init__(
        self,
        overload_id: str,
        args: Iterable[Type],
        result: Type,
        impl: Implementation | None = None,
        *,
        member: bool = False,
    ) -> None:
        self.id = overload_id
        self.args = tuple(args)
        self.result = result
        self.impl = impl
        self.member = member
        self.generic = result.generic or any(arg.generic for arg in self.args)

    def __repr__(self) -> str:
        return f"<overload {self.id}>"


def member(overload_id: str, args: Iterable[Type], result: Type, impl: Implementation) -> Overload:
    """An overload called as target.function(...)."""
    return Overload(overload_id, args, result, impl, member=True)


def overload(overload_id: str, args: Iterable[Type], result: Type, impl: Implementation) -> Overload:
    """An overload called as function(...)."""
    return Overload(overload_id, args, result, impl)


class Function:
    """A named function with its overloads in the order in which they are tried."""

    __slots__ = ("name", "overloads")

    def __init__(self, name: str, *overloads: Overload) -> None:
        self.name = name
        self.overloads = overloads

    def merged(self, other: Function) -> Function:
        """This function with the overloads of another of the same name added."""
        known = {overload.id for overload in self.overloads}
        added = tuple(overload for overload in other.overloads if overload.id not in known)
        return Function(self.name, *self.overloads, *added)


@dataclass(frozen=True, slots=True)
class Library:
    """What an environment can be built from: functions, macros, type names and constants."""

    name: str
    functions: tuple[Function, ...] = ()
    macros: MacroTable = field(default_factory=dict)
    types: tuple[Type, ...] = ()
    # Run-time cost by overload id, where it is not 1; charged before the call, or after it where it depends
    # on the result.
    costs: Mapping[str, CallCost] = field(default_factory=dict)
    result_costs: Mapping[str, CallCost] = field(default_factory=dict)
    # Overloads that may take long whatever they cost: the clock is looked at before each call.
    slow: frozenset[str] = frozenset()


class Variable:
    """A variable of an environment: its type and how a bound value becomes a CEL value."""

    __slots__ = ("decl", "name", "type")

    def __init__(self, name: str, declared: Type | DeclType) -> None:
        self.name = name
        if isinstance(declared, Type):
            self.type: Type = declared
            self.decl: DeclType | None = None
        else:
            self.type = declared.cel_type
            self.decl = declared
