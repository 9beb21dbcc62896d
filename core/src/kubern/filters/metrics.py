"""Counts, times and logs requests under kube-apiserver's metric names (upstream: endpoints/metrics)."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from kubern.apimachinery.errors import StatusError
from kubern.filters.http_log import log_request, logger
from kubern.filters.request_info import CONTEXT_KEY

if TYPE_CHECKING:
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send
    from kubern.metrics.requests import RequestMetrics

_LONG_RUNNING_VERBS = frozenset({"watch", "connect"})
_LONG_RUNNING_SUBRESOURCES = frozenset({"exec", "attach", "portforward", "proxy", "log"})


def is_long_running(verb: str, subresource: str) -> bool:
    """Requests that may last as long as they like (upstream: BasicLongRunningRequestCheck)."""
    return verb in _LONG_RUNNING_VERBS or subresource in _LONG_RUNNING_SUBRESOURCES


class MetricsFilter:
    """One observation per finished request."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ctx = scope[CONTEXT_KEY]
        info = ctx.info
        long_running = is_long_running(info.verb, info.subresource)
        self.metrics.begin(info, long_running)
        status = 500
        try:
            await self.app(scope, receive, send)
            status = ctx.response_status or 500
        except StatusError as error:
            status = ctx.response_status or error.code
            raise
        finally:
            seconds = time.monotonic() - ctx.received
            self.metrics.end(info, long_running, status, seconds)
            if logger.isEnabledFor(logging.DEBUG):
                log_request(ctx, status, seconds)
