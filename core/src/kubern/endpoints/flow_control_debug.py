"""/debug/api_priority_and_fairness/: what waits and runs, as text (upstream: apf_controller_debug.go).

Behind authorization as all paths that are no resource, and not listed in the index. Next: `../flowcontrol/dump.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.endpoints.asgi import send_bytes
from kubern.endpoints.director import not_found

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.flowcontrol.controller import FlowController
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

ROOT = "/debug/api_priority_and_fairness/"


def install_flow_control_debug(server: GenericAPIServer, controller: FlowController) -> None:
    """Put the three tables on the outermost member."""

    async def serve(ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        text = _dump(controller, ctx)
        if text is None:
            await not_found(send)
            return
        await send_bytes(send, 200, b"text/plain; charset=utf-8", text.encode())

    server.path_prefixes[ROOT] = serve


def _dump(controller: FlowController, ctx: RequestContext) -> str | None:
    from kubern.flowcontrol import dump

    name = ctx.info.path.removeprefix(ROOT)
    if name == "dump_priority_levels":
        return dump.dump_priority_levels(controller)
    if name == "dump_queues":
        return dump.dump_queues(controller)
    if name == "dump_requests":
        return dump.dump_requests(controller, details=bool(ctx.query_first("includeRequestDetails")))
    return None
