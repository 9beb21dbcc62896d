"""Conversion that asks somebody outside of the process, for steps that cannot wait themselves.

Field ownership compares an object in the version of each of its managers. Where a webhook converts, a step that needs
an answer is given up, and run again when the answer is there. Next: `field_managers.py`, which asks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import orjson

from kubern.util.json_copy import json_copy

Object = dict[str, Any]
Ask = Callable[[Object, str], Awaitable[Object]]
"""An object in another apiVersion. Raises StatusError."""
T = TypeVar("T")
_KEPT: Final = 128


class ConversionNeeded(Exception):
    """A step cannot go on without an object in another version."""

    def __init__(self, obj: Object, api_version: str) -> None:
        super().__init__(api_version)
        self.obj = obj
        self.api_version = api_version


class RemoteConversions:
    """The last conversions of an endpoint, by the object's content and the version wanted."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: OrderedDict[tuple[bytes, str], Object] = OrderedDict()

    def convert(self, obj: Object, api_version: str) -> Object:
        """The caller's own copy of the object in that version. Raises ConversionNeeded."""
        known = self._known.get((orjson.dumps(obj), api_version))
        if known is None:
            raise ConversionNeeded(obj, api_version)
        return json_copy(known)

    async def settle(self, step: Callable[[], T]) -> T:
        """Run a step, which changes nothing before it is through, until it has all it needs. Raises StatusError."""
        while True:
            try:
                return step()
            except ConversionNeeded as needed:
                key = orjson.dumps(needed.obj), needed.api_version
                self._known[key] = await self._ask(json_copy(needed.obj), needed.api_version)
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
