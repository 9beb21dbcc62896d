"""Objects for bodies: made from a published schema or taken filled, then spoilt a little.

Next: `bodies.py`, which writes them as bytes.
"""

from __future__ import annotations

import copy
from typing import Any

from .pick import Pick
from .surface import Schemas, Surface

NAMES = ("a", "a", "a", "b", "b", "c0", "default", "kube-system", "system:node", "x" * 63)
WILD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63 - 1, 2**63, -(2**63), 10**30, 1.5, 1e308, -0.0, "", " ", "a", "A", "a" * 300,
    "é", "\u0000", "\U0001f600", "../..", "a/b", "1", "-1", "100%", "101%", "1e9999", "9" * 40, "9" * 5000, "1." + "0" * 5000, "0" * 5000, "2020-01-01T00:00:00Z",
    "0000-00-00T00:00:00Z", "2020-01-01", "10.0.0.1", "::1", "1.2.3.4/33", "null", "true", "{{", "self.x", "[", "(" * 60,
    "1Ki", "1.5Gi", "-1m", "1E9", "Always", "unknown", [], {}, [None], [[]], {"": None}, {"a": {"b": {}}}, [1, "a", {}],
    "key=value,other", "!key", "a in (b,c)", "AA==", "A", "====", "\n", "a" * 70000,
)  # fmt: skip
_TEXTS: dict[str, tuple[Any, ...]] = {
    "date-time": ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00.123456Z", "2020-02-30T00:00:00Z", "yesterday", "", None),
    "byte": ("", "AA==", "aGVsbG8=", "*", "AA"),
    "int-or-string": (0, 1, 80, "http", "50%", "-5%", -1, 1.5),
    "quantity": ("1", "100m", "1Gi", "1e3", "-1", "", "1.", 5, 2.5, "1Zi", "0.0000000001"),
    "name": NAMES,
}
_PLAIN = (
    "a",
    "b",
    "default",
    "Always",
    "TCP",
    "Cluster",
    "kubernetes.io/x",
    "example.com/y",
    "x.y.z",
    "10.0.0.9",
    "1",
    "",
)
_NUMBERS = (0, 1, 2, 3, 10, 80, 443, 65535, 65536, -1, 100, 2**31 - 1, 2**31, 2**63 - 1)


def any_object(pick: Pick, surface: Surface, kind: tuple[str, str] | None, schema: str | None) -> Any:
    """A body for an operation on `kind` whose body has `schema`: most often nearly right."""
    if kind is None or pick.chance(20):
        return pick.one(WILD)
    name = surface.schema_of.get(kind, schema)
    choice = pick.integer(0, 9)
    if kind in surface.minimal and choice < 5:
        made = copy.deepcopy(surface.minimal[kind])
    elif kind in surface.filled and choice < 7:
        made = copy.deepcopy(surface.filled[kind])
        tidy_metadata(made)
    elif name is not None and name in surface.schemas:
        made = from_schema(pick, surface.schemas, surface.schemas[name], 0)
    else:
        made = {}
    if isinstance(made, dict):
        identify(pick, made, kind)
    for _ in range(pick.few() if pick.chance(2) else 0):
        made = spoil(pick, made)
    return made


def tidy_metadata(filled: dict[str, Any]) -> None:
    """Take away what keeps every filled object from being created."""
    metadata = filled.get("metadata")
    if isinstance(metadata, dict):
        for field in (
            "uid",
            "resourceVersion",
            "namespace",
            "deletionTimestamp",
            "managedFields",
            "ownerReferences",
            "finalizers",
            "generateName",
        ):
            metadata.pop(field, None)


def identify(pick: Pick, made: dict[str, Any], kind: tuple[str, str]) -> None:
    """Give the object its type and, mostly, one of few names, so that requests meet each other's objects."""
    made["apiVersion"], made["kind"] = kind
    metadata = made.get("metadata")
    if not isinstance(metadata, dict) or not pick.chance(5):
        metadata = (
            {key: value for key, value in (metadata or {}).items() if key in ("labels", "annotations")}
            if isinstance(metadata, dict)
            else {}
        )
        made["metadata"] = metadata
    metadata["name"] = pick.one(NAMES)


def from_schema(pick: Pick, schemas: Schemas, schema: dict[str, Any], depth: int) -> Any:
    """A value that a published schema mostly allows, smaller the deeper it is."""
    schema, name = _resolve(schemas, schema)
    if name.endswith("Quantity"):
        return pick.one(_TEXTS["quantity"])
    if "enum" in schema:
        return pick.one(schema["enum"]) if not pick.chance(10) else pick.one(WILD)
    form = schema.get("format")
    if form in _TEXTS:
        return pick.one(_TEXTS[form])
    match schema.get("type"):
        case "object":
            return _object(pick, schemas, schema, depth)
        case "array":
            count = pick.few() if depth < 8 else 0
            return [from_schema(pick, schemas, schema.get("items", {}), depth + 1) for _ in range(count)]
        case "integer":
            return pick.one(_NUMBERS)
        case "number":
            return pick.one((0, 1.5, -1e10, 1e308))
        case "boolean":
            return pick.chance(2)
        case "string":
            return pick.one(_PLAIN)
        case _:
            return _untyped(pick, schemas, schema, depth)


def _resolve(schemas: Schemas, schema: dict[str, Any]) -> tuple[dict[str, Any], str]:
    name = ""
    for _ in range(5):
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = schemas.get(name, {})
        elif len(schema.get("allOf", ())) == 1:
            schema = schema["allOf"][0]
    return schema, name


def _object(pick: Pick, schemas: Schemas, schema: dict[str, Any], depth: int) -> Any:
    properties = schema.get("properties", {})
    if not properties:
        values = schema.get("additionalProperties")
        values = values if isinstance(values, dict) else {}
        return {pick.one(_PLAIN): from_schema(pick, schemas, values, depth + 1) for _ in range(pick.few())}
    wanted = set(schema.get("required", ()))
    if depth < 10:
        optional = [name for name in properties if name not in wanted]
        wanted |= set(pick.some(optional, 4))
        if depth == 0 and "spec" in properties:
            wanted.add("spec")
    return {
        name: from_schema(pick, schemas, properties[name], depth + 1) for name in sorted(wanted) if name in properties
    }


def _untyped(pick: Pick, schemas: Schemas, schema: dict[str, Any], depth: int) -> Any:
    options = schema.get("oneOf") or schema.get("anyOf")
    if options:
        return from_schema(pick, schemas, pick.one(options), depth + 1)
    return pick.one(WILD)


def spoil(pick: Pick, made: Any) -> Any:
    """The same with one thing, somewhere, that is wrong; `made` is changed in place where it can be."""
    holder, key = _somewhere(pick, made)
    if holder is None:
        return pick.one(WILD)
    match pick.integer(0, 5):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[pick.one(("unknownField", "metadata", "", "kind", "status", "é"))] = holder[key]
        case 2 if isinstance(holder, list):
            holder.extend([holder[key]] * pick.integer(1, 3))
        case 3:
            holder[key] = [holder[key]] if pick.chance(2) else {"a": holder[key]}
        case _:
            holder[key] = pick.one(WILD)
    return made


def _somewhere(pick: Pick, made: Any) -> tuple[Any, Any]:
    holder, key, here = None, None, made
    for _ in range(12):
        if not isinstance(here, dict | list) or not here or (holder is not None and pick.chance(5)):
            break
        holder, key = here, pick.one(list(here)) if isinstance(here, dict) else pick.integer(0, len(here) - 1)
        here = holder[key]
    return holder, key
