"""Macros with two loop variables: all, exists, existsOne, transformList, transformMap, transformMapEntry
(cel-go's ext/comprehensions).

Next: `../parser/macros.py`, `../compile/comprehensions.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.cel.ast import Call, Comprehension, Ident, ListExpr, Literal, MapExpr, Node
from kubern.cel.declarations import Function, Library, overload
from kubern.cel.errors import CelError, format_key
from kubern.cel.parser.macros import Macro, accumulator, append_step, quantifier, variable_name
from kubern.cel.runtime.values import map_key
from kubern.cel.types import map_of, type_param

if TYPE_CHECKING:
    from kubern.cel.parser.parser import Parser


def _variables(parser: Parser, args: list[Node]) -> tuple[str, str] | None:
    for argument in args[:2]:
        if not isinstance(argument, Ident) or argument.name.startswith("."):
            parser.report(argument.pos, "argument must be a simple name")
            return None
    first, second = (argument.name for argument in args[:2] if isinstance(argument, Ident))
    if first == second:
        parser.report(args[1].pos, f"duplicate variable name: {first}")
        return None
    if any(variable_name(parser, argument) is None for argument in args[:2]):
        return None
    return first, second


def _quantifier(macro: str) -> Macro:
    def expand(parser: Parser, pos: int, target: Node | None, args: list[Node]) -> Node | None:
        names = _variables(parser, args)
        if names is None or target is None:
            return args[0]
        return quantifier(macro, pos, target, names, args[2])

    return expand


def _transform(macro: str) -> Macro:
    def expand(parser: Parser, pos: int, target: Node | None, args: list[Node]) -> Node | None:
        names = _variables(parser, args)
        if names is None or target is None:
            return args[0]
        predicate = args[2] if len(args) == 4 else None
        body = args[-1]
        init: Node
        if macro == "transformList":
            init, step = ListExpr(pos, [], frozenset()), append_step(pos, body, predicate)
        else:
            init = MapExpr(pos, [])
            insertion = [accumulator(pos), body]
            if macro == "transformMap":
                insertion.insert(1, Ident(pos, names[0]))
            step = Call(pos, "cel.@mapInsert", None, insertion)
            if predicate is not None:
                step = Call(pos, "_?_:_", None, [predicate, step, accumulator(pos)])
        fold = (init, Literal(pos, True), step, accumulator(pos))
        return Comprehension(pos, macro, target, names, fold, (body, predicate))

    return expand


def _insert(target: dict[Any, Any], key: Any, value: Any) -> dict[Any, Any]:
    inner = map_key(key)
    if inner in target:
        raise CelError(f"insert failed: key {format_key(key)} already exists")
    return {**target, inner: value}


def _insert_all(target: dict[Any, Any], entries: dict[Any, Any]) -> dict[Any, Any]:
    for key, value in entries.items():
        target = _insert(target, key, value)
    return target


def two_variables_library() -> Library:
    """The macros and the function their expansions call."""
    key, value = type_param("K"), type_param("V")
    of = map_of(key, value)
    return Library(
        name="two variables",
        functions=(
            Function(
                "cel.@mapInsert",
                overload("@mapInsert_map_map", (of, of), of, _insert_all),
                overload("@mapInsert_map_key_value", (of, key, value), of, _insert),
            ),
        ),
        macros={
            ("all", 3, True): _quantifier("all"),
            ("exists", 3, True): _quantifier("exists"),
            ("existsOne", 3, True): _quantifier("exists_one"),
            ("exists_one", 3, True): _quantifier("exists_one"),
            ("transformList", 3, True): _transform("transformList"),
            ("transformList", 4, True): _transform("transformList"),
            ("transformMap", 3, True): _transform("transformMap"),
            ("transformMap", 4, True): _transform("transformMap"),
            ("transformMapEntry", 3, True): _transform("transformMapEntry"),
            ("transformMapEntry", 4, True): _transform("transformMapEntry"),
        },
    )
