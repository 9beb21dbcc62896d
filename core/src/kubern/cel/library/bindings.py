"""cel.bind(name, value, expression) (cel-go's ext/bindings), which only device selectors have.

Next: `../parser/macros.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.cel.ast import Bind, Ident, Node
from kubern.cel.declarations import Library

if TYPE_CHECKING:
    from kubern.cel.parser.parser import Parser


def _bind(parser: Parser, pos: int, target: Node | None, args: list[Node]) -> Node | None:
    if not isinstance(target, Ident) or target.name != "cel":
        return None
    name = args[0]
    if not isinstance(name, Ident):
        return parser.report(name.pos, "cel.bind() variable names must be simple identifiers")
    return Bind(pos, name.name, args[1], args[2])


def bindings_library() -> Library:
    """Local names inside an expression."""
    return Library(name="bindings", macros={("bind", 3, True): _bind})
