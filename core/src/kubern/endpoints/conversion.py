"""`as=` representations of one object: PartialObjectMetadata and Table; lists are in `verbs/list.py`.

Upstream: endpoints/handlers/response.go (transformObject).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import StatusError
from kubern.endpoints.table import table_of

if TYPE_CHECKING:
    from kubern.endpoints.negotiation import MediaType
    from kubern.endpoints.scope import RequestScope
    from kubern.request import RequestContext

Object = dict[str, Any]


def partial_metadata(obj: Object, group_version: str) -> Object:
    """The object's metadata alone."""
    return {"kind": "PartialObjectMetadata", "apiVersion": group_version, "metadata": obj.get("metadata", {})}


def go_type_name(scope: RequestScope, is_list: bool) -> str:
    """The Go type that upstream's messages name for this endpoint's objects."""
    if scope.definition.typed_items:
        return "*unstructured.UnstructuredList" if is_list else "*unstructured.Unstructured"
    group = scope.definition.group.split(".", 1)[0] or "core"
    return f"*{group}.{scope.list_kind if is_list else scope.kind}"


def convert_object(scope: RequestScope, ctx: RequestContext, obj: Object, media: MediaType) -> Object:
    """A single object as asked for with `as=`. Raises StatusError 400, 406."""
    if media.convert == "Table":
        return table_of(scope, ctx, [obj], media, {"resourceVersion": obj["metadata"].get("resourceVersion", "")})
    if media.convert == "PartialObjectMetadata":
        return partial_metadata(obj, media.group_version)
    raise StatusError(
        406,
        "NotAcceptable",
        "you requested PartialObjectMetadataList, but the requested object is not a list "
        f"({go_type_name(scope, False)})",
    )
