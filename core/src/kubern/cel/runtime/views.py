"""API objects as CEL values without copying: thin views that read the plain dicts and lists by their declared
types (apiserver's cel/common UnstructuredToVal).

A view exists only where the plain value would be wrong: doubles, times, bytes, escaped field names, lists
with set or map semantics, and whatever contains such. Everything else is handed over as it is.
Next: `../schema.py` decides which declared types need a view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kubern.cel import types
from kubern.cel.errors import no_such_overload
from kubern.cel.runtime.access import MISSING, Lookup, find, list_position
from kubern.cel.runtime.equality import equal
from kubern.cel.types import Type

# Turns the plain value of a field into a CEL value; None stands for "as it is".
Wrap = Callable[[Any], Any]
# A declared object's fields: name in expressions -> (key in the object, how to wrap).
ViewFields = Mapping[str, tuple[str, "Wrap | None"]]


class ObjectView(Lookup):
    """An object with declared fields."""

    __slots__ = ("cel_type", "fields", "raw")

    def __init__(self, raw: dict[str, Any], fields: ViewFields, cel_type: Type) -> None:
        self.raw = raw
        self.fields = fields
        self.cel_type = cel_type

    def __len__(self) -> int:
        return len(self.raw)

    def size(self) -> int:
        return len(self.raw)

    def find(self, key: Any) -> Any:
        field = self.fields.get(key) if type(key) is str else None
        if field is None:
            return MISSING
        value = self.raw.get(field[0], MISSING)
        wrap = field[1]
        return value if wrap is None or value is MISSING or value is None else wrap(value)

    def iterate(self) -> Iterator[str]:
        """The names of the fields that are set."""
        by_key = {key: name for name, (key, _) in self.fields.items()}
        return (by_key[key] for key in self.raw if key in by_key)

    def equals(self, other: object) -> bool:
        if isinstance(other, ObjectView):
            theirs = other.raw
        elif type(other) is dict:
            theirs = other
        else:
            return False
        if len(self.raw) != len(theirs):
            return False
        for name, (key, _) in self.fields.items():
            if (key in self.raw) != (key in theirs):
                return False
            if key in self.raw and not equal(self.find(name), find(other, name)):
                return False
        known = {key for key, _ in self.fields.values()}
        return all(theirs.get(key, MISSING) == value for key, value in self.raw.items() if key not in known)

    def is_zero(self) -> bool:
        return not self.raw


class MapView(Lookup):
    """A map (additionalProperties) whose values need wrapping."""

    __slots__ = ("raw", "wrap")
    cel_type = types.MAP

    def __init__(self, raw: dict[str, Any], wrap: Wrap) -> None:
        self.raw = raw
        self.wrap = wrap

    def __len__(self) -> int:
        return len(self.raw)

    def size(self) -> int:
        return len(self.raw)

    def find(self, key: Any) -> Any:
        value = self.raw.get(key, MISSING) if type(key) is str else MISSING
        return value if value is MISSING or value is None else self.wrap(value)

    def iterate(self) -> Iterator[str]:
        """The keys."""
        return iter(self.raw)

    def equals(self, other: object) -> bool:
        if not isinstance(other, (dict, MapView)) or len(other) != len(self.raw):
            return False
        for key in self.raw:
            theirs = find(other, key)
            if theirs is MISSING or not equal(self.find(key), theirs):
                return False
        return True

    def is_zero(self) -> bool:
        return not self.raw


class ListView(Lookup):
    """A list whose items need wrapping, or whose list type gives == and + another meaning."""

    __slots__ = ("raw", "wrap")
    cel_type = types.LIST

    def __init__(self, raw: list[Any], wrap: Wrap | None) -> None:
        self.raw = raw
        self.wrap = wrap

    def __len__(self) -> int:
        return len(self.raw)

    def size(self) -> int:
        return len(self.raw)

    def __iter__(self) -> Iterator[Any]:
        wrap = self.wrap
        if wrap is None:
            return iter(self.raw)
        return (value if value is None else wrap(value) for value in self.raw)

    def iterate(self) -> Iterator[Any]:
        """The items."""
        return iter(self)

    def __getitem__(self, position: int) -> Any:
        value = self.raw[position]
        return value if self.wrap is None or value is None else self.wrap(value)

    def find(self, key: Any) -> Any:
        position = list_position(key)
        return self[position] if 0 <= position < len(self.raw) else MISSING

    def equals(self, other: object) -> bool:
        if not isinstance(other, (list, ListView)) or len(other) != len(self.raw):
            return False
        return all(map(equal, self, other))

    def concatenated(self, other: Any) -> Any:
        """self + other"""
        if not isinstance(other, (list, ListView)):
            raise no_such_overload()
        return [*self, *other]

    def is_zero(self) -> bool:
        return not self.raw


class SetView(ListView):
    """x-kubernetes-list-type: set. Order does not matter to ==, + adds what is missing."""

    __slots__ = ()

    def equals(self, other: object) -> bool:
        if not isinstance(other, (list, ListView)) or len(other) != len(self.raw):
            return False
        theirs = list(other)
        return all(any(equal(item, their) for their in theirs) for item in self)

    def concatenated(self, other: Any) -> Any:
        if not isinstance(other, (list, ListView)):
            raise no_such_overload()
        items = list(self)
        items.extend(item for item in other if not any(equal(item, known) for known in items))
        return SetView(items, None)


class KeyedListView(ListView):
    """x-kubernetes-list-type: map. Items are matched by their keys; + replaces items of equal keys."""

    __slots__ = ("keys",)

    def __init__(self, raw: list[Any], wrap: Wrap | None, keys: tuple[str, ...]) -> None:
        super().__init__(raw, wrap)
        self.keys = keys

    def _identity(self, item: Any) -> tuple[Any, ...]:
        values = (find(item, key) for key in self.keys)
        return tuple(None if value is MISSING else (type(value), value) for value in values)

    def equals(self, other: object) -> bool:
        if not isinstance(other, (list, ListView)) or len(other) != len(self.raw):
            return False
        theirs = {self._identity(item): item for item in other}
        for item in self:
            their = theirs.get(self._identity(item), MISSING)
            if their is MISSING or not equal(item, their):
                return False
        return True

    def concatenated(self, other: Any) -> Any:
        if not isinstance(other, (list, ListView)):
            raise no_such_overload()
        items = {self._identity(item): item for item in self}
        items.update((self._identity(item), item) for item in other)
        return KeyedListView(list(items.values()), None, self.keys)
