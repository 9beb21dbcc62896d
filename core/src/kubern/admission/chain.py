"""The admission plugins in their order (upstream: admission.chainAdmissionHandler).

Per operation the plugins that handle it are looked up once. Next: `interface.py`, the plugins' contract.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kubern.admission.interface import Attributes


class AdmissionChain:
    """Runs `admit` of every mutating plugin, later `validate` of every validating one, in order."""

    def __init__(self, plugins: Iterable[tuple[str, Any]] = ()) -> None:
        self.plugins = list(plugins)
        self._admit: dict[str, list[Any]] = {}
        self._validate: dict[str, list[Any]] = {}
        for operation in ("CREATE", "UPDATE", "DELETE", "CONNECT"):
            handling = [p for _, p in self.plugins if p.handles(operation)]
            self._admit[operation] = [p.admit for p in handling if hasattr(p, "admit")]
            self._validate[operation] = [p.validate for p in handling if hasattr(p, "validate")]

    def mutates(self, operation: str) -> bool:
        return bool(self._admit[operation])

    def validates(self, operation: str) -> bool:
        return bool(self._validate[operation])

    async def admit(self, attributes: Attributes) -> None:
        """Let plugins change `attributes.object`. Raises StatusError when one refuses."""
        for admit in self._admit[attributes.operation]:
            await admit(attributes)

    async def validate(self, attributes: Attributes) -> None:
        """Ask every plugin. Raises StatusError when one refuses."""
        for validate in self._validate[attributes.operation]:
            await validate(attributes)
