"""The stored form of objects: canonical JSON that the watch cache can splice without decoding.

`{"kind":K,"apiVersion":AV,"metadata":{...},...}` with metadata first among the rest and no resourceVersion in
it; the store's revision is the resourceVersion. A real kube-apiserver can read it.
"""

from __future__ import annotations

from typing import Any

import orjson

Object = dict[str, Any]


def encode_stored(obj: Object) -> bytes:
    """The bytes to store of an object with apiVersion, kind and metadata. `obj` is not changed."""
    meta = obj["metadata"]
    if "resourceVersion" in meta:
        meta = {k: v for k, v in meta.items() if k != "resourceVersion"}
    ordered: Object = {"kind": obj["kind"], "apiVersion": obj["apiVersion"], "metadata": meta}
    for key, value in obj.items():
        if key not in ordered:
            ordered[key] = value
    return orjson.dumps(ordered)
