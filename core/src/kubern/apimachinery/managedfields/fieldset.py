"""Sets of field paths as tries: nested dicts that are FieldsV1 itself, so that encoding a set costs nothing.

    {"f:data": {".": {}, "f:k": {}}}        .data and .data.k
    {"f:spec": {"f:replicas": {}}}          .spec.replicas, but not .spec

A node that is a member without children is `{}`; a member with children has the key `.`; any other node only has
children. The root `{}` is the empty set. Sets are values: no function changes what it is given, results share
nodes with it. Keys are always in the order in which upstream writes them, so no set is sorted to be written: what
makes or adds keys puts them in order (`in_order`), what takes keys away keeps it. Upstream: structured-merge-diff/fieldpath/set.go. Next: `fieldsv1.py` reads what clients send.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kubern.apimachinery.managedfields.elements import Path, sort

FieldSet = dict[str, Any]
SELF = "."
LEAF: FieldSet = {}
"""The node of a member without children. Never changed."""


def of_paths(paths: Iterable[Path]) -> FieldSet:
    """The set of the given paths."""
    out: FieldSet = {}
    for path in paths:
        node = out
        for element in path[:-1]:
            child = node.get(element)
            if child is None:
                child = {}
            elif not child:
                child = {SELF: LEAF}
            node[element] = child
            node = child
        last = node.get(path[-1])
        if last is None:
            node[path[-1]] = LEAF
        elif last:
            last[SELF] = LEAF
    return ordered(out)


def is_member(node: FieldSet) -> bool:
    """Whether the path of a (non-root) node is itself in the set."""
    return not node or SELF in node


def has(fields: FieldSet, path: Path) -> bool:
    """Whether `path` is in the set."""
    node: FieldSet | None = fields
    for element in path:
        if node is None:
            return False
        node = node.get(element)
    return bool(path) and node is not None and is_member(node)


def union(a: FieldSet, b: FieldSet) -> FieldSet:
    """The paths in either set."""
    if not b or a is b:
        return a
    if not a:
        return b
    out = a.copy()
    for element, node in b.items():
        mine = a.get(element)
        if mine is not node:
            out[element] = node if mine is None else _union_nodes(mine, node)
    return out if len(out) == len(a) else in_order(out)


def _union_nodes(a: FieldSet, b: FieldSet) -> FieldSet:
    if a and b:
        return union(a, b)
    other = a or b
    return other if not other or SELF in other else {SELF: LEAF, **other}


def intersection(a: FieldSet, b: FieldSet) -> FieldSet:
    """The paths in both sets."""
    out: FieldSet = {}
    if len(b) < len(a):
        a, b = b, a
    for element, node in a.items():
        other = b.get(element)
        if other is None:
            continue
        common = _common(node, other)
        if common is not None:
            out[element] = common
    return out


def _common(a: FieldSet, b: FieldSet) -> FieldSet | None:
    if a and b:
        return _tidy(intersection(a, b))
    return LEAF if is_member(a) and is_member(b) else None


def _tidy(node: FieldSet) -> FieldSet | None:
    """A node with what was left over: None for nothing, `{}` for the member alone."""
    if len(node) == 1 and SELF in node:
        return LEAF
    return node or None


def difference(a: FieldSet, b: FieldSet) -> FieldSet:
    """The paths in `a` that are not in `b`. A parent in `b` does not remove its children."""
    if not a or not b:
        return a
    out: FieldSet | None = None
    for element, node in b.items():
        mine = a.get(element)
        if mine is None:
            continue
        left = _left(mine, node)
        if left is mine:
            continue
        if out is None:
            out = a.copy()
        if left is None:
            del out[element]
        else:
            out[element] = left
    return a if out is None else out


def _left(a: FieldSet, b: FieldSet) -> FieldSet | None:
    """Node `a` without the paths of node `b`; `a` itself when nothing goes, None when nothing is left."""
    if not a:
        return None if is_member(b) else a
    if not b:
        if SELF not in a:
            return a
        return _tidy({element: node for element, node in a.items() if element != SELF})
    left = difference(a, b)
    return left if left is a else _tidy(left)


def recursive_difference(a: FieldSet, b: FieldSet) -> FieldSet:
    """The paths in `a` that are neither in `b` nor below a path in `b`."""
    if not a or not b:
        return a
    out: FieldSet | None = None
    for element, node in b.items():
        mine = a.get(element)
        if mine is None or element == SELF:
            continue
        left = None if is_member(node) else _left_recursively(mine, node)
        if left is mine:
            continue
        if out is None:
            out = a.copy()
        if left is None:
            del out[element]
        else:
            out[element] = left
    return a if out is None else out


def _left_recursively(a: FieldSet, b: FieldSet) -> FieldSet | None:
    if not a:
        return a
    left = recursive_difference(a, b)
    return left if left is a else _tidy(left)


def leaves(fields: FieldSet) -> FieldSet:
    """The paths that have no paths below them."""
    return {element: leaves(node) if node else LEAF for element, node in fields.items() if element != SELF}


def iterate(fields: FieldSet, prefix: Path = ()) -> Iterator[Path]:
    """All paths in upstream's order: at each level the members, then what is below each child."""
    elements = sort([element for element in fields if element != SELF])
    for element in elements:
        if is_member(fields[element]):
            yield (*prefix, element)
    for element in elements:
        if fields[element]:
            yield from iterate(fields[element], (*prefix, element))


def ordered(fields: FieldSet) -> FieldSet:
    """The same set with its keys in the order in which upstream writes them, at all levels."""
    return in_order({element: ordered(node) if node else LEAF for element, node in fields.items()})


def in_order(node: FieldSet) -> FieldSet:
    """A node with its own keys in that order."""
    if len(node) < 2:
        return node
    elements = list(node)
    out: FieldSet = {}
    if SELF in node:
        out[SELF] = LEAF
        elements.remove(SELF)
    for element in sort(elements):
        out[element] = node[element]
    return out
