"""How deep cel-go's tree visitor nests, which has a limit of its own beside the parser's.

Next: `env.py`.
"""

from __future__ import annotations

from kubern.cel.ast import Call, Comprehension, Node, Select, Shared, children

_UNCOUNTED = frozenset({"_&&_", "_||_", "!_", "-_"})


def visitor_depth(root: Node) -> int:
    """The deepest nesting of ternaries, relations, arithmetic, selections, member calls and indices."""
    deepest = 0
    pending: list[tuple[Node, int]] = [(root, 0)]
    shared: set[Node] = set()
    while pending:
        node, depth = pending.pop()
        if isinstance(node, Shared):
            if node in shared:
                continue
            shared.add(node)
        if _counts(node):
            depth += 1
        deepest = max(deepest, depth)
        below = children(node)
        if isinstance(node, Comprehension):
            # What the user wrote, not what the macro made of it.
            below = [node.iter_range, *(part for part in node.parts if part is not None)]
        pending.extend((child, depth) for child in below)
    return deepest


def _counts(node: Node) -> bool:
    if isinstance(node, Call):
        operator = not node.function[0].isalpha() and node.function not in _UNCOUNTED
        return operator or node.target is not None
    return isinstance(node, (Select, Comprehension))
