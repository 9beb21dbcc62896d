"""Records requests (upstream: WithAudit and WithFailedAuthenticationAudit). In the chain only when a policy is given.

Next: `../audit/event.py`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kubern.apimachinery.errors import StatusError, unauthorized
from kubern.audit.event import MAX_STATUS_BODY, AuditEvent
from kubern.audit.policy import Level
from kubern.authorization.request_attributes import authorization_attributes, request_uri
from kubern.endpoints.asgi import send_text
from kubern.endpoints.responses import write_error
from kubern.filters.metrics import is_long_running
from kubern.filters.request_info import CONTEXT_KEY
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from kubern.audit.auditor import Auditor
    from kubern.endpoints.asgi import ASGIApp, Message, Receive, Scope, Send
    from kubern.request import RequestContext

FIRST_ERROR = 400
RECEIVED, STARTED, COMPLETE, PANIC = "RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"
_CLOSED_EARLY = {"status": "Success", "message": "Connection closed early", "code": 200}


class AuditFilter:
    """Sets `ctx.audit` for requests that the policy records, and sends their events."""

    def __init__(self, app: ASGIApp, auditor: Auditor) -> None:
        self.app = app
        self.auditor = auditor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ctx: RequestContext = scope[CONTEXT_KEY]
        attributes = authorization_attributes(ctx)
        recording = self.auditor.policy.evaluate(attributes)
        if recording.level is Level.None_:
            await self.app(scope, receive, send)
            return
        event = ctx.audit = AuditEvent(ctx, attributes, recording, raw_uri(scope), _received(ctx))
        if not await self.auditor.record(event, RECEIVED):
            uri = go_quote(request_uri(scope))
            await send_text(send, 500, f"Internal Server Error: {uri}: failed to store audit event\n")
            return
        long_running = is_long_running(ctx.info.verb, ctx.info.subresource)
        recorder = _Recorder(self.auditor, event, send, long_running)
        try:
            await self.app(scope, receive, recorder)
        except StatusError as error:
            if ctx.response_started:
                await self._end(recorder, event)
                raise
            await write_error(ctx, recorder, error)
        except Exception as error:
            # The border above answers; here it is only recorded.
            event.set_status(status="Failure", message=f"APIServer panic'd: {error}", reason="InternalError", code=500)
            await self.auditor.record(event, PANIC)
            raise
        except BaseException:
            await self._end(recorder, event)
            raise
        await self._end(recorder, event)

    async def _end(self, recorder: _Recorder, event: AuditEvent) -> None:
        recorder.finish()
        if not event.has_status:
            event.set_status(**_CLOSED_EARLY)
            if recorder.long_running:
                await self.auditor.record(event, STARTED)
        await self.auditor.record(event, COMPLETE)


class _Recorder:
    """Passes an answer on and keeps what the event says of it."""

    def __init__(self, auditor: Auditor, event: AuditEvent, send: Send, long_running: bool) -> None:
        self.long_running = long_running
        self._auditor = auditor
        self._event = event
        self._send = send
        self._code = 0
        self._headers: dict[bytes, bytes] = {}
        self._body = bytearray()
        self._finished = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._code = message["status"]
            self._headers = dict(message["headers"])
            # An error is told with its Status, which is its body.
            if self.long_running and self._code < FIRST_ERROR:
                self._event.set_status(code=self._code)
                await self._auditor.record(self._event, STARTED)
        elif message["type"] == "http.response.body" and (not self.long_running or self._code >= FIRST_ERROR):
            self._keep(message.get("body", b""))
            if self.long_running and not message.get("more_body", False):
                self.finish()
                await self._auditor.record(self._event, STARTED)
        await self._send(message)

    def _keep(self, data: bytes) -> None:
        if self._event.wants_response or len(self._body) <= MAX_STATUS_BODY:
            self._body += data

    def finish(self) -> None:
        """Tell the event about the answer."""
        if not self._code or self._finished or (self.long_running and self._code < FIRST_ERROR):
            return
        self._finished = True
        content_type = self._headers.get(b"content-type", b"").decode("latin-1")
        encoding = self._headers.get(b"content-encoding", b"").decode("latin-1")
        self._event.set_response(self._code, content_type, encoding, bytes(self._body))


def raw_uri(scope: Scope) -> str:
    """Path and query as the client sent them."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string") or b""
    return (raw + b"?" + query if query else raw).decode("latin-1")


def _received(ctx: RequestContext) -> float:
    return time.time() - (time.monotonic() - ctx.received)


async def record_failed_authentication(auditor: Auditor, ctx: RequestContext, scope: Scope) -> None:
    """Record a request that is answered with 401: nobody knows who sent it."""
    await record_failed_request(auditor, ctx, scope, unauthorized())


async def record_failed_request(auditor: Auditor, ctx: RequestContext, scope: Scope, error: StatusError) -> None:
    """Record a request that is refused before anybody is asked who sent it."""
    nobody = authorization_attributes(ctx)
    recording = auditor.policy.evaluate(nobody)
    if recording.level is Level.None_:
        return
    event = AuditEvent(ctx, nobody, recording, raw_uri(scope), _received(ctx))
    event.set_refusal(error)
    await auditor.record(event, STARTED)
