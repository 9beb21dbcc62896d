"""Reading field sets that clients wrote: checked, and in canonical form.

Sets from the store are canonical already and are used as they are. Upstream: fieldpath/serialize.go.
"""

from __future__ import annotations

from typing import Any

import orjson

from kubern.apimachinery.managedfields.elements import UnknownElement, canonical
from kubern.apimachinery.managedfields.fieldset import LEAF, SELF, FieldSet, ordered, union


def decode(raw: Any) -> FieldSet:
    """The set that `raw` (a FieldsV1 value) stands for; elements of unknown kinds are dropped.

    Raises ValueError when it is no set.
    """
    node, _ = _read(raw)
    return ordered(node) if node else {}


def _read(raw: Any) -> tuple[FieldSet | None, bool]:
    """The children of a node (None for none), and whether the node is a member."""
    if raw is None:
        return None, True
    if not isinstance(raw, dict):
        raise ValueError(f"expected an object, got {orjson.dumps(raw).decode()}")
    children: FieldSet = {}
    member = False
    for name, below in raw.items():
        if name == SELF:
            member = True
            continue
        try:
            element = canonical(name)
        except UnknownElement:
            continue
        except orjson.JSONDecodeError as error:
            raise ValueError(f"parsing key as path element: {error}") from None
        grandchildren, is_member = _read(below)
        if grandchildren is None:
            node = LEAF
        else:
            node = {SELF: LEAF, **grandchildren} if is_member else grandchildren
        children[element] = union({"n": node}, {"n": children[element]})["n"] if element in children else node
    return (children, member) if children else (None, True)
