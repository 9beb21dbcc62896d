"""Calls webhooks: one JSON document to an https endpoint, one back (upstream: apiserver/pkg/util/webhook).

Connections are kept and used again. What goes wrong is told in the words of Go's http client, since it ends in
answers to users. Next: `service_resolver.py`, which finds the address of a service.
"""

from __future__ import annotations

import asyncio
import dataclasses
import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

import orjson

from kubern.remote.dialing import READ_BYTES, open_stream
from kubern.remote.egress import CLUSTER, CONTROL_PLANE
from kubern.remote.errors import verification_text
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    import httptools

    from kubern.remote.egress import EgressSelector
    from kubern.remote.kubeconfig import Endpoint

MAX_RESPONSE_BYTES: Final = 3 * 1024 * 1024
_IDLE_CONNECTIONS: Final = 8
MAX_SHOWN_BYTES: Final = 2048
"""The most that is shown of an answer that is no success."""
_STATUS_TEXTS: Final = {
    400: "the server rejected our request for an unknown reason",
    401: "the server has asked for the client to provide credentials",
    404: "the server could not find the requested resource",
    405: "the server does not allow this method on the requested resource",
    406: "the server was unable to respond with a content type that the client supports",
    409: "the server reported a conflict",
    422: "the server rejected our request due to an error in our request",
    429: "the server has received too many requests and has asked us to try again later",
    503: "the server is currently unable to handle the request",
    504: "the server was unable to return a response in the time allotted, but may still be processing the request",
}
ResolveService = Callable[[str, str, int], Awaitable[tuple[str, int]]]
"""(namespace, name, port) to (host, port) to connect to. Raises WebhookError."""


class WebhookError(Exception):
    """A call that gave no usable answer; the text is what Go's client would say."""


@dataclasses.dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Where a webhook is: either `url`, or a service. `ca_bundle` is PEM text, empty for the system's roots.

    `credentials` are what the server shows of itself; its url and CA do not count here.
    """

    url: str = ""
    namespace: str = ""
    name: str = ""
    port: int = 443
    path: str = ""
    ca_bundle: bytes = b""
    credentials: Endpoint | None = None

    @property
    def address(self) -> str:
        """The URL that messages show."""
        return self.url or f"https://{self.name}.{self.namespace}.svc:{self.port}{self.path or '/'}"


class _Reply(NamedTuple):
    """What came back."""

    status: int
    content_type: str
    body: bytes


class WebhookClient:
    """Posts documents to one target."""

    def __init__(
        self, target: WebhookTarget, resolve_service: ResolveService, egress: EgressSelector | None = None
    ) -> None:
        self._dial = egress.dial(CONTROL_PLANE if target.url else CLUSTER) if egress is not None else None
        self.target = target
        self._resolve_service = resolve_service
        self._context: ssl.SSLContext | None = None
        self._idle: list[_Connection] = []
        self._authorization = _authorization_line(target.credentials)

    async def post(self, document: Any, timeout: float) -> Any:
        """The JSON document that the webhook answers with. Raises WebhookError."""
        shown = f"{self.target.address}?timeout={timeout:g}s"
        try:
            async with asyncio.timeout(timeout):
                reply = await self._exchange(orjson.dumps(document), f"timeout={timeout:g}s")
        except TimeoutError:
            raise WebhookError(f"Post {go_quote(shown)}: context deadline exceeded") from None
        except (OSError, EOFError, WebhookError) as error:
            raise WebhookError(f"Post {go_quote(shown)}: {_go_text(error)}") from error
        if not 200 <= reply.status <= 206:
            raise WebhookError(_status_text(reply))
        if not reply.body:
            kind = reply.content_type or "application/json"
            raise WebhookError(f"0-length response with status code: {reply.status} and content type: {kind}")
        try:
            return orjson.loads(reply.body)
        except orjson.JSONDecodeError:
            raise WebhookError(_syntax_text(reply.body)) from None

    def close(self) -> None:
        """Close the connections that are kept."""
        while self._idle:
            self._idle.pop().close()

    async def _exchange(self, body: bytes, query: str) -> _Reply:
        parts = urlsplit(self.target.address)
        path = f"{parts.path or '/'}?{query}"
        while self._idle:
            connection = self._idle.pop()
            try:
                return await self._use(connection, parts.netloc, path, body)
            except (OSError, EOFError):
                connection.close()  # the server closed it while it was idle
        connection = await self._connect(parts.hostname or "", parts.port or 443)
        return await self._use(connection, parts.netloc, path, body)

    async def _use(self, connection: _Connection, host: str, path: str, body: bytes) -> _Reply:
        try:
            answer = await connection.post(host, path, body, self._authorization)
        except BaseException:
            connection.close()
            raise
        if connection.reusable and len(self._idle) < _IDLE_CONNECTIONS:
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    async def _connect(self, host: str, port: int) -> _Connection:
        target = self.target
        server_name = host
        if not target.url:
            host, port = await self._resolve_service(target.namespace, target.name, target.port)
        if self._context is None:
            self._context = _tls_context(target)
        try:
            reader, writer = await open_stream(host, port, self._context, server_name, self._dial)
        except ConnectionRefusedError:
            raise WebhookError(f"dial tcp {_join(host, port)}: connect: connection refused") from None
        return _Connection(reader, writer)


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _authorization_line(credentials: Endpoint | None) -> str:
    if credentials is None:
        return ""
    from kubern.remote.client import authorization_header

    header = authorization_header(credentials)
    return f"Authorization: {header}\r\n" if header else ""


def _tls_context(target: WebhookTarget) -> ssl.SSLContext:
    if target.ca_bundle:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cadata=target.ca_bundle.decode("latin-1"))
        except ssl.SSLError:
            raise WebhookError("unable to load root certificates: unable to parse bytes as PEM block") from None
    else:
        context = ssl.create_default_context()
    if target.credentials is not None and target.credentials.client_cert:
        from kubern.remote.client import load_client_certificate

        load_client_certificate(context, target.credentials.client_cert, target.credentials.client_key)
    return context


class _Connection:
    """One HTTP/1.1 connection, for one exchange at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._body = bytearray()
        self._content_type = ""
        self._complete = False
        self.reusable = False

    def close(self) -> None:
        self._writer.close()

    async def post(self, host: str, path: str, body: bytes, authorization: str) -> _Reply:
        """The answer. Raises OSError, EOFError, WebhookError."""
        import httptools

        head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json\r\nUser-Agent: kube-apiserver-admission\r\nContent-Length: {len(body)}\r\n"
            f"{authorization}\r\n"
        )
        self._body, self._content_type, self._complete = bytearray(), "", False
        parser = httptools.HttpResponseParser(self)
        self._writer.write(head.encode() + body)
        await self._writer.drain()
        while not self._complete:
            data = await self._reader.read(READ_BYTES)
            if not data:
                raise EOFError("EOF")
            self._feed(parser, data)
        self.reusable = parser.should_keep_alive()
        return _Reply(parser.get_status_code(), self._content_type, bytes(self._body))

    def _feed(self, parser: httptools.HttpResponseParser, data: bytes) -> None:
        import httptools

        try:
            parser.feed_data(data)
        except httptools.HttpParserError:
            raise WebhookError("net/http: HTTP/1.x transport connection broken: malformed HTTP response") from None

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if name.lower() == b"content-type":
            self._content_type = value.decode("latin-1").strip()

    def on_body(self, data: bytes) -> None:
        """Called by the parser."""
        self._body += data
        if len(self._body) > MAX_RESPONSE_BYTES:
            raise WebhookError("response body is too large")

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._complete = True


def _go_text(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "tls: failed to verify certificate: " + verification_text(error)
    if isinstance(error, ssl.SSLError):
        return f"remote error: tls: {error.reason or error}"
    if isinstance(error, OSError) and error.strerror and not str(error).startswith("dial"):
        return f"dial tcp: {error.strerror.lower()}"
    return str(error)


def _status_text(reply: _Reply) -> str:
    """What client-go says about an answer that is no success (upstream: NewGenericServerResponse)."""
    status, body = reply.status, reply.body
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if isinstance(found, dict) and found.get("kind") == "Status" and found.get("message"):
        return str(found["message"])
    said = "unknown"
    if not reply.content_type or reply.content_type.lower().startswith("text/"):
        said = body[:MAX_SHOWN_BYTES].decode("utf-8", "replace").strip()
    if status in (403, 415) or (status == 406 and said not in ("", "unknown")):
        return said
    known = _STATUS_TEXTS.get(status)
    if known is not None:
        return known
    if status >= 500:
        return f"an error on the server ({go_quote(said)}) has prevented the request from succeeding"
    return f"the server responded with the status code {status} but did not return more information"


def _syntax_text(body: bytes) -> str:
    from kubern.util.gojson import JSONSyntaxError, check_syntax

    try:
        check_syntax(body)
    except JSONSyntaxError as error:
        return f"couldn't get version/kind; json parse error: {error}"
    return "couldn't get version/kind; json parse error: invalid JSON"
