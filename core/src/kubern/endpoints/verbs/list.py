"""GET of a collection: cached bytes joined and streamed, or converted (upstream: handlers/get.go, ListResource)."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson

from kubern.apimachinery.errors import StatusError, method_not_supported
from kubern.endpoints.asgi import send_bytes
from kubern.endpoints.conversion import go_type_name, partial_metadata
from kubern.endpoints.negotiation import JSON, MediaType
from kubern.endpoints.options import list_options
from kubern.endpoints.responses import GZIP_THRESHOLD_BYTES, wants_gzip, wants_pretty, write_object
from kubern.endpoints.table import include_object, table_of, table_row
from kubern.endpoints.verbs.watch import watch

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Headers, Receive, Send
    from kubern.endpoints.scope import RequestScope
    from kubern.request import RequestContext
    from kubern.storage.cacher import ListResult

Object = dict[str, Any]
CHUNK_BYTES = 64 * 1024
"""How much of a large answer is in memory at once, about. Blocks of 128 KB or more cost malloc a mapping each, which
makes a large list take three times as long."""
CHUNKS_PER_TURN = 8
"""After so many chunks of one answer other requests have their turn."""


async def list_(scope: RequestScope, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """List, or watch when the query says so."""
    options = list_options(ctx, scope.version.field_labels)
    if options.watch:
        if "watch" not in scope.definition.verbs:
            raise method_not_supported(scope.definition.group_resource, "watch")
        await watch(scope, ctx, receive, send, options)
        return
    media = scope.choose(ctx)
    page = await scope.storage.list(ctx, options)
    await answer_objects(scope, ctx, send, page, media)


def list_metadata(page: ListResult, typed: bool = False) -> Object:
    """The ListMeta of an answer; `typed` lists (of custom resources) always have a continue token, lists of what is
    not stored no revision.
    """
    meta: Object = {"resourceVersion": str(page.revision)} if page.revision else {}
    if typed:
        meta["continue"] = ""
    if page.continue_token:
        meta["continue"] = page.continue_token
    if page.remaining is not None:
        meta["remainingItemCount"] = page.remaining
    return meta


async def answer_objects(
    scope: RequestScope, ctx: RequestContext, send: Send, page: ListResult, media: MediaType
) -> None:
    """Answer with a list in the chosen representation."""
    streams = media.type == JSON and not (media.pretty or wants_pretty(ctx))
    if streams and not media.convert:
        await _stream(ctx, send, _chunks(scope, page))
    elif streams and media.convert == "Table" and page.entries and scope.version.row_order is None:
        await _stream(ctx, send, _table_chunks(scope, ctx, page, media))
    else:
        await write_object(ctx, send, 200, _convert(scope, ctx, page, media), media)


def _convert(scope: RequestScope, ctx: RequestContext, page: ListResult, media: MediaType) -> Object:
    objects = [scope.from_hub(entry.decode()) for entry in page.entries]
    meta = list_metadata(page)
    if media.convert == "Table":
        return table_of(scope, ctx, objects, media, meta)
    if media.convert == "PartialObjectMetadataList":
        items: list[Object] | None = [partial_metadata(o, media.group_version) for o in objects] or None
        kind, api_version = "PartialObjectMetadataList", media.group_version
    elif media.convert:
        raise StatusError(
            406,
            "NotAcceptable",
            f"you requested PartialObjectMetadata, but the requested object is a list ({go_type_name(scope, True)})",
        )
    else:
        typed = scope.definition.typed_items
        items = objects if typed else [_untyped(o) for o in objects]
        kind, api_version = scope.list_kind, scope.api_version
        meta = list_metadata(page, typed)
    return {"kind": kind, "apiVersion": api_version, "metadata": meta, "items": items}


def _untyped(obj: Object) -> Object:
    obj.pop("kind", None)
    obj.pop("apiVersion", None)
    return obj


def _bodies(scope: RequestScope, page: ListResult) -> Iterator[tuple[bytes, bytes]]:
    """The items as they stand in the list, each in two pieces."""
    direct = scope.version.version == scope.definition.hub_version or scope.version.from_hub is None
    if direct and not scope.definition.typed_items:
        for entry in page.entries:
            yield entry.item()
        return
    if direct:
        for entry in page.entries:
            yield scope.prefix, entry.body()
        return
    for entry in page.entries:
        obj = scope.from_hub(entry.decode())
        yield b"", orjson.dumps(obj if scope.definition.typed_items else _untyped(obj))


def _chunks(scope: RequestScope, page: ListResult) -> Iterator[bytes]:
    meta = list_metadata(page, scope.definition.typed_items)
    head = {"kind": scope.list_kind, "apiVersion": scope.api_version, "metadata": meta, "items": []}
    return _document(head, _bodies(scope, page))


def _table_chunks(scope: RequestScope, ctx: RequestContext, page: ListResult, media: MediaType) -> Iterator[bytes]:
    """A Table, its rows made one by one: thousands of decoded objects at once would cost more than the rows."""
    include = include_object(ctx)
    head = table_of(scope, ctx, [], media, list_metadata(page)) | {"rows": []}

    def rows() -> Iterator[tuple[bytes, bytes]]:
        for entry in page.entries:
            row = table_row(scope, scope.from_hub(entry.decode()), include, media.group_version)
            yield b"", orjson.dumps(row)

    return _document(head, rows())


def _document(head: Object, items: Iterator[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """`head`, whose last member is an empty list, with the items in that list."""
    pending = [orjson.dumps(head)[:-2]]
    size = 0
    separator = b""
    for start, body in items:
        pending += (separator, start, body)
        separator = b","
        size += len(body)
        if size >= CHUNK_BYTES:
            yield b"".join(pending)
            pending, size = [], 0
    pending.append(b"]}\n")
    yield b"".join(pending)


async def _stream(ctx: RequestContext, send: Send, chunks: Iterator[bytes]) -> None:
    """Send chunks; a small answer goes out whole, a large one compressed when the client can."""
    start = _take(chunks, GZIP_THRESHOLD_BYTES)
    headers: Headers = [(b"content-type", b"application/json")]
    if sum(map(len, start)) < GZIP_THRESHOLD_BYTES:
        await send_bytes(send, 200, b"application/json", b"".join(start))
        return
    chunks = chain(start, chunks)
    if wants_gzip(ctx):
        headers += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _send_compressed(send, chunks)
        return
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for turn, chunk in enumerate(chunks, 1):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        if turn % CHUNKS_PER_TURN == 0:
            await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b""})


async def _send_compressed(send: Send, chunks: Iterator[bytes]) -> None:
    compressor = zlib.compressobj(1, zlib.DEFLATED, 31)

    def compress(batch: list[bytes]) -> bytes:
        return b"".join(map(compressor.compress, batch))

    while batch := _take(chunks, CHUNKS_PER_TURN * CHUNK_BYTES):
        data = await asyncio.to_thread(compress, batch)
        if data:
            await send({"type": "http.response.body", "body": data, "more_body": True})
    await send({"type": "http.response.body", "body": compressor.flush()})


def _take(chunks: Iterator[bytes], size: int) -> list[bytes]:
    """The next chunks, `size` bytes of them at least unless there are no more."""
    taken = []
    for chunk in chunks:
        taken.append(chunk)
        size -= len(chunk)
        if size <= 0:
            break
    return taken
