"""The schema's own defaults, applied only where a kind has some. Next: `walker.py`, which calls this."""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.schema.gotype import GoType, Kind

Object = dict[str, Any]


class Defaults:
    """The defaults at and below one struct; empty where the schema has none."""

    def __init__(self, go_type: GoType) -> None:
        self._own = tuple((name, field.default) for name, field in go_type.fields.items() if field.default is not None)
        self._type = go_type
        self._below: tuple[tuple[str, GoType], ...] | None = None

    def _find_below(self) -> tuple[tuple[str, GoType], ...]:
        found = []
        for name, field in self._type.fields.items():
            struct = field.type.element if field.type.kind in (Kind.SLICE, Kind.MAP) else field.type
            if struct.kind is Kind.STRUCT and _has_defaults(struct, set()):
                found.append((name, field.type))
        return tuple(found)

    def apply(self, obj: Object) -> None:
        for name, default in self._own:
            value = obj.get(name)
            if value is None or (value == "" and self._type.fields[name].omit_zero):
                obj[name] = default
        if self._below is None:
            self._below = self._find_below()
        for name, go_type in self._below:
            value = obj.get(name)
            if not value:
                continue
            if go_type.kind is Kind.STRUCT:
                defaults_of(go_type).apply(value)
            else:
                default_item = defaults_of(go_type.element).apply
                for item in value if go_type.kind is Kind.SLICE else value.values():
                    default_item(item)


def _has_defaults(go_type: GoType, seen: set[str]) -> bool:
    """Whether a struct or anything below it has a default."""
    if go_type.name in seen:
        return False
    seen.add(go_type.name)
    for field in go_type.fields.values():
        struct = field.type.element if field.type.kind in (Kind.SLICE, Kind.MAP) else field.type
        if field.default is not None or (struct.kind is Kind.STRUCT and _has_defaults(struct, seen)):
            return True
    return False


def defaults_of(go_type: GoType) -> Defaults:
    """The defaults of a struct type, kept on the type."""
    if go_type.defaults is None:
        go_type.defaults = Defaults(go_type)
    return go_type.defaults  # type: ignore[no-any-return]
