"""Types for mutating admission policies: Object{...}, nested by field path, and JSONPatch{...}
(apiserver's cel/mutation and cel/mutation/dynamic).

    env = base_env().extend(variables=..., libraries=[jsonpatch_library()], types=[JSON_PATCH],
                            type_resolver=object_type)

Next: `runtime/structs.py` for their values, `runtime/conversion.py` for plain objects.
"""

from __future__ import annotations

from kubern.cel.runtime.structs import StructValue
from kubern.cel.runtime.values import OptionalValue
from kubern.cel.types import DYN, STRING, UNSPECIFIED, StructType, Type

ROOT = "Object"


class _DynamicObject(StructType):
    """Object and Object.a.b: any field, of any type."""

    __slots__ = ()

    def field(self, name: str) -> Type | None:
        return DYN


class _JSONPatchType(StructType):
    __slots__ = ()

    def field(self, name: str) -> Type | None:
        # Upstream finds every field, but knows no type for those that are none of its own.
        return self.fields.get(name, UNSPECIFIED)


JSON_PATCH = _JSONPatchType("JSONPatch", {"op": STRING, "path": STRING, "from": STRING, "value": DYN})


def object_type(name: str) -> Type | None:
    """The type of that name if it is Object or lies below it."""
    if name == ROOT or name.startswith(f"{ROOT}."):
        return _DynamicObject(name)
    return None


def type_name_problems(value: object, path: str = ROOT) -> list[str]:
    """The nested objects whose type does not say where they stand (CheckTypeNamesMatchFieldPathNames)."""
    problems: list[str] = []
    if isinstance(value, StructValue):
        name = value.cel_type.name
        if name != path:
            problems.append(
                f'unexpected type name "{name}", expected "{path}", which matches field name path from root Object type'
            )
        for field, inner in value.fields.items():
            problems.extend(type_name_problems(inner, f"{path}.{field}"))
    elif isinstance(value, list):
        for item in value:
            problems.extend(type_name_problems(item, path))
    elif isinstance(value, dict):
        for item in value.values():
            problems.extend(type_name_problems(item, path))
    elif isinstance(value, OptionalValue) and value.present:
        problems.extend(type_name_problems(value.value, path))
    return problems
