"""The outermost border: whatever goes wrong becomes a Status, never a traceback (upstream: WithPanicRecovery)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from kubern.apimachinery.errors import StatusError
from kubern.endpoints.asgi import ClientDisconnected, send_bytes
from kubern.endpoints.responses import write_error
from kubern.filters.request_info import CONTEXT_KEY

if TYPE_CHECKING:
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send

logger = logging.getLogger(__name__)


class PanicRecoveryFilter:
    """Turns a StatusError from below into its answer, and any other exception into a 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        except StatusError as error:
            ctx = scope[CONTEXT_KEY]
            if ctx.response_started:
                raise ConnectionResetError("the answer had begun when the request failed") from error
            await write_error(ctx, send, error)
        except ClientDisconnected:
            return
        except Exception:
            # The border of the process: one broken request must not end the server.
            logger.exception("request failed: %s %s", scope["method"], scope["path"])
            ctx = scope.get(CONTEXT_KEY)
            if ctx is not None and ctx.response_started:
                raise
            await _send_panic(scope, send)


async def _send_panic(scope: Scope, send: Send) -> None:
    message = "This request caused apiserver to panic. Look in the logs for details."
    ctx = scope.get(CONTEXT_KEY)
    if ctx is None:
        await send_bytes(send, 500, b"text/plain; charset=utf-8", message.encode() + b"\n")
        return
    await write_error(ctx, send, StatusError(500, "InternalError", message))
