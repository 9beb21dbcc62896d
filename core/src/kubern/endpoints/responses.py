"""The only writer of API answers: objects, lists, Status, in JSON, YAML or protobuf, gzip when large.

Upstream: endpoints/handlers/responsewriters. Stored objects arrive as bytes and leave as bytes; a dict is
encoded once here.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import orjson

from kubern.apimachinery.errors import StatusError
from kubern.endpoints.asgi import Headers, Send, send_bytes
from kubern.endpoints.negotiation import DEFAULT, JSON, PROTOBUF, YAML, MediaType, Negotiator

if TYPE_CHECKING:
    from kubern.request import RequestContext

_TYPE_BYTES = {JSON: b"application/json", YAML: b"application/yaml", PROTOBUF: b"application/vnd.kubernetes.protobuf"}
GZIP_THRESHOLD_BYTES = 128 * 1024
"""Answers smaller than this are not compressed (upstream: defaultGzipThresholdBytes)."""
_GZIP_LEVEL = 1
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
"""What strconv.ParseBool takes for true."""
_STATUS_NEGOTIATOR = Negotiator(())


def wants_gzip(ctx: RequestContext) -> bool:
    accept = ctx.headers.get("accept-encoding", "")
    return "gzip" in accept and any(part.strip() == "gzip" for part in accept.split(","))


def wants_pretty(ctx: RequestContext) -> bool:
    """`?pretty=`, or a person's tool behind it (upstream: isPrettyPrint)."""
    value = ctx.query_first("pretty") if ctx.query else ""
    if value:
        return value in _TRUE
    agent = ctx.headers.get("user-agent", "")
    return agent.startswith(("curl", "Wget", "Mozilla/5.0"))


def encode(obj: Any, media: MediaType, pretty: bool = False) -> bytes:
    """A dict (or JSON bytes) in the chosen representation."""
    if media.type == YAML:
        from kubern.apimachinery.yaml import dump_yaml

        return dump_yaml(orjson.loads(obj) if isinstance(obj, bytes) else obj)
    if media.type == PROTOBUF:
        from kubern.apimachinery.protobuf import envelope

        return envelope.encode(orjson.loads(obj) if isinstance(obj, bytes) else obj)
    if isinstance(obj, bytes):
        return orjson.dumps(orjson.loads(obj), option=orjson.OPT_INDENT_2) + b"\n" if pretty else obj
    return orjson.dumps(obj, option=orjson.OPT_INDENT_2) + b"\n" if pretty else orjson.dumps(obj) + b"\n"


async def write_bytes(
    ctx: RequestContext, send: Send, status: int, content_type: bytes, body: bytes, extra: Headers | None = None
) -> None:
    """Send an encoded body, compressed when it is large and the client can."""
    if len(body) >= GZIP_THRESHOLD_BYTES and wants_gzip(ctx):
        import asyncio

        body = await asyncio.to_thread(gzip.compress, body, _GZIP_LEVEL)
        extra = [*(extra or ()), (b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
    await send_bytes(send, status, content_type, body, extra)


async def write_object(ctx: RequestContext, send: Send, status: int, obj: Any, media: MediaType = DEFAULT) -> None:
    """Send a dict or JSON bytes in the chosen representation."""
    pretty = media.pretty or (media.type == JSON and wants_pretty(ctx))
    await write_bytes(ctx, send, status, _TYPE_BYTES[media.type], encode(obj, media, pretty))


async def write_error(ctx: RequestContext, send: Send, error: StatusError) -> None:
    """Send a Status, in the representation asked for where possible."""
    media = DEFAULT
    accept = ctx.headers.get("accept", "")
    if accept and accept != JSON:
        try:
            chosen = _STATUS_NEGOTIATOR.choose(accept)
            media = MediaType(chosen.type)
        except StatusError:
            media = DEFAULT
    extra: Headers = []
    if error.retry_after and error.code in (429, 500, 503, 504, 409):
        extra.append((b"retry-after", str(error.retry_after).encode()))
    if error.code == 401:
        extra.append((b"www-authenticate", b'Basic realm="kubernetes-master"'))
    pretty = media.type == JSON and wants_pretty(ctx)
    await send_bytes(send, error.code, _TYPE_BYTES[media.type], encode(error.status(), media, pretty), extra)


def success_status(details: dict[str, Any]) -> dict[str, Any]:
    """The Status that says a delete is done."""
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
