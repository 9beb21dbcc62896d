"""The Namespace kind, which core itself serves when no member claims the core group.

Next: `registry/store.py`, which applies the strategies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.printing import age
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    Object,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.builtin.namespace_store import NamespaceStore
from kubern.registry.strategy import Strategy

if TYPE_CHECKING:
    from kubern.apimachinery.schema.model import Schema


class NamespaceStrategy(Strategy):
    """Rules of namespaces themselves."""


class NamespaceStatusStrategy(NamespaceStrategy):
    """Rules of the status subresource."""


class NamespaceFinalizeStrategy(NamespaceStrategy):
    """Rules of the finalize subresource: nothing but spec.finalizers changes."""


_COLUMNS = (NAME_COLUMN, Column("Status", description="The status of the namespace"), AGE_COLUMN)


def _cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], obj.get("status", {}).get("phase", ""), age(obj)]


def namespace_resource(schema: Callable[[], Schema] | None) -> ResourceDefinition:
    """The declaration, with the schema that the serving member has for the kind."""
    return ResourceDefinition(
        group="",
        resource="namespaces",
        kind="Namespace",
        versions=(VersionDefinition("v1", schema=schema, columns=_COLUMNS, cells=_cells),),
        strategy=NamespaceStrategy(),
        namespaced=False,
        singular="namespace",
        short_names=("ns",),
        verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
        subresources=(
            Subresource("finalize", verbs=("update",), strategy=NamespaceFinalizeStrategy()),
            Subresource("status", strategy=NamespaceStatusStrategy()),
        ),
        store=NamespaceStore,
        return_deleted_object=True,
    )
