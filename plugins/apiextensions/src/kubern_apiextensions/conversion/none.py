"""The strategy None: versions differ in name only. Next: `webhook.py`, the other strategy."""

from __future__ import annotations

from typing import Any, Protocol

Object = dict[str, Any]


class Converter(Protocol):
    """Converts objects to an apiVersion of the same group."""

    @property
    def is_remote(self) -> bool:
        """Conversion asks somebody outside of the process."""

    async def convert(self, objects: list[Object], api_version: str) -> list[Object]:
        """The objects in that version, in their order; those handed in may be changed. Raises StatusError."""

    def close(self) -> None:
        """Let go of connections."""


class NoneConverter:
    """Changes apiVersion."""

    is_remote = False

    async def convert(self, objects: list[Object], api_version: str) -> list[Object]:
        for obj in objects:
            obj["apiVersion"] = api_version
        return objects

    def close(self) -> None:
        """There is nothing to let go of."""
