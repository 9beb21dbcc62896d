"""DeleteOptions sent as a body: decoded with the schema that every server has.

Next: `endpoints/options.py`, which reads the object.
"""

from __future__ import annotations

import functools
from typing import Any

from kubern.apimachinery.codec.typed import TypedCodec
from kubern.apimachinery.schema.files import meta_definitions

Object = dict[str, Any]
_NAME = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"


@functools.cache
def _codec() -> TypedCodec:
    return TypedCodec(meta_definitions().get(_NAME), "", "v1", "DeleteOptions")


def decode_delete_options(body: bytes, media_type: str) -> Object:
    """The DeleteOptions in a body. Raises StatusError 400."""
    return _codec().decode(body, media_type, False).obj
