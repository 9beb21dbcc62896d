"""Declared types: what a schema says about a value, for the checker, the views and the cost estimate
(DeclType of apiserver's cel/types.go).

Next: `openapi.py` builds them from schemas, `cost/schema_sizes.py` reads their sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from kubern.cel import types
from kubern.cel.runtime.views import KeyedListView, ListView, MapView, ObjectView, SetView, ViewFields, Wrap
from kubern.cel.types import Kind, StructType, Type

# Sizes of serialized values (cel/limits.go), in bytes.
MAX_REQUEST_SIZE_BYTES = 3 * 1024 * 1024
MIN_SIZES = {
    Kind.BOOL: 4,
    Kind.INT: 1,
    Kind.DOUBLE: 1,
    Kind.STRING: 2,
    Kind.BYTES: 2,
    Kind.DURATION: 2,
    Kind.TIMESTAMP: 10,
    Kind.LIST: 2,
    Kind.MAP: 2,
    Kind.DYN: 1,
}


class DeclType:
    """A declared type.

    `max_elements` bounds length or count (None: unknown), `min_size` the serialized form in bytes.
    `wrap` turns a plain value into a CEL value, None where it is one already.
    """

    __slots__ = ("cel_type", "element", "fields", "key", "max_elements", "min_size", "wrap")

    def __init__(
        self,
        cel_type: Type,
        *,
        wrap: Wrap | None = None,
        max_elements: int | None = None,
        min_size: int | None = None,
        element: DeclType | None = None,
        key: DeclType | None = None,
        fields: Mapping[str, DeclField] | None = None,
    ) -> None:
        self.cel_type = cel_type
        self.wrap = wrap
        self.max_elements = max_elements
        self.min_size = MIN_SIZES.get(cel_type.kind, 0) if min_size is None else min_size
        self.element = element
        self.key = key
        self.fields: Mapping[str, DeclField] = fields or {}

    def value(self, raw: Any) -> Any:
        """The CEL value of a plain value."""
        return raw if self.wrap is None or raw is None else self.wrap(raw)


@dataclass(frozen=True, slots=True)
class DeclField:
    """A declared field: its key in the object, its type, and whether the object must have it."""

    key: str
    type: DeclType
    required: bool = False
    # The enum values, which bound the length of a string.
    enum: tuple[Any, ...] = ()


DYN_DECL = DeclType(types.DYN)


def list_decl(
    element: DeclType,
    max_elements: int | None = None,
    list_type: str = "atomic",
    map_keys: tuple[str, ...] = (),
) -> DeclType:
    """A list of the element type with the semantics of its x-kubernetes-list-type."""
    wrap: Wrap | None
    if list_type == "set":
        wrap = partial(SetView, wrap=element.wrap)
    elif list_type == "map" and map_keys:
        wrap = partial(KeyedListView, wrap=element.wrap, keys=map_keys)
    else:
        wrap = partial(ListView, wrap=element.wrap) if element.wrap is not None else None
    return DeclType(types.list_of(element.cel_type), wrap=wrap, max_elements=max_elements, min_size=2, element=element)


def map_decl(element: DeclType, max_elements: int | None = None) -> DeclType:
    """A map from strings to the element type."""
    wrap = partial(MapView, wrap=element.wrap) if element.wrap is not None else None
    return DeclType(
        types.map_of(types.STRING, element.cel_type),
        wrap=wrap,
        max_elements=max_elements,
        min_size=2,
        element=element,
        key=STRING_KEY,
    )


STRING_KEY = DeclType(types.STRING)


def object_decl(
    name: str, fields: Mapping[str, DeclField], *, min_size: int = 2, max_elements: int | None = None
) -> DeclType:
    """An object type of that name; the fields are named as expressions name them."""
    struct = StructType(name, {field: decl.type.cel_type for field, decl in fields.items()})
    plain = all(field == decl.key and decl.type.wrap is None for field, decl in fields.items())
    wrap: Callable[[Any], Any] | None = None
    if not plain:
        view: ViewFields = {field: (decl.key, decl.type.wrap) for field, decl in fields.items()}
        wrap = partial(ObjectView, fields=view, cel_type=struct)
    return DeclType(struct, wrap=wrap, min_size=min_size, max_elements=max_elements, fields=fields)


def simple_decl(
    cel_type: Type, wrap: Wrap | None = None, max_elements: int | None = None, min_size: int | None = None
) -> DeclType:
    """A scalar or opaque type."""
    return DeclType(cel_type, wrap=wrap, max_elements=max_elements, min_size=min_size)
