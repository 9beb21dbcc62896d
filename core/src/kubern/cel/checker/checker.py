"""The type checker: gives every node its type and every call its overloads (cel-go's checker/checker.go).

It visits nodes, reports and goes on exactly in cel-go's order, so that an expression with several faults gets
the same list of errors.
Next: `resolution.py` (overloads of a call), `typing_rules.py` (assignability), `validators.py`.
"""

from __future__ import annotations

from collections.abc import Callable
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
from kubern.cel.checker.resolution import resolve
from kubern.cel.checker.typing_rules import Mapping, assignable, most_general, substitute
from kubern.cel.errors import MAX_REPORTED, Issue
from kubern.cel.runtime.values import type_of
from kubern.cel.source import Source
from kubern.cel.types import (
    BOOL,
    DYN,
    ERROR,
    INT,
    Kind,
    Type,
    format_type,
    list_of,
    map_of,
    optional_of,
    type_of_type,
    type_param,
    unwrap_optional,
)

if TYPE_CHECKING:
    from kubern.cel.env import Env

_DYNAMIC = frozenset({Kind.DYN, Kind.ANY, Kind.ERROR})


class Checker:
    """One check of one tree."""

    def __init__(self, env: Env, source: Source) -> None:
        self.env = env
        self.source = source
        self.issues: list[Issue] = []
        self.mapping: Mapping = {}
        self._fresh = 0
        self._locals: dict[str, list[Type]] = {}
        self._open: list[Node] = []
        self._shared_issues: dict[Shared, list[Issue]] = {}
        self._visit: dict[type[Node], Callable[[Any], None]] = {
            Literal: self._literal,
            Ident: self._ident,
            Select: self._select,
            Call: self._call,
            ListExpr: self._list,
            MapExpr: self._map,
            StructExpr: self._struct,
            Comprehension: self._comprehension,
            Bind: self._bind,
            Shared: self._shared,
        }

    def run(self, root: Node) -> None:
        """Check the whole tree; types left open become dyn."""
        self.check(root)
        for node in self._open:
            node.type = substitute(self.mapping, node.type, free_to_dyn=True)

    def check(self, node: Node) -> None:
        """Set the type of the node and of all below it."""
        self._visit[type(node)](node)

    def report(self, pos: int, message: str) -> None:
        """Note an issue."""
        self.issues.append(Issue(self.source.location(pos), message))

    def fresh(self) -> Type:
        """A new type variable."""
        self._fresh += 1
        return type_param(f"_var{self._fresh}")

    def set_type(self, node: Node, of: Type) -> None:
        """Record the type of a node."""
        node.type = of
        if of.generic:
            self._open.append(node)

    def assignable(self, given: Type, want: Type) -> bool:
        """Whether one type may stand for the other; binds type variables when it may."""
        if given is want and not given.generic:
            return True
        mapping = assignable(self.mapping, given, want)
        if mapping is None:
            return False
        self.mapping = mapping
        return True

    def undeclared(self, pos: int, name: str) -> None:
        """The issue of an unknown name."""
        self.report(pos, f"undeclared reference to '{name}' (in container '')")

    def _literal(self, node: Literal) -> None:
        node.type = type_of(node.value)

    def _lookup(self, name: str) -> tuple[Type, Any] | None:
        """The type of an identifier and, for a type name, its value."""
        local = self._locals.get(name)
        if local:
            return local[-1], None
        name = name.removeprefix(".")
        variable = self.env.variables.get(name)
        if variable is not None:
            return variable.type, None
        named = self.env.named_type(name)
        if named is not None:
            return type_of_type(named), named
        return None

    def _ident(self, node: Ident) -> None:
        found = self._lookup(node.name)
        if found is None:
            self.undeclared(node.pos, node.name)
            node.type = ERROR
            return
        self.set_type(node, found[0])
        node.constant = found[1]
        if node.name.startswith("."):
            node.name = node.name[1:]

    def _select(self, node: Select) -> None:
        name = qualified_name(node) if self.env.may_qualify else None
        if name is not None and self._locals.get(name.partition(".")[0]):
            # A loop variable hides names that start with it.
            name = None
        if name is not None and (found := self._lookup(name)) is not None:
            node.resolved = Ident(node.pos, name.removeprefix("."))
            node.resolved.constant = found[1]
            self.set_type(node.resolved, found[0])
            self.set_type(node, found[0])
            return
        result = self._field_type(node.pos, node.operand, node.field, optional=False)
        if node.test_only:
            result = BOOL
        self.set_type(node, substitute(self.mapping, result))

    def _field_type(self, pos: int, operand: Node, field: str, optional: bool) -> Type:
        self.check(operand)
        target, was_optional = unwrap_optional(substitute(self.mapping, operand.type))
        result = ERROR
        if target.kind is Kind.MAP:
            result = target.params[1] if target.params else DYN
        elif target.kind is Kind.STRUCT:
            declared = target.field(field)
            if declared is None:
                self.report(pos, f"undefined field '{field}'")
            else:
                result = declared
        elif target.kind is Kind.TYPE_PARAM:
            self.assignable(DYN, target)
            result = DYN
        elif target.kind in _DYNAMIC:
            result = DYN
        else:
            self.report(pos, f"type '{format_type(target)}' does not support field selection")
        return optional_of(result) if was_optional or optional else result

    def _call(self, node: Call) -> None:
        if node.function == "_?._":
            field = node.args[1]
            name = field.value if isinstance(field, Literal) else ""
            result = self._field_type(node.pos, node.args[0], name, optional=True)
            self.set_type(node, substitute(self.mapping, result))
            return
        for arg in node.args:
            self.check(arg)
        target = node.target
        if target is None:
            self._global_call(node)
            return
        prefix = qualified_name(target)
        if prefix is not None:
            function = self.env.functions.get(f"{prefix}.{node.function}".removeprefix("."))
            if function is not None:
                node.target = None
                node.function = function.name
                resolve(self, node, function)
                return
        self.check(target)
        function = self.env.functions.get(node.function)
        if function is None:
            self.undeclared(node.pos, node.function)
            node.type = ERROR
            return
        resolve(self, node, function)

    def _global_call(self, node: Call) -> None:
        function = self.env.functions.get(node.function.removeprefix("."))
        if function is None:
            self.undeclared(node.pos, node.function)
            node.type = ERROR
            return
        node.function = function.name
        resolve(self, node, function)

    def _list(self, node: ListExpr) -> None:
        element: Type | None = None
        for index, item in enumerate(node.elements):
            self.check(item)
            given = item.type
            if index in node.optionals:
                given = self._unwrapped(item)
            element = self._join(item.pos, element, given)
        self.set_type(node, list_of(element or self.fresh()))

    def _unwrapped(self, item: Node) -> Type:
        """The type inside an optional entry; an issue when it is no optional."""
        inner, optional = unwrap_optional(item.type)
        if not optional:
            self._mismatch(item.pos, optional_of(item.type), item.type)
        return inner

    def _map(self, node: MapExpr) -> None:
        key: Type | None = None
        value: Type | None = None
        for entry in node.entries:
            self.check(entry.key)
            key = self._join(entry.key.pos, key, entry.key.type)
            self.check(entry.value)
            given = self._unwrapped(entry.value) if entry.optional else entry.value.type
            value = self._join(entry.value.pos, value, given)
        if key is None or value is None:
            key, value = self.fresh(), self.fresh()
        self.set_type(node, map_of(key, value))

    def _join(self, pos: int, previous: Type | None, current: Type) -> Type:
        if previous is None:
            return current
        if self.assignable(previous, current):
            return most_general(previous, current)
        if not self.env.homogeneous:
            return DYN
        self._mismatch(pos, previous, current)
        return ERROR

    def _mismatch(self, pos: int, expected: Type, found: Type) -> None:
        self.report(pos, f"expected type '{format_type(expected)}' but found '{format_type(found)}'")

    def _struct(self, node: StructExpr) -> None:
        struct = self._message_type(node)
        node.struct = struct
        node.type = struct
        for entry in node.fields:
            self.check(entry.value)
            field = ERROR
            if struct.kind is Kind.STRUCT:
                declared = struct.field(entry.name)
                if declared is None:
                    self.report(entry.pos, f"undefined field '{entry.name}'")
                else:
                    field = declared
            given = self._unwrapped(entry.value) if entry.optional else entry.value.type
            if not self.assignable(field, given):
                wanted, provided = format_type(field), format_type(given)
                self.report(
                    entry.pos,
                    f"expected type of field '{entry.name}' is '{wanted}' but provided type is '{provided}'",
                )

    def _message_type(self, node: StructExpr) -> Type:
        found = self._lookup(node.name)
        if found is None:
            self.undeclared(node.pos, node.name)
            return ERROR
        node.name = node.name.removeprefix(".")
        of, named = found
        if of.kind is not Kind.TYPE:
            self.report(node.pos, f"'{format_type(of)}' is not a type")
            return ERROR
        if not isinstance(named, Type) or named.kind is not Kind.STRUCT:
            inner = format_type(named) if isinstance(named, Type) else format_type(of)
            self.report(node.pos, f"'{inner}' is not a message type")
            return ERROR
        return named

    def _comprehension(self, node: Comprehension) -> None:
        self.check(node.iter_range)
        self.check(node.accu_init)
        accu = node.accu_init.type
        ranged = substitute(self.mapping, node.iter_range.type)
        first, second = self._range_types(node.iter_range, ranged)
        self._enter("@result", accu)
        if node.iter_var2 is None:
            self._enter(node.iter_var, second if ranged.kind is Kind.LIST else first)
        else:
            self._enter(node.iter_var, first)
            self._enter(node.iter_var2, second)
        self.check(node.condition)
        self._assert(node.condition, BOOL)
        self.check(node.step)
        self._assert(node.step, accu)
        self._leave(node.iter_var)
        if node.iter_var2 is not None:
            self._leave(node.iter_var2)
        self.check(node.result)
        self._leave("@result")
        self.set_type(node, substitute(self.mapping, node.result.type))

    def _range_types(self, node: Node, ranged: Type) -> tuple[Type, Type]:
        """The types of index and item, or of key and value."""
        if ranged.kind is Kind.LIST:
            return INT, ranged.params[0]
        if ranged.kind is Kind.MAP:
            return ranged.params[0], ranged.params[1]
        if ranged.kind in _DYNAMIC or ranged.kind is Kind.TYPE_PARAM:
            self.assignable(DYN, ranged)
            return DYN, DYN
        self.report(
            node.pos,
            f"expression of type '{format_type(ranged)}' cannot be range of a comprehension "
            "(must be list, map, or dynamic)",
        )
        return ERROR, ERROR

    def _bind(self, node: Bind) -> None:
        self.check(node.init)
        self._enter(node.name, node.init.type)
        self.check(node.result)
        self._leave(node.name)
        self.set_type(node, substitute(self.mapping, node.result.type))

    def _shared(self, node: Shared) -> None:
        known = self._shared_issues.get(node)
        if known is not None:
            # cel-go checks a copy and finds the same again.
            self.issues.extend(known)
            return
        before = len(self.issues)
        self.check(node.inner)
        self.set_type(node, node.inner.type)
        self._shared_issues[node] = self.issues[before : before + MAX_REPORTED]

    def _enter(self, name: str, of: Type) -> None:
        self._locals.setdefault(name, []).append(of)

    def _leave(self, name: str) -> None:
        self._locals[name].pop()

    def _assert(self, node: Node, want: Type) -> None:
        if not self.assignable(want, node.type):
            self._mismatch(node.pos, want, node.type)
