"""Which overloads of a function fit a call (resolveOverload of cel-go's checker).

Next: back to `checker.py`; `compile/calls.py` turns the overloads into a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.cel.ast import Call
from kubern.cel.checker.typing_rules import assignable_all, same_type, substitute
from kubern.cel.declarations import Function, Overload
from kubern.cel.types import DYN, ERROR, Type, format_type

if TYPE_CHECKING:
    from kubern.cel.checker.checker import Checker


def resolve(checker: Checker, node: Call, function: Function) -> None:
    """Set the call's overloads and type, or report that none fits."""
    args = [arg.type for arg in node.args]
    if node.target is not None:
        args.insert(0, node.target.type)
    member = node.target is not None
    found: list[Overload] = []
    result: Type | None = None
    count = len(args)
    for overload in function.overloads:
        if overload.member is not member or len(overload.args) != count:
            continue
        fitted = _fit(checker, overload, args)
        if fitted is None:
            continue
        found.append(overload)
        if result is None:
            result = fitted
        elif not result.is_dyn and not same_type(fitted, result):
            result = DYN
    if result is None:
        _report(checker, node, function, args)
        return
    node.overloads = tuple(found)
    checker.set_type(node, result)


def _fit(checker: Checker, overload: Overload, args: list[Type]) -> Type | None:
    """The result type of the overload for these arguments, None when it does not take them."""
    wanted, result = overload.args, overload.result
    if overload.generic:
        fresh: dict[str, Type] = {}
        wanted = tuple(_instantiate(checker, fresh, arg) for arg in wanted)
        result = _instantiate(checker, fresh, result)
    elif all(given is want for given, want in zip(args, wanted, strict=True)):
        return result
    mapping = assignable_all(checker.mapping, args, wanted)
    if mapping is None:
        return None
    checker.mapping = mapping
    return substitute(mapping, result)


def _instantiate(checker: Checker, fresh: dict[str, Type], of: Type) -> Type:
    """The type with the overload's parameters replaced by new variables of this call."""
    if not of.generic:
        return of
    if not of.params:
        variable = fresh.get(of.name)
        if variable is None:
            variable = fresh[of.name] = checker.fresh()
        return variable
    return Type(of.kind, of.name, tuple(_instantiate(checker, fresh, param) for param in of.params))


def _report(checker: Checker, node: Call, function: Function, args: list[Type]) -> None:
    shown = [format_type(substitute(checker.mapping, arg, free_to_dyn=True)) for arg in args]
    prefix = ""
    if node.target is not None:
        prefix = f"{shown.pop(0)}."
    checker.report(
        node.pos,
        f"found no matching overload for '{function.name}' applied to '{prefix}({', '.join(shown)})'",
    )
    node.type = ERROR
