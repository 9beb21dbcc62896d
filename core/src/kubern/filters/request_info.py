"""Makes the RequestContext: path, query and headers parsed once, standard headers put on every answer.

Upstream: WithRequestInfo, WithAuditInit, WithWarningRecorder and WithCacheControl, which all only prepare the request.
Next: `chain.py`, which says what follows.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from kubern.endpoints.request_info import request_info
from kubern.request import RequestContext
from kubern.util.uid import new_uid

if TYPE_CHECKING:
    from kubern.endpoints.asgi import ASGIApp, Headers, Message, Receive, Scope, Send

CONTEXT_KEY = "kubern.context"
_BAD_ESCAPE = re.compile("%(?![0-9a-fA-F]{2})")
_CACHE_CONTROL = (b"cache-control", b"no-cache, private")
MAX_WARNING_RUNES = 4096
"""Warnings that are longer in all are cut, then dropped (upstream: truncateAtTotalRunes)."""
_CUT_RUNES = 256


def parse_query(text: str) -> dict[str, list[str]]:
    """The values by name; pairs with a semicolon or a broken escape do not count (upstream: net/url's ParseQuery)."""
    if ";" in text or ("%" in text and _BAD_ESCAPE.search(text)):
        text = "&".join(pair for pair in text.split("&") if ";" not in pair and not _BAD_ESCAPE.search(pair))
    return parse_qs(text, keep_blank_values=True)


class RequestInfoFilter:
    """Puts `scope["kubern.context"]` before everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        raw_query = scope["query_string"]
        query = parse_query(raw_query.decode("latin-1")) if raw_query else {}
        # Of a header that is given twice, the first counts, as in Go.
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in reversed(scope["headers"])}
        client = scope.get("client")
        ctx = RequestContext(
            request_info(scope.get("method", "GET"), scope["path"], query),
            query=query,
            headers=headers,
            scope=scope,
            remote_address=client[0] if client else "",
        )
        ctx.audit_id = headers.get("audit-id") or new_uid()
        ctx.client_certificate = (scope.get("state") or {}).get("client_certificate")
        scope[CONTEXT_KEY] = ctx
        await self.app(scope, receive, _Sender(ctx, send) if scope["type"] == "http" else send)


class _Sender:
    """Adds the context's headers and warnings to the answer as it starts."""

    __slots__ = ("ctx", "send")

    def __init__(self, ctx: RequestContext, send: Send) -> None:
        self.ctx = ctx
        self.send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            ctx = self.ctx
            ctx.response_started = True
            ctx.response_status = message["status"]
            headers: Headers = list(message["headers"])
            headers.append((b"audit-id", ctx.audit_id.encode("latin-1", "replace")))
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append(_CACHE_CONTROL)
            if ctx.response_headers:
                headers += ctx.response_headers
            if ctx.warnings:
                headers += warning_headers(ctx.warnings)
            message["headers"] = headers
        await self.send(message)


def warning_headers(warnings: list[str]) -> Headers:
    """A Warning header for each distinct text; when they are too long together, each is cut (upstream: recorder)."""
    texts = [text for text in dict.fromkeys(warnings) if text]
    if sum(map(len, texts)) <= MAX_WARNING_RUNES:
        return _headers(texts)
    # Those up to the first that does not fit are there in any case, later ones while there is room.
    count = next(i for i, end in enumerate(accumulate(map(len, texts)), 1) if end > MAX_WARNING_RUNES)
    kept = [text[:_CUT_RUNES] for text in texts]
    written = sum(map(len, kept[:count]))
    while count < len(kept) and written < MAX_WARNING_RUNES:
        written += len(kept[count])
        count += 1
    return _headers(kept[:count])


def _headers(texts: list[str]) -> Headers:
    return [(b"warning", value) for text in texts if (value := _warning(text)) is not None]


def _warning(text: str) -> bytes | None:
    """The header's value; None for a text with control characters, which no header can hold."""
    if not text.isprintable() and any(unicodedata.category(c) == "Cc" for c in text):
        return None
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{quoted}"'.encode()
