"""The AlwaysAdmit plugin: says yes to everything (upstream: plugin admit)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.admission.interface import CONNECT, CREATE, DELETE, UPDATE, Handler

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


class AlwaysAdmit(Handler):
    """Neither changes nor checks."""

    operations = (CREATE, UPDATE, DELETE, CONNECT)

    def __init__(self, config: CompletedConfig) -> None:
        pass
