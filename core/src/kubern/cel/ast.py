"""The syntax tree: small mutable nodes that the checker annotates with types and overloads.

Positions are code point offsets into the source, those that cel-go reports for the same node.
Next: `parser/parser.py` builds it, `parser/macros.py` expands calls into `Comprehension`s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kubern.cel.types import DYN, Type

if TYPE_CHECKING:
    from kubern.cel.declarations import Overload


class Node:
    """Any expression. `type` is set by the checker and stays dyn in unchecked trees."""

    __slots__ = ("pos", "type")

    def __init__(self, pos: int) -> None:
        self.pos = pos
        self.type: Type = DYN


class Literal(Node):
    """A constant: bool, int, Uint, float, str, bytes or None."""

    __slots__ = ("value",)

    def __init__(self, pos: int, value: Any) -> None:
        super().__init__(pos)
        self.value = value


class Ident(Node):
    """A name. `constant` holds the value of names that the environment fixes, such as type names."""

    __slots__ = ("constant", "name")

    def __init__(self, pos: int, name: str) -> None:
        super().__init__(pos)
        self.name = name
        self.constant: Any = None


class Select(Node):
    """operand.field, or has(operand.field) when test_only; resolved holds a qualified name's Ident."""

    __slots__ = ("field", "operand", "resolved", "test_only")

    def __init__(self, pos: int, operand: Node, field: str, test_only: bool = False) -> None:
        super().__init__(pos)
        self.operand = operand
        self.field = field
        self.test_only = test_only
        self.resolved: Ident | None = None


class Call(Node):
    """A function or operator; `target` is the receiver of a member call."""

    __slots__ = ("args", "function", "overloads", "target")

    def __init__(self, pos: int, function: str, target: Node | None, args: list[Node]) -> None:
        super().__init__(pos)
        self.function = function
        self.target = target
        self.args = args
        self.overloads: tuple[Overload, ...] = ()


class ListExpr(Node):
    """[a, b, ?c]; `optionals` are the indices of the elements marked with a question mark."""

    __slots__ = ("elements", "optionals")

    def __init__(self, pos: int, elements: list[Node], optionals: frozenset[int]) -> None:
        super().__init__(pos)
        self.elements = elements
        self.optionals = optionals


class MapEntry:
    """key: value of a map literal."""

    __slots__ = ("key", "optional", "pos", "value")

    def __init__(self, pos: int, key: Node, value: Node, optional: bool) -> None:
        self.pos = pos
        self.key = key
        self.value = value
        self.optional = optional


class MapExpr(Node):
    """{k: v, ?k: v}"""

    __slots__ = ("entries",)

    def __init__(self, pos: int, entries: list[MapEntry]) -> None:
        super().__init__(pos)
        self.entries = entries


class FieldEntry:
    """field: value of a message literal."""

    __slots__ = ("name", "optional", "pos", "value")

    def __init__(self, pos: int, name: str, value: Node, optional: bool) -> None:
        self.pos = pos
        self.name = name
        self.value = value
        self.optional = optional


class StructExpr(Node):
    """Name{field: value}; `struct` is the declared type once the checker has found it."""

    __slots__ = ("fields", "name", "struct")

    def __init__(self, pos: int, name: str, fields: list[FieldEntry]) -> None:
        super().__init__(pos)
        self.name = name
        self.fields = fields
        self.struct: Type | None = None


class Comprehension(Node):
    """A macro's expansion: fold `step` over `range` into the accumulator.

    `macro` names the macro it came from and `parts` its user-written operands, from which the compiler
    builds a loop; the fold itself is what the checker types and the estimator prices.
    """

    __slots__ = (
        "accu_init",
        "condition",
        "iter_range",
        "iter_var",
        "iter_var2",
        "macro",
        "parts",
        "result",
        "step",
    )

    def __init__(
        self,
        pos: int,
        macro: str,
        iter_range: Node,
        iter_vars: tuple[str, str | None],
        fold: tuple[Node, Node, Node, Node],
        parts: tuple[Node | None, ...],
    ) -> None:
        super().__init__(pos)
        self.macro = macro
        self.iter_range = iter_range
        self.iter_var, self.iter_var2 = iter_vars
        self.accu_init, self.condition, self.step, self.result = fold
        self.parts = parts


class Bind(Node):
    """A local name for a value, as optMap() and optFlatMap() expand to."""

    __slots__ = ("init", "name", "result")

    def __init__(self, pos: int, name: str, init: Node, result: Node) -> None:
        super().__init__(pos)
        self.name = name
        self.init = init
        self.result = result


class Shared(Node):
    """An operand that a macro uses twice. cel-go copies it; nested copies would grow beyond all bounds."""

    __slots__ = ("inner",)

    def __init__(self, inner: Node) -> None:
        super().__init__(inner.pos)
        self.inner = inner


ACCUMULATOR = "@result"


def qualified_name(node: Node) -> str | None:
    """a.b.c of an identifier with plain selections; None for anything else (ToQualifiedName)."""
    fields: list[str] = []
    while isinstance(node, Select):
        if node.test_only:
            return None
        fields.append(node.field)
        node = node.operand
    if not isinstance(node, Ident):
        return None
    fields.append(node.name)
    fields.reverse()
    return ".".join(fields)


def balanced(function: str, terms: list[Node], positions: list[int], low: int, high: int) -> Node:
    """A balanced tree of a chain of one logical operator, as cel-go's exprBalancer builds it."""
    middle = (low + high + 1) // 2
    left = terms[middle] if middle == low else balanced(function, terms, positions, low, middle - 1)
    if middle == high:
        right = terms[middle + 1]
    else:
        right = balanced(function, terms, positions, middle + 1, high)
    return Call(positions[middle], function, None, [left, right])


def children(node: Node) -> list[Node]:
    """The direct operands of a node, from left to right."""
    if isinstance(node, Select):
        return [node.operand]
    if isinstance(node, Call):
        return node.args if node.target is None else [node.target, *node.args]
    if isinstance(node, ListExpr):
        return node.elements
    if isinstance(node, MapExpr):
        return [part for entry in node.entries for part in (entry.key, entry.value)]
    if isinstance(node, StructExpr):
        return [entry.value for entry in node.fields]
    if isinstance(node, Comprehension):
        return [node.iter_range, node.accu_init, node.condition, node.step, node.result]
    if isinstance(node, Bind):
        return [node.init, node.result]
    return [node.inner] if isinstance(node, Shared) else []


def walk(root: Node) -> Iterator[Node]:
    """All nodes from the top, from left to right; what macros share comes once."""
    pending: list[Node] = [root]
    seen: set[Node] = set()
    while pending:
        node = pending.pop()
        if isinstance(node, Shared):
            if node in seen:
                continue
            seen.add(node)
        yield node
        pending.extend(reversed(children(node)))
