"""The end of the audit log: nothing that happened before the shutdown is lost. Next: `../audit/auditor.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.contributions import PreShutdownHook
from kubern.hookspecs import hookimpl

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer


@hookimpl
def kubern_register_pre_shutdown_hooks() -> list[PreShutdownHook]:
    return [PreShutdownHook("audit-backend", _flush)]


async def _flush(server: GenericAPIServer) -> None:
    if server.config.auditor is not None:
        await server.config.auditor.close()
