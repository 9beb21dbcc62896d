"""What an empty object of a built-in kind looks like on the wire.

A new object's fields are compared with those of the kind's zero value, whose structs are there already: that is why
`f:spec` of a new Deployment carries no `.`, while `f:labels` does. Custom resources start from nothing.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.schema.model import Schema

_SCALARS = ("string", "integer", "number", "boolean")


def zero_object(schema: Schema) -> dict[str, Any]:
    """The members that Go writes for a zero value of the kind: structs, and fields that are never omitted.

    OpenAPI tells them by their defaults: `{}` for a struct that is no pointer, a zero for a scalar that is always
    written; required lists, maps and pointers are null.
    """
    out: dict[str, Any] = {}
    required = schema.required
    for name, raw in schema.raw.get("properties", {}).items():
        default = raw.get("default")
        if default == {}:
            member = schema.member(name)
            out[name] = zero_object(member) if member is not None else {}
        elif default is not None and not default:
            out[name] = default
        elif name in required and raw.get("type") not in _SCALARS:
            out[name] = None
    return out
