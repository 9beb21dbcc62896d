"""Tables: the columns and cells that `kubectl get` prints (upstream: printers/internalversion, tableconvertor).

Columns and cell functions come with the resource's VersionDefinition; without cells a row is name and time of
creation, as upstream's default converter has it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import bad_request
from kubern.registry.before import parse_time
from kubern.util.goquote import go_quote
from kubern.util.human_duration import human_duration

if TYPE_CHECKING:
    from kubern.apimachinery.resource import Column
    from kubern.endpoints.negotiation import MediaType
    from kubern.endpoints.scope import RequestScope
    from kubern.request import RequestContext

Object = dict[str, Any]
_INCLUDE = ("", "Metadata", "Object", "None")


def age(timestamp: str | None) -> str:
    """How long ago an RFC 3339 time was, as kubectl prints it; <unknown> without one."""
    if not timestamp:
        return "<unknown>"
    return human_duration(time.time() - parse_time(timestamp).timestamp())


def _default_cells(obj: Object) -> list[Any]:
    meta = obj.get("metadata", {})
    return [meta.get("name", ""), meta.get("creationTimestamp")]


def include_object(ctx: RequestContext) -> str:
    """What of the object each row carries. Raises StatusError 400."""
    value = ctx.query_first("includeObject")
    if value not in _INCLUDE:
        raise bad_request(
            f"Unable to convert to Table as requested: includeObject: Invalid value: {go_quote(value)}: must be "
            "'Metadata', 'Object', 'None', or empty"
        )
    return value or "Metadata"


def column_definition(column: Column) -> Object:
    return {
        "name": column.name,
        "type": column.type,
        "format": column.format,
        "description": column.description,
        "priority": column.priority,
    }


def table_rows(scope: RequestScope, objects: list[Object], include: str, group_version: str) -> list[Object]:
    """One row per object of the endpoint's version."""
    return [table_row(scope, obj, include, group_version) for obj in objects]


def table_row(scope: RequestScope, obj: Object, include: str, group_version: str) -> Object:
    """The row of one object of the endpoint's version."""
    row: Object = {"cells": (scope.cells or _default_cells)(obj)}
    conditions = scope.version.row_conditions(obj) if scope.version.row_conditions is not None else None
    if conditions:
        row["conditions"] = conditions
    if include == "Metadata":
        row["object"] = {
            "kind": "PartialObjectMetadata",
            "apiVersion": group_version,
            "metadata": obj.get("metadata", {}),
        }
    elif include == "Object":
        row["object"] = obj
    else:
        row["object"] = None
    return row


def table_of(
    scope: RequestScope, ctx: RequestContext, objects: list[Object], media: MediaType, metadata: Object
) -> Object:
    """A Table of objects in the endpoint's version. Raises StatusError 400."""
    include = include_object(ctx)
    if scope.version.row_order is not None:
        objects = sorted(objects, key=scope.version.row_order)
    rows: list[Object] | None = table_rows(scope, objects, include, media.group_version)
    if not rows and scope.cells is None:
        rows = None  # as upstream's default converter leaves it
    return {
        "kind": "Table",
        "apiVersion": media.group_version,
        "metadata": metadata,
        "columnDefinitions": [column_definition(c) for c in scope.columns],
        "rows": rows,
    }
