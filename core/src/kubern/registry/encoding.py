"""The stored form of objects: canonical JSON that the watch cache can splice without decoding.

`{"kind":K,"apiVersion":AV,"metadata":{...},...}` with metadata first among the rest and no resourceVersion in
it; the store's revision is the resourceVersion. A real kube-apiserver can read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition, VersionDefinition
    from kubern.apimachinery.schema.compiled import Walker

Object = dict[str, Any]
_ROOM = 16
"""Levels of nesting kept free of the 254 that orjson writes, for what objects are put into: events, tables, reviews."""


def encode_stored(obj: Object) -> bytes:
    """The bytes to store of an object with apiVersion, kind and metadata. `obj` is not changed.

    Raises TypeError, as orjson does, when it is nested too deeply; `endpoints/director.py` answers it.
    """
    meta = obj["metadata"]
    if "resourceVersion" in meta:
        meta = {k: v for k, v in meta.items() if k != "resourceVersion"}
    ordered: Object = {"kind": obj["kind"], "apiVersion": obj["apiVersion"], "metadata": meta}
    for key, value in obj.items():
        if key not in ordered:
            ordered[key] = value
    roomy: Any = ordered
    for _ in range(_ROOM):
        roomy = [roomy]
    return orjson.dumps(roomy)[_ROOM:-_ROOM]


class WrittenForm:
    """The form that Go's encoder gives objects of a resource: zero values that are written though nobody set them,
    null for lists that are empty but not omitted.
    """

    def __init__(self) -> None:
        self._version: VersionDefinition | None = None
        self._walker: Walker | None = None

    def apply(self, definition: ResourceDefinition, obj: Object) -> None:
        """Bring an object in the storage version to that form, in place; custom resources have no Go type."""
        if definition.typed_items:
            return
        version = definition.version(definition.hub_version)
        if version is not self._version:
            self._version, self._walker = version, _walker(version, definition.kind)
        if self._walker is not None:
            self._walker.encode(obj)


def _walker(version: VersionDefinition | None, kind: str) -> Walker | None:
    from kubern.apimachinery.schema.compiled import compile_walker

    if version is None or version.schema is None:
        return None
    return compile_walker(version.schema(), kind, version.version)
