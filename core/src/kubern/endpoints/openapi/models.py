"""Schemas of kinds that bring theirs inline (custom resources, plugins' models), made fit to be published.

Upstream: apiextensions' controller/openapi/builder. Next: `schemas.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition

Object = dict[str, Any]
_META: Final = "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1."
_CONVENTIONS: Final = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"
_API_VERSION: Final = {
    "type": "string",
    "description": "APIVersion defines the versioned schema of this representation of an object. Servers should "
    "convert recognized schemas to the latest internal value, and may reject unrecognized values. "
    f"More info: {_CONVENTIONS}#resources",
}
_KIND: Final = {
    "type": "string",
    "description": "Kind is a string value representing the REST resource this object represents. Servers may infer "
    "this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. "
    f"More info: {_CONVENTIONS}#types-kinds",
}
_EMBEDDED_API_VERSION: Final = {
    "type": "string",
    "description": "apiVersion defines the versioned schema of this representation of an object. "
    f"More info: {_CONVENTIONS}#resources",
}
_EMBEDDED_KIND: Final = {
    "type": "string",
    "description": "kind is a string value representing the type of this object. In CamelCase. "
    f"More info: {_CONVENTIONS}#types-kinds",
}
_METADATA_TEXT: Final = f"Standard object's metadata. More info: {_CONVENTIONS}#metadata"
_NESTED_MAPS: Final = ("properties", "patternProperties", "definitions")
_NESTED_LISTS: Final = ("allOf", "anyOf", "oneOf")


def published_kind(raw: Mapping[str, Any], definition: ResourceDefinition, version: str) -> Object:
    """The definition of the kind itself."""
    out = published(raw)
    own = out.get("properties", {})
    out["type"] = "object"
    out["properties"] = {**own, "apiVersion": _API_VERSION, "kind": _KIND, "metadata": _metadata("ObjectMeta")}
    return {**out, **_identity(definition, version, definition.kind)}


def published_list(model: str, definition: ResourceDefinition, version: str) -> Object:
    """The definition of the kind's list."""
    kind = definition.list_kind or definition.kind + "List"
    items = {
        "type": "array",
        "description": f"List of {definition.resource}. More info: {_CONVENTIONS}",
        "items": {"$ref": "#/components/schemas/" + model},
    }
    return {
        "type": "object",
        "description": f"{kind} is a list of {definition.kind}",
        "required": ["items"],
        "properties": {"apiVersion": _API_VERSION, "kind": _KIND, "metadata": _metadata("ListMeta"), "items": items},
        **_identity(definition, version, kind),
    }


def _identity(definition: ResourceDefinition, version: str, kind: str) -> Object:
    out: Object = {"x-kubernetes-group-version-kind": [{"group": definition.group, "kind": kind, "version": version}]}
    found = definition.version(version)
    if found is not None and found.selectable_fields:
        out["x-kubernetes-selectable-fields"] = [{"fieldPath": field} for field in found.selectable_fields]
    return out


def _metadata(kind: str) -> Object:
    text = _METADATA_TEXT
    if kind == "ListMeta":
        text = f"Standard list metadata. More info: {_CONVENTIONS}#types-kinds"
    return {"description": text, "allOf": [{"$ref": _META + kind}]}


def published(raw: Mapping[str, Any]) -> Object:
    """A schema as clients get it: int-or-string spelt out, embedded objects with their own metadata."""
    out = dict(raw)
    for key in _NESTED_MAPS:
        if key in out:
            out[key] = {name: published(schema) for name, schema in out[key].items()}
    for key in _NESTED_LISTS:
        if key in out:
            out[key] = [published(schema) for schema in out[key]]
    for key in ("items", "additionalProperties", "not"):
        if isinstance(out.get(key), Mapping):
            out[key] = published(out[key])
    if out.get("x-kubernetes-int-or-string") and "anyOf" not in out and "allOf" not in out:
        out["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    if out.get("x-kubernetes-embedded-resource"):
        own = {"apiVersion": _EMBEDDED_API_VERSION, "kind": _EMBEDDED_KIND, "metadata": _metadata("ObjectMeta")}
        out["properties"] = {**out.get("properties", {}), **own}
        required = [name for name in out.get("required", ()) if name not in ("kind", "apiVersion")]
        out["required"] = [*required, "kind", "apiVersion"]
    return out
