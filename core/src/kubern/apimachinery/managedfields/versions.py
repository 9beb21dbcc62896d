"""One kind in all its versions: the type of each, and conversion between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubern.apimachinery.managedfields.errors import MissingVersionError
from kubern.apimachinery.managedfields.types import Type

Object = dict[str, Any]
TypeOf = Callable[[str], Type | None]
"""The kind's type in an apiVersion, None when that version is not served."""
Convert = Callable[[Object, str], Object]
"""An object of the kind in another apiVersion; the given one stays. Raises MissingVersionError when there is none."""


class Versions:
    """The versions of a kind, each type asked for once."""

    def __init__(self, type_of: TypeOf, convert: Convert | None = None) -> None:
        self._type_of = type_of
        self._convert = convert
        self._types: dict[str, Type] = {}

    def type(self, api_version: str) -> Type:
        """The kind's type in a version. Raises MissingVersionError."""
        known = self._types.get(api_version)
        if known is None:
            known = self._type_of(api_version)
            if known is None:
                raise MissingVersionError(api_version)
            self._types[api_version] = known
        return known

    def convert(self, obj: Object, api_version: str) -> Object:
        """The object in a version; itself when it is of that version. Raises MissingVersionError."""
        if obj.get("apiVersion") == api_version:
            return obj
        if self._convert is None:
            raise MissingVersionError(api_version)
        self.type(api_version)
        return self._convert(obj, api_version)
