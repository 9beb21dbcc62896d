"""What a new object sets, with its spec's part remembered: objects made from one template have one spec.

The text of a spec says all of it, so it is the key; whatever else is in the object is compared each time.
Next: `compare.py`.
"""

from __future__ import annotations

import functools
from typing import Any

import orjson

from kubern.apimachinery.managedfields.compare import compare
from kubern.apimachinery.managedfields.fieldset import FieldSet, union
from kubern.apimachinery.managedfields.types import Type

Object = dict[str, Any]
Comparison = tuple[FieldSet, FieldSet]
_MAX_REMEMBERED = 64
_MAX_BYTES = 8 * 1024
_SPEC = "spec"


class NewObjects:
    """Comparisons of new objects of one type with the empty one."""

    def __init__(self, type_: Type, empty: Object) -> None:
        self._type = type_
        self._empty = empty
        self._empty_rest = {name: value for name, value in empty.items() if name != _SPEC}
        self._of_spec = functools.lru_cache(maxsize=_MAX_REMEMBERED)(self._compare_spec)

    def compare(self, new: Object) -> Comparison:
        """As `compare` with the empty object. Raises TypedError."""
        text = text_of_spec(new)
        if text is None:
            return compare(self._type, self._empty, new)
        rest = {name: value for name, value in new.items() if name != _SPEC}
        changed, removed = compare(self._type, self._empty_rest, rest)
        of_spec = self._of_spec(text)
        return union(changed, of_spec[0]), union(removed, of_spec[1])

    def _compare_spec(self, text: bytes) -> Comparison:
        empty = {_SPEC: self._empty[_SPEC]} if _SPEC in self._empty else {}
        return compare(self._type, empty, {_SPEC: orjson.loads(text)})


def text_of_spec(obj: Object) -> bytes | None:
    """What an object's spec is remembered by, None for one that is not."""
    spec = obj.get(_SPEC)
    if not spec:
        return None
    try:
        text = orjson.dumps(spec)
    except orjson.JSONEncodeError:  # nested too deeply, or a number beyond 64 bits
        return None
    return text if len(text) <= _MAX_BYTES else None
