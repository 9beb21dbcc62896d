"""The standard macros: calls that expand into comprehensions before checking (cel-go's parser/macro.go).

A macro takes the parser (to report issues), the position of the call, the target and the arguments, and
gives the expansion, or None where the call stays a call.
Further macros: `../library/optionals.py`, `../library/two_variables.py`. Next: `../checker/checker.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kubern.cel.ast import ACCUMULATOR, Call, Comprehension, Ident, ListExpr, Literal, Node, Select

if TYPE_CHECKING:
    from kubern.cel.parser.parser import Parser

Macro = Callable[["Parser", int, "Node | None", "list[Node]"], "Node | None"]
# Macros by name, number of arguments and whether the call has a target.
MacroTable = Mapping[tuple[str, int, bool], Macro]


def accumulator(pos: int) -> Ident:
    """A reference to the value being folded."""
    return Ident(pos, ACCUMULATOR)


def variable_name(parser: Parser, node: Node) -> str | None:
    """The name of an iteration variable; None with an issue when the argument is no simple name."""
    if not isinstance(node, Ident) or node.name.startswith("."):
        parser.report(node.pos, "argument must be a simple name")
        return None
    if node.name in (ACCUMULATOR, "__result__"):
        parser.report(node.pos, "iteration variable overwrites accumulator variable")
        return None
    return node.name


def append_step(pos: int, element: Node, predicate: Node | None) -> Node:
    """accu + [element], where the predicate holds."""
    added = Call(pos, "_+_", None, [accumulator(pos), ListExpr(pos, [element], frozenset())])
    if predicate is None:
        return added
    return Call(pos, "_?_:_", None, [predicate, added, accumulator(pos)])


def quantifier(macro: str, pos: int, target: Node, names: tuple[str, str | None], predicate: Node) -> Node:
    """all, exists and exists_one over a range, for one or two variables."""
    accu = accumulator(pos)
    if macro == "all":
        init: Node = Literal(pos, True)
        condition: Node = Call(pos, "@not_strictly_false", None, [accu])
        step: Node = Call(pos, "_&&_", None, [accumulator(pos), predicate])
        result: Node = accumulator(pos)
    elif macro == "exists":
        init = Literal(pos, False)
        condition = Call(pos, "@not_strictly_false", None, [Call(pos, "!_", None, [accu])])
        step = Call(pos, "_||_", None, [accumulator(pos), predicate])
        result = accumulator(pos)
    else:
        init = Literal(pos, 0)
        condition = Literal(pos, True)
        added = Call(pos, "_+_", None, [accu, Literal(pos, 1)])
        step = Call(pos, "_?_:_", None, [predicate, added, accumulator(pos)])
        result = Call(pos, "_==_", None, [accumulator(pos), Literal(pos, 1)])
    return Comprehension(pos, macro, target, names, (init, condition, step, result), (predicate,))


def _has(parser: Parser, pos: int, target: Node | None, args: list[Node]) -> Node | None:
    argument = args[0]
    if isinstance(argument, Select) and not argument.test_only:
        return Select(pos, argument.operand, argument.field, test_only=True)
    return parser.report(argument.pos, "invalid argument to has() macro")


def _quantifier(macro: str) -> Macro:
    def expand(parser: Parser, pos: int, target: Node | None, args: list[Node]) -> Node | None:
        name = variable_name(parser, args[0])
        if name is None or target is None:
            return args[0]
        return quantifier(macro, pos, target, (name, None), args[1])

    return expand


def _map(parser: Parser, pos: int, target: Node | None, args: list[Node]) -> Node | None:
    name = variable_name(parser, args[0])
    if name is None or target is None:
        return args[0]
    predicate = args[1] if len(args) == 3 else None
    return _fold_list("map", pos, target, name, args[-1], predicate)


def _filter(parser: Parser, pos: int, target: Node | None, args: list[Node]) -> Node | None:
    name = variable_name(parser, args[0])
    if name is None or target is None:
        return args[0]
    return _fold_list("filter", pos, target, name, args[0], args[1])


def _fold_list(macro: str, pos: int, target: Node, name: str, element: Node, predicate: Node | None) -> Node:
    fold = (
        ListExpr(pos, [], frozenset()),
        Literal(pos, True),
        append_step(pos, element, predicate),
        accumulator(pos),
    )
    return Comprehension(pos, macro, target, (name, None), fold, (element, predicate))


STANDARD_MACROS: MacroTable = {
    ("has", 1, False): _has,
    ("all", 2, True): _quantifier("all"),
    ("exists", 2, True): _quantifier("exists"),
    ("exists_one", 2, True): _quantifier("exists_one"),
    ("existsOne", 2, True): _quantifier("exists_one"),
    ("map", 2, True): _map,
    ("map", 3, True): _map,
    ("filter", 2, True): _filter,
}
