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


def decode_stored(value: bytes, mod_rev: int) -> Object:
    """A fresh dict of a stored value, with its resourceVersion set."""
    obj: Object = orjson.loads(value)
    obj["metadata"]["resourceVersion"] = str(mod_rev)
    return obj


_METADATA_OPEN = b'"metadata":{'


def splice_body(value: bytes, mod_rev: int) -> bytes:
    """A stored value as served, from `"metadata"` on, with the resourceVersion as metadata's first member."""
    start = value.index(_METADATA_OPEN) + len(_METADATA_OPEN)
    return b'"metadata":{"resourceVersion":"%d",%b' % (mod_rev, value[start:])
