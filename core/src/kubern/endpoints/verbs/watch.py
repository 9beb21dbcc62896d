"""Watches: events as one JSON document per line, or as WebSocket messages (upstream: handlers/watch.go).

An event is encoded once per representation and shared by all its watchers. Next: `watch_websocket.py`.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import orjson

from kubern.apimachinery.errors import StatusError, bad_request
from kubern.endpoints.conversion import partial_metadata
from kubern.endpoints.negotiation import JSON, PROTOBUF
from kubern.endpoints.options import list_options
from kubern.endpoints.table import column_definition, include_object, table_rows
from kubern.registry.selection import parse_selectors
from kubern.util.upgrade import offered_upgrade

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Send
    from kubern.endpoints.negotiation import MediaType
    from kubern.endpoints.scope import RequestScope
    from kubern.registry.rest import ListOptions
    from kubern.request import RequestContext
    from kubern.storage.cacher import CacheWatcher, WatchEvent
    from kubern.util.upgrade import Upgrade

Object = dict[str, Any]
_STREAM_TYPES = {JSON: b"application/json", PROTOBUF: b"application/vnd.kubernetes.protobuf;stream=watch"}


async def watch(scope: RequestScope, ctx: RequestContext, receive: Receive, send: Send, options: ListOptions) -> None:
    """Stream events until the timeout, the client's leave, or the server's shutdown."""
    media = scope.negotiator.choose_stream(ctx.headers.get("accept", ""))
    timeout: float = options.timeout_seconds or int(scope.min_request_timeout * (random.random() + 1.0))
    encoder = EventEncoder(scope, ctx, media)
    headers = [(b"content-type", _STREAM_TYPES[media.type])]
    upgrade = offered_upgrade(ctx.scope)
    try:
        watcher = await scope.storage.watch(ctx, options, timeout)
    except StatusError as error:
        # As upstream: what only the storage can refuse (a version too old, or not there yet) is an event.
        if error.code not in (410, 504):
            raise
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": encoder.line("ERROR", error.status())})
        return
    try:
        if upgrade is not None and upgrade.protocol == "websocket":
            await _over_websocket(ctx, upgrade, send, watcher, encoder)
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        # An empty chunk flushes the headers, so that the client knows at once that the watch stands.
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await _pump(ctx, receive, send, watcher, encoder)
    finally:
        watcher.stop()
    await send({"type": "http.response.body", "body": b""})


async def _over_websocket(
    ctx: RequestContext, upgrade: Upgrade, send: Send, watcher: CacheWatcher, encoder: EventEncoder
) -> None:
    from kubern.endpoints.verbs.watch_websocket import watch_over_websocket  # brings in a library that few need

    await watch_over_websocket(ctx, upgrade, send, watcher, encoder)


async def legacy_watch(scope: RequestScope, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """The deprecated paths /watch/...: of a collection, or of one object by its name in the path."""
    options = list_options(ctx, scope.version.field_labels)
    options.watch = True
    if ctx.info.name and len(ctx.info.parts) > 1:
        if options.field_selector and parse_selectors(options)[1].exact("metadata.name") != ctx.info.name:
            raise bad_request("fieldSelector metadata.name doesn't match requested name")
        options.field_selector = options.field_selector or f"metadata.name={ctx.info.name}"
    await watch(scope, ctx, receive, send, options)


async def _pump(
    ctx: RequestContext, receive: Receive, send: Send, watcher: CacheWatcher, encoder: EventEncoder
) -> None:
    metrics = encoder.scope.metrics
    gone = asyncio.ensure_future(_disconnected(receive))
    gone.add_done_callback(lambda _: watcher.stop())
    try:
        async for events in watcher:
            if gone.done():
                return
            data = b"".join([encoder.encode(event) for event in events])
            if metrics is not None:
                metrics.watch_events(ctx.info, len(events))
            await send({"type": "http.response.body", "body": data, "more_body": True})
    finally:
        gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return


class EventEncoder:
    """Encodes events in one representation; plain JSON frames are kept on the event for other watchers."""

    __slots__ = ("_columns_sent", "_include", "_key", "media", "scope")

    def __init__(self, scope: RequestScope, ctx: RequestContext, media: MediaType) -> None:
        self.scope = scope
        self.media = media
        self._columns_sent = False
        self._include = include_object(ctx) if media.convert == "Table" else ""
        self._key = (scope.api_version, media.type, media.convert, media.group_version)

    def encode(self, event: WatchEvent) -> bytes:
        """The line of one event (type ADDED, MODIFIED, DELETED or BOOKMARK)."""
        if self.media.convert == "Table":
            return self._table(event)
        frame: bytes | None = event.encoded.get(self._key)
        if frame is None:
            frame = event.encoded[self._key] = self._encode(event)
        return frame

    def _encode(self, event: WatchEvent) -> bytes:
        scope = self.scope
        if event.type == "BOOKMARK":
            return self.line("BOOKMARK", self._bookmark(event))
        entry = event.entry
        assert entry is not None
        if self.media.type == JSON and not self.media.convert and (scope.version.from_hub is None or scope.is_hub):
            return b'{"type":"%b","object":%b%b}\n' % (event.type.encode(), scope.prefix, entry.body())
        obj = scope.from_hub(entry.decode())
        if self.media.convert:
            obj = partial_metadata(obj, self.media.group_version)
        return self.line(event.type, obj)

    def _bookmark(self, event: WatchEvent) -> Object:
        kind, api_version = self.scope.kind, self.scope.api_version
        if self.media.convert:
            kind, api_version = "PartialObjectMetadata", self.media.group_version
        meta: Object = {"resourceVersion": str(event.rev)}
        if event.initial_events_end:
            meta["annotations"] = {"k8s.io/initial-events-end": "true"}
        out: Object = {"kind": kind, "apiVersion": api_version, "metadata": meta}
        if not self.media.convert:
            out.update(self.scope.zero_object())
        return out

    def _table(self, event: WatchEvent) -> bytes:
        scope, media = self.scope, self.media
        if event.type == "BOOKMARK":
            rows: list[Object] | None = []
            obj = self._bookmark_table_object(event)
            rows = [{"cells": None, "object": obj}] if event.initial_events_end else []
            version = str(event.rev)
        else:
            assert event.entry is not None
            hub = scope.from_hub(event.entry.decode())
            version = hub["metadata"].get("resourceVersion", "")
            rows = table_rows(scope, [hub], self._include, media.group_version)
        columns = None if self._columns_sent else [column_definition(c) for c in scope.columns]
        self._columns_sent = True
        table = {
            "kind": "Table",
            "apiVersion": media.group_version,
            "metadata": {"resourceVersion": version},
            "columnDefinitions": columns,
            "rows": rows,
        }
        return self.line(event.type, table)

    def _bookmark_table_object(self, event: WatchEvent) -> Object:
        meta: Object = {"resourceVersion": str(event.rev)}
        if event.initial_events_end:
            meta["annotations"] = {"k8s.io/initial-events-end": "true"}
        return {"kind": "PartialObjectMetadata", "apiVersion": self.media.group_version, "metadata": meta}

    def line(self, kind: str, obj: Object) -> bytes:
        """One event as this stream carries it."""
        if self.media.type == PROTOBUF:
            from kubern.apimachinery.protobuf import envelope

            return envelope.encode_watch_frame(kind, envelope.encode(obj))
        return orjson.dumps({"type": kind, "object": obj}) + b"\n"
