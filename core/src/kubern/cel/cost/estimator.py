"""The walk over a checked tree that estimates its cost (cel-go's checker/cost.go).

Sizes come from literals, from what calls say of their results, and from a `SizeEstimator` for paths into
declared variables.
Next: `calls.py` prices functions, `schema_sizes.py` reads sizes from declared types.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kubern.cel.ast import (
    ACCUMULATOR,
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
)
from kubern.cel.cost.calls import estimate_call
from kubern.cel.cost.estimate import MAX, ONE, UNKNOWN, ZERO, Range, fixed
from kubern.cel.cost.sizes import LIST_CREATE, MAP_CREATE, STRUCT_CREATE
from kubern.cel.types import Kind, Type, is_optional

if TYPE_CHECKING:
    from kubern.cel.program import Program

Path = tuple[str, ...]
_SELECTABLE = frozenset({Kind.MAP, Kind.STRUCT, Kind.TYPE_PARAM})
_SCALARS = frozenset({Kind.BOOL, Kind.DOUBLE, Kind.DURATION, Kind.INT, Kind.TIMESTAMP, Kind.UINT})


@dataclass(frozen=True, slots=True)
class SizedNode:
    """A node as pricing functions see it: where it comes from, its type, its size if known."""

    path: Path | None
    type: Type
    size: Range | None
    node: Node | None = None


class SizeEstimator(Protocol):
    """Knows the sizes of declared inputs."""

    def estimate_size(self, node: SizedNode) -> Range | None:
        """The size of the value at the node's path or of its type; None when unknown."""


@dataclass(frozen=True, slots=True)
class EntrySize:
    """The sizes of a container's keys (or indices) and values."""

    kind: Kind
    key: Range
    value: Range

    def union(self, other: EntrySize | None) -> EntrySize | None:
        """The sizes of the entries of both."""
        if other is None:
            return None
        return EntrySize(self.kind, self.key.union(other.key), self.value.union(other.value))


@dataclass(frozen=True, slots=True)
class _Local:
    path: Path
    size: Range | None
    entries: EntrySize | None = None


def estimate(program: Program, sizes: SizeEstimator | None) -> Range:
    """The cost of a checked program."""
    return Estimator(sizes).cost(program.root)


class Estimator:
    """One estimation."""

    def __init__(self, sizes: SizeEstimator | None) -> None:
        self.sizes = sizes
        self._paths: dict[Node, Path] = {}
        self._sizes: dict[Node, Range] = {}
        self._entries: dict[Node, EntrySize] = {}
        self._costs: dict[Shared, Range] = {}
        self._locals: dict[str, list[_Local]] = {}
        self._by_kind: dict[type[Node], Callable[[Any], Range]] = {
            Literal: lambda _node: ZERO,
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

    def cost(self, node: Node) -> Range:
        """The cost of a node with all below it."""
        return self._by_kind[type(node)](node)

    def sized(self, node: Node) -> SizedNode:
        """The node as pricing functions see it."""
        path: Path | None = self.path(node) or None
        if path is not None and path[0] == ACCUMULATOR:
            path = None
        return SizedNode(path, node.type, self.size(node), node)

    def path(self, node: Node) -> Path:
        """The way from a variable to the node, empty when there is none."""
        if isinstance(node, Ident) and (local := self._local(node.name)) is not None:
            return local.path
        return self._paths.get(node, ())

    def size(self, node: Node) -> Range | None:
        """The size of a node's value, None when nothing is known of it."""
        known = self._sizes.get(node)
        if known is not None:
            return known
        known = _literal_size(node)
        if known is not None:
            return known
        if self.sizes is not None:
            known = self.sizes.estimate_size(SizedNode(self.path(node), node.type, None, node))
            if known is not None:
                self._sizes[node] = known
                return known
        if is_scalar(node.type):
            return ONE
        if isinstance(node, Ident) and (local := self._local(node.name)) is not None:
            return local.size
        return None

    def size_or_unknown(self, node: Node) -> Range:
        """The size of a node's value, or the range of all sizes."""
        return self.size(node) or UNKNOWN

    def entries(self, node: Node) -> EntrySize | None:
        """The sizes of a container's entries."""
        known = self._entries.get(node)
        if known is not None:
            return known
        if isinstance(node, Ident) and (local := self._local(node.name)) is not None:
            return local.entries
        return None

    def set_entries(self, node: Node, entries: EntrySize | None) -> None:
        """Remember the sizes of a container's entries."""
        if entries is not None:
            self._entries[node] = entries

    def _set_size(self, node: Node, size: Range | None) -> None:
        if size is not None:
            self._sizes[node] = size

    def _local(self, name: str) -> _Local | None:
        stack = self._locals.get(name)
        return stack[-1] if stack else None

    def _push(self, name: str, local: _Local) -> None:
        self._locals.setdefault(name, []).append(local)

    def _pop(self, name: str) -> None:
        self._locals[name].pop()

    def _ident(self, node: Ident) -> Range:
        local = self._local(node.name)
        self._paths[node] = (node.name,) if local is None else local.path
        return ONE

    def _select(self, node: Select) -> Range:
        if node.resolved is not None:
            return self._ident(node.resolved)
        cost = self.cost(node.operand)
        if node.test_only:
            # A presence test itself is free (PresenceTestHasCost(false)).
            return cost
        if node.operand.type.kind in _SELECTABLE:
            cost = cost + ONE
        self._paths[node] = (*self.path(node.operand), node.field)
        return cost

    def _call(self, node: Call) -> Range:
        if node.function == "dyn":
            return self._dyn(node)
        arg_costs = [self.cost(arg) for arg in node.args]
        if node.function == "_?._":
            return sum(arg_costs, ONE)
        if not node.overloads:
            return ZERO
        args = [self.sized(arg) for arg in node.args]
        total, target = ZERO, None
        if node.target is not None:
            total = self.cost(node.target)
            target = self.sized(node.target)
        price, size = Range(MAX, 0), None
        for overload in node.overloads:
            call = estimate_call(self, node, overload.id, target, args, arg_costs)
            price = price.union(call.cost)
            if call.size is not None:
                size = call.size if size is None else size.union(call.size)
            if overload.id in ("index_list", "index_map"):
                container = node.args[0]
                entries = self.entries(container)
                size = None if entries is None else entries.value
                step = "@items" if overload.id == "index_list" else "@values"
                self._paths[node] = (*self.path(container), step)
            if size is None:
                size = self.size(node)
        self._set_size(node, size)
        return total + price

    def _dyn(self, node: Call) -> Range:
        argument = node.args[0]
        cost = self.cost(argument)
        self._copy(node, argument)
        return ONE + cost

    def _copy(self, to: Node, source: Node) -> None:
        self._set_size(to, self.size(source))
        self.set_entries(to, self.entries(source))

    def _list(self, node: ListExpr) -> Range:
        cost = ZERO
        item = Range(MAX if node.elements else 0, 0)
        for element in node.elements:
            cost = cost + self.cost(element)
            item = item.union(self.size_or_unknown(element))
        self.set_entries(node, EntrySize(Kind.LIST, ONE, item))
        return cost + fixed(LIST_CREATE)

    def _map(self, node: MapExpr) -> Range:
        cost = ZERO
        key = value = Range(MAX if node.entries else 0, 0)
        for entry in node.entries:
            cost = cost + self.cost(entry.key) + self.cost(entry.value)
            key = key.union(self.size_or_unknown(entry.key))
            value = value.union(self.size_or_unknown(entry.value))
        self.set_entries(node, EntrySize(Kind.MAP, key, value))
        return cost + fixed(MAP_CREATE)

    def _struct(self, node: StructExpr) -> Range:
        cost = ZERO
        for entry in node.fields:
            cost = cost + self.cost(entry.value)
        return cost + fixed(STRUCT_CREATE)

    def _comprehension(self, node: Comprehension) -> Range:
        total = self.cost(node.iter_range) + self.cost(node.accu_init)
        init = node.accu_init
        self._push(ACCUMULATOR, _Local(self.path(init), self.size(init), self.entries(init)))
        self._push_variables(node)
        per_item = self.cost(node.condition) + self.cost(node.step)
        self._pop(node.iter_var)
        if node.iter_var2 is not None:
            self._pop(node.iter_var2)
        total = total + self.cost(node.result)
        self._pop(ACCUMULATOR)
        count = self.size_or_unknown(node.iter_range)
        total = total + count * per_item
        if isinstance(init, Literal):
            self._set_size(node, self.size(init))
        elif isinstance(init, (ListExpr, MapExpr)):
            self._set_size(node, count)
            self.set_entries(node, self.entries(node.step))
        return total

    def _push_variables(self, node: Comprehension) -> None:
        ranged = node.iter_range
        entries = self.entries(ranged)
        kind = ranged.type.kind if entries is None else entries.kind
        path = self.path(ranged)
        is_list = kind is Kind.LIST
        key = _Local((*path, "@indices" if is_list else "@keys"), entries.key if entries else None)
        value = _Local((*path, "@items" if is_list else "@values"), entries.value if entries else None)
        if node.iter_var2 is not None:
            self._push(node.iter_var, key)
            self._push(node.iter_var2, value)
        else:
            self._push(node.iter_var, value if is_list else key)

    def _shared(self, node: Shared) -> Range:
        known = self._costs.get(node)
        if known is None:
            known = self._costs[node] = self.cost(node.inner)
            self._copy(node, node.inner)
            self._paths[node] = self.path(node.inner)
        return known

    def _bind(self, node: Bind) -> Range:
        # A bind is a comprehension over an empty list literal.
        total = fixed(LIST_CREATE) + self.cost(node.init)
        init = node.init
        self._push(node.name, _Local(self.path(init), self.size(init), self.entries(init)))
        total = total + self.cost(node.result)
        self._pop(node.name)
        self._copy(node, node.result)
        return total


def _literal_size(node: Node) -> Range | None:
    if isinstance(node, Literal):
        return fixed(len(node.value)) if isinstance(node.value, (str, bytes)) else ONE
    if isinstance(node, ListExpr):
        return fixed(len(node.elements))
    if isinstance(node, MapExpr):
        return fixed(len(node.entries))
    return None


def is_scalar(of: Type) -> bool:
    """Whether all values of the type have the same size."""
    return of.kind in _SCALARS or (is_optional(of) and is_scalar(of.params[0]))
