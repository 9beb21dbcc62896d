"""Messages that an expression builds: Object{...} and JSONPatch{...} (apiserver's cel/mutation).

Next: `conversion.py` turns them into plain objects.
"""

from __future__ import annotations

from typing import Any

from kubern.cel.runtime.access import MISSING, Lookup
from kubern.cel.runtime.equality import equal
from kubern.cel.types import Type


class StructValue(Lookup):
    """A message literal's value: the declared type and the fields that were set, in order."""

    __slots__ = ("cel_type", "fields")

    def __init__(self, cel_type: Type, fields: dict[str, Any]) -> None:
        self.cel_type = cel_type
        self.fields = fields

    def __repr__(self) -> str:
        return f"{self.cel_type.name}{self.fields!r}"

    def find(self, key: Any) -> Any:
        return self.fields.get(key, MISSING)

    def equals(self, other: object) -> bool:
        if not isinstance(other, StructValue) or other.cel_type.name != self.cel_type.name:
            return False
        if self.fields.keys() != other.fields.keys():
            return False
        return all(equal(value, other.fields[name]) for name, value in self.fields.items())

    def is_zero(self) -> bool:
        return not self.fields
