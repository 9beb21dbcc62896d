"""The AlwaysDeny plugin: says no to everything (upstream: plugin deny)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.errors import new_forbidden
from kubern.admission.interface import CONNECT, CREATE, DELETE, UPDATE, Attributes, Handler

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


class AlwaysDeny(Handler):
    """Refuses before anything is changed or checked by others behind it."""

    operations = (CREATE, UPDATE, DELETE, CONNECT)

    def __init__(self, config: CompletedConfig) -> None:
        pass

    async def admit(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        raise new_forbidden(attributes, "admission control is denying all modifications")

    validate = admit
