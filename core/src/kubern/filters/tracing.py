"""A span for each request, handed on to what the server calls meanwhile (upstream: WithTracing)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from kubern.filters.request_info import CONTEXT_KEY

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send

SPAN_NAME = "KubernetesAPI"
TRACER = "k8s.io/apiserver"
_UNTRACED = ("/healthz", "/livez", "/readyz")


class TracingFilter:
    """Spans named KubernetesAPI with the request's method, path, status and audit ID.

    A client's trace context is not continued but linked to: clients choose it, and must not choose what is sampled.
    """

    def __init__(self, app: ASGIApp, provider: TracerProvider) -> None:
        self.app = app
        self._tracer = provider.get_tracer(TRACER)
        self._propagator = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_UNTRACED):
            await self.app(scope, receive, send)
            return
        ctx = scope[CONTEXT_KEY]
        remote = get_current_span(self._propagator.extract(ctx.headers)).get_span_context()
        links = [Link(remote)] if remote.is_valid else []
        attributes = {
            "http.request.method": scope["method"],
            "url.path": scope["path"],
            "url.scheme": scope["scheme"],
            "client.address": ctx.remote_address,
            "user_agent.original": ctx.headers.get("user-agent", ""),
            "audit-id": ctx.audit_id,
        }
        with self._tracer.start_as_current_span(
            SPAN_NAME, trace.set_span_in_context(trace.INVALID_SPAN), SpanKind.SERVER, attributes, links
        ) as span:
            await self.app(scope, receive, send)
            span.set_attribute("http.response.status_code", ctx.response_status)
            if ctx.response_status >= 500:
                span.set_status(Status(StatusCode.ERROR))
