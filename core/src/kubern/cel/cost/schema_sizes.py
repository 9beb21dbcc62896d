"""Sizes of inputs from their declared types (the size estimator of apiextensions' schema/cel).

Next: `estimator.py` asks it, `../schema.py` has the types.
"""

from __future__ import annotations

from kubern.cel.cost.estimate import Range
from kubern.cel.cost.estimator import SizedNode
from kubern.cel.schema import DeclType


class SchemaSizes:
    """Follows a node's path from a root type; the variable's own name does not matter."""

    __slots__ = ("root",)

    def __init__(self, root: DeclType) -> None:
        self.root = root

    def estimate_size(self, node: SizedNode) -> Range | None:
        """From nothing to the most elements of the declared type at the node's path."""
        if not node.path:
            return None
        current: DeclType | None = self.root
        for step in node.path[1:]:
            if current is None:
                return None
            current = _step(current, step)
        return None if current is None else Range(0, current.max_elements or 0)


def _step(current: DeclType, step: str) -> DeclType | None:
    if step in ("@items", "@values"):
        return current.element
    if step == "@keys":
        return current.key
    field = current.fields.get(step)
    return None if field is None else field.type
