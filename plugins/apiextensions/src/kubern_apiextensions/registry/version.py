"""One version of a custom resource, compiled piece by piece when a request first needs it.

What is kept for a version that nobody uses is its name and a function that reads its declaration again; walkers,
checks, rules and columns are made on demand and can be forgotten. Next: `validation.py`, `codec.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from kubern_apiextensions.schema.listtypes import has_list_types
from kubern_apiextensions.schema.objectmeta import (
    MalformedField,
    decode_object_meta,
    has_embedded_resources,
    lenient_object_meta,
)
from kubern_apiextensions.schema.rules import RuleNode, compile_rules
from kubern_apiextensions.schema.validation.checks import Check, compile_check
from kubern_apiextensions.schema.walker import Walk, WalkOptions, compile_walker

if TYPE_CHECKING:
    from kubern.apimachinery.resource import Column
    from kubern.apimachinery.schema.model import Schema

Object = dict[str, Any]
_NO_SCHEMA: Final[Object] = {}


def _must_be_string(value: Any) -> bool:
    if not isinstance(value, str):
        raise MalformedField("must be a string")
    return True


@dataclasses.dataclass(slots=True)
class _Compiled:
    """What has been made of a version so far."""

    declaration: Object
    write_walk: Walk | None = None
    read_walk: Walk | None = None
    convert_walk: Walk | None = None
    check: Check | None = None
    checked: bool = False
    rules: RuleNode | None = None
    ruled: bool = False
    list_types: bool | None = None
    embedded: bool | None = None
    columns: tuple[tuple[Column, ...], Callable[[Object], list[Any]]] | None = None
    node: Schema | None = None


class CustomResourceVersion:
    """The schema of one version at work.

    `load` reads the version's declaration from the stored definition; the result is owned by the caller.
    `preserve_unknown_fields` is the definition's old switch that turns pruning off. `shape` is the same for versions
    that have the same schema.
    """

    __slots__ = (
        "_compiled",
        "_load",
        "_used",
        "api_version",
        "group",
        "kind",
        "name",
        "preserve_unknown_fields",
        "shape",
    )

    def __init__(
        self,
        group: str,
        kind: str,
        name: str,
        load: Callable[[], Object],
        *,
        preserve_unknown_fields: bool = False,
        shape: bytes = b"",
    ) -> None:
        self.group = group
        self.kind = kind
        self.name = name
        self.api_version = f"{group}/{name}"
        self.preserve_unknown_fields = preserve_unknown_fields
        self.shape = shape
        self._load = load
        self._compiled: _Compiled | None = None
        self._used = False

    def forget_unused(self) -> None:
        """Drop everything compiled unless it was needed since the last call; it comes back with the next request."""
        if not self._used:
            self._compiled = None
        self._used = False

    @property
    def _parts(self) -> _Compiled:
        parts = self._compiled
        if parts is None:
            parts = self._compiled = _Compiled(self._load())
        self._used = True
        return parts

    @property
    def declaration(self) -> Object:
        """The version's entry in spec.versions; not to be changed."""
        return self._parts.declaration

    @property
    def schema(self) -> Object:
        """The OpenAPI v3 schema, {} for none; not to be changed."""
        holder = self.declaration.get("schema") or {}
        return holder.get("openAPIV3Schema") or _NO_SCHEMA

    def schema_node(self) -> Schema:
        """The schema as server-side apply and OpenAPI see it."""
        from kubern.apimachinery.schema.model import Schema

        parts = self._parts
        if parts.node is None:
            parts.node = Schema(self.schema)
        return parts.node

    @property
    def write_walk(self) -> Walk:
        """Prunes, defaults and coerces an object that a client sent. Raises MalformedField."""
        parts = self._parts
        if parts.write_walk is None:
            parts.write_walk = self._walk(
                WalkOptions(
                    prune=not self.preserve_unknown_fields,
                    drop_nulls=not self.preserve_unknown_fields,
                    coerce_meta=decode_object_meta,
                    check_type_meta=_must_be_string,
                )
            )
        return parts.write_walk

    @property
    def read_walk(self) -> Walk:
        """The same for an object from the storage: what is malformed is dropped."""
        parts = self._parts
        if parts.read_walk is None:
            parts.read_walk = self._walk(
                WalkOptions(
                    prune=not self.preserve_unknown_fields,
                    drop_nulls=not self.preserve_unknown_fields,
                    coerce_meta=lenient_object_meta,
                    check_type_meta=lambda value: isinstance(value, str),
                )
            )
        return parts.read_walk

    @property
    def convert_walk(self) -> Walk:
        """Prunes and coerces the outcome of a conversion. Raises MalformedField."""
        parts = self._parts
        if parts.convert_walk is None:
            parts.convert_walk = self._walk(
                WalkOptions(
                    prune=not self.preserve_unknown_fields,
                    drop_nulls=not self.preserve_unknown_fields,
                    defaults=False,
                    coerce_meta=decode_object_meta,
                    check_type_meta=_must_be_string,
                )
            )
        return parts.convert_walk

    def complete_stored(self, obj: Object) -> None:
        """Make an object from the storage, in this version, what readers get: pruned, defaulted, well-formed."""
        meta = obj["metadata"] = lenient_object_meta(obj["metadata"])[0]
        if not meta.get("generation"):
            meta["generation"] = 1
        self.read_walk(obj)

    def _walk(self, options: WalkOptions) -> Walk:
        return compile_walker(self.schema, options, root=True)

    @property
    def check(self) -> Check | None:
        """Whether a value is valid; None when every value is."""
        parts = self._parts
        if not parts.checked:
            parts.check, parts.checked = compile_check(self.schema), True
        return parts.check

    @property
    def rules(self) -> RuleNode | None:
        """x-kubernetes-validations, None when there are none."""
        parts = self._parts
        if not parts.ruled:
            parts.rules, parts.ruled = compile_rules(self.schema, resource_root=True), True
        return parts.rules

    @property
    def has_list_types(self) -> bool:
        parts = self._parts
        if parts.list_types is None:
            parts.list_types = has_list_types(self.schema)
        return parts.list_types

    @property
    def has_embedded_resources(self) -> bool:
        parts = self._parts
        if parts.embedded is None:
            parts.embedded = has_embedded_resources(self.schema)
        return parts.embedded

    @property
    def columns(self) -> tuple[Column, ...]:
        return self._columns()[0]

    def cells(self, obj: Object) -> list[Any]:
        """The cells of an object's row in a Table."""
        return self._columns()[1](obj)

    def _columns(self) -> tuple[tuple[Column, ...], Callable[[Object], list[Any]]]:
        from kubern_apiextensions.registry.columns import compile_columns

        parts = self._parts
        if parts.columns is None:
            parts.columns = compile_columns(self.declaration.get("additionalPrinterColumns") or [])
        return parts.columns
