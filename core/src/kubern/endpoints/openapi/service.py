"""Keeps the OpenAPI documents of a chain and answers for them: /openapi/v3, /openapi/v3/PART, /openapi/v2.

Documents are made when first asked for and kept as bytes; a change of a group forgets that group's parts and the v2
document only. Upstream: kube-openapi's handler and handler3. Next: `documents.py`.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import orjson

from kubern.endpoints.asgi import Headers
from kubern.endpoints.director import method_not_allowed
from kubern.endpoints.negotiation import parse_accept
from kubern.endpoints.responses import write_bytes
from kubern.version import KUBERNETES_MAJOR, KUBERNETES_MINOR

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.endpoints.openapi.documents import Fragment, Part
    from kubern.endpoints.openapi.schemas import Describe
    from kubern.request import RequestContext

Object = dict[str, Any]
JSON: Final = "application/json"
V3_ROOT: Final = "/openapi/v3"
V2_ROOT: Final = "/openapi/v2"
V2_PROTOBUF: Final = (
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
    "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
)
_VERSION: Final = f"{KUBERNETES_MAJOR}.{KUBERNETES_MINOR}"
_YEAR: Final = datetime.timedelta(days=365)


class OpenAPIService:
    """The documents of the parts that `find_parts` names. `describe` adds texts to definitions."""

    def __init__(self, find_parts: Callable[[], dict[str, Part]], describe: Describe | None = None) -> None:
        self._find_parts = find_parts
        self.describe = describe
        self._parts: dict[str, Part] | None = None
        self._fingerprints: dict[str, str] = {}
        self._v3: dict[str, bytes] = {}
        self._fragments: dict[str, Fragment] = {}
        self._v2: tuple[bytes, str] | None = None
        self._v2_protobuf: tuple[bytes, str] | None = None
        self._sources: dict[str, tuple[dict[str, str], Fragment]] = {}

    def set_source(self, name: str, urls: dict[str, str], paths: Object, definitions: dict[str, Object]) -> None:
        """Show what another server describes: v3 documents by path, and OpenAPI v2 paths with their definitions."""
        from kubern.endpoints.openapi.documents import Fragment

        written = {key: orjson.dumps(value) for key, value in definitions.items()}
        source = (urls, Fragment(orjson.dumps(paths)[1:-1], written))
        if self._sources.get(name) != source:
            self._sources[name] = source
            self._v2 = self._v2_protobuf = None

    def remove_source(self, name: str) -> None:
        """Take back `set_source`."""
        if self._sources.pop(name, None) is not None:
            self._v2 = self._v2_protobuf = None

    def invalidate(self, group: str) -> None:
        """A group's resources changed."""
        self._parts = None
        self._v2 = self._v2_protobuf = None
        self._fingerprints = {path: value for path, value in self._fingerprints.items() if _group_of(path) != group}
        self._v3 = {path: value for path, value in self._v3.items() if _group_of(path) != group}
        self._fragments = {path: value for path, value in self._fragments.items() if _group_of(path) != group}

    def parts(self) -> dict[str, Part]:
        if self._parts is None:
            self._parts = self._find_parts()
        return self._parts

    def fingerprint(self, path: str) -> str:
        """The hash of a part's document."""
        found = self._fingerprints.get(path)
        if found is None:
            found = self._fingerprints[path] = self.parts()[path].fingerprint(_VERSION)
        return found

    def index(self) -> bytes:
        """The answer to /openapi/v3."""
        urls = {path: self._url(path) for path in self.parts()}
        for others, _ in self._sources.values():
            urls |= others
        return orjson.dumps({"paths": {path: {"serverRelativeURL": urls[path]} for path in sorted(urls)}})

    def _url(self, path: str) -> str:
        return f"{V3_ROOT}/{path}?hash={self.fingerprint(path)}"

    def v3(self, path: str) -> bytes:
        """The document of a part. Raises KeyError when there is no such part."""
        from kubern.endpoints.openapi.documents import v3_document

        document = self._v3.get(path)
        if document is None:
            document = self._v3[path] = v3_document(self.parts()[path], _VERSION, self.describe)
        return document

    def v2(self) -> tuple[bytes, str]:
        """The OpenAPI v2 document and its entity tag (without quotes)."""
        from kubern.endpoints.openapi.documents import v2_document, v2_fragment
        from kubern.endpoints.openapi.merging import merged

        if self._v2 is None:
            for path, part in self.parts().items():
                if path not in self._fragments:
                    self._fragments[path] = v2_fragment(part, self.describe)
            own = [self._fragments[path] for path in self.parts()]
            others = merged(own, (self._sources[name][1] for name in sorted(self._sources)))
            # Own definitions come last and win over those that say the same in other servers' words.
            document = v2_document([*others, *own], _VERSION)
            self._v2 = document, hashlib.sha512(document).hexdigest().upper()
        return self._v2

    def v2_protobuf(self) -> tuple[bytes, str]:
        """The same in protobuf."""
        from kubern.endpoints.openapi.v2_protobuf import encode_document

        if self._v2_protobuf is None:
            document = encode_document(self.v2()[0])
            self._v2_protobuf = document, hashlib.sha512(document).hexdigest().upper()
        return self._v2_protobuf

    # -- answering

    async def serve(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        """Any path at or below /openapi/v2 and /openapi/v3."""
        if scope["method"] not in ("GET", "HEAD"):
            raise method_not_allowed()
        path = ctx.info.path.rstrip("/")
        if path == V3_ROOT:
            await self._send_index(ctx, send)
        elif path.startswith(V3_ROOT + "/"):
            await self._send_v3(ctx, send, path[len(V3_ROOT) + 1 :])
        else:
            await self._send_v2(ctx, send)

    async def _send_index(self, ctx: RequestContext, send: Send) -> None:
        body = self.index()
        tag = f'"{hashlib.sha512(body).hexdigest().upper()}"'.encode()
        # No content type is set upstream, so that Go guesses: text.
        await self._answer(ctx, send, b"text/plain; charset=utf-8", tag, [], lambda: body)

    async def _send_v3(self, ctx: RequestContext, send: Send, path: str) -> None:
        if path not in self.parts():
            await _bare(send, 404)
            return
        if not _choose(ctx, (JSON,)):
            await _bare(send, 406)
            return
        current = self.fingerprint(path)
        asked = ctx.query_first("hash")
        headers: Headers = [(b"vary", b"Accept")]
        if asked and asked != current:
            headers += [(b"content-type", JSON.encode()), (b"location", self._url(path).encode())]
            await _bare(send, 301, headers)
            return
        if asked:
            expires = (datetime.datetime.now(datetime.UTC) + _YEAR).strftime("%a, %d %b %Y %H:%M:%S UTC")
            headers += [(b"cache-control", b"public, immutable"), (b"expires", expires.encode())]
        await self._answer(ctx, send, JSON.encode(), f'"{current}"'.encode(), headers, lambda: self.v3(path))

    async def _send_v2(self, ctx: RequestContext, send: Send) -> None:
        media_type = _choose(ctx, (JSON, *V2_PROTOBUF))
        if not media_type:
            await _bare(send, 406)
            return
        document, tag = await asyncio.to_thread(self.v2 if media_type == JSON else self.v2_protobuf)
        # The older name, with an @, is no valid media type: both are answered with the newer one.
        shown = JSON if media_type == JSON else V2_PROTOBUF[0]
        await self._answer(ctx, send, shown.encode(), f'"{tag}"'.encode(), [(b"vary", b"Accept")], lambda: document)

    async def _answer(
        self,
        ctx: RequestContext,
        send: Send,
        content_type: bytes,
        tag: bytes,
        headers: Headers,
        make: Callable[[], bytes],
    ) -> None:
        """The document, or 304 when the client has it. `make` runs in a thread, off the event loop."""
        headers = [(b"etag", tag), *headers]
        if tag.decode() in (part.strip() for part in ctx.headers.get("if-none-match", "").split(",")):
            await _bare(send, 304, headers)
            return
        await write_bytes(ctx, send, 200, content_type, await asyncio.to_thread(make), headers)


def _group_of(path: str) -> str:
    parts = path.split("/")
    return parts[1] if parts[0] == "apis" and len(parts) > 1 else ""


def _choose(ctx: RequestContext, offered: tuple[str, ...]) -> str:
    """The first of Accept's clauses that can be served, as a media type; "" when none can."""
    for name, _ in parse_accept(ctx.headers.get("accept", "") or "*/*"):
        if name in ("*/*", "application/*"):
            return offered[0]
        if name in offered:
            return name
    return ""


async def _bare(send: Send, status: int, headers: Headers | None = None) -> None:
    """A status and headers, nothing else."""
    found = headers or []
    if status != 304:
        found = [*found, (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": found})
    await send({"type": "http.response.body", "body": b""})
