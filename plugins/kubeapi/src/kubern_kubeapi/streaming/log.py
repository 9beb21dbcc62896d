"""Logs of a pod's container, streamed from its node's kubelet (upstream: pkg/registry/core/pod/rest/log.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from kubern.apimachinery import field
from kubern.apimachinery.errors import GroupKind, StatusError, bad_request, internal_error, invalid
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.objectmeta import validate_nonnegative
from kubern.registry.errors import plain_error
from kubern.remote.errors import join_host_port
from kubern_kubeapi.streaming.containers import choose_container
from kubern_kubeapi.streaming.exchange import FAILURES, LocationExchange, failure_text
from kubern_kubeapi.streaming.query import read_options

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Send
    from kubern.registry.store import ResourceStore
    from kubern.remote.http import Connection, Headers
    from kubern.request import RequestContext
    from kubern_kubeapi.streaming.kubelets import Kubelets

Object = dict[str, Any]
_FIELDS = {
    "container": "text",
    "follow": "bool",
    "previous": "bool",
    "sinceSeconds": "int",
    "sinceTime": "time",
    "timestamps": "bool",
    "tailLines": "int",
    "limitBytes": "int",
    "insecureSkipTLSVerifyBackend": "bool",
    "stream": "text",
}
_PASSED = ("follow", "previous", "sinceSeconds", "sinceTime", "timestamps", "tailLines", "limitBytes")
_MAX_ERROR_BYTES = 50_000


def validate_log_options(options: Mapping[str, Any]) -> ErrorList:
    errors: ErrorList = []
    if options.get("tailLines") is not None:
        errors += validate_nonnegative(options["tailLines"], Path("tailLines"))
    limit = options.get("limitBytes")
    if limit is not None and limit < 1:
        errors.append(field.invalid("limitBytes", limit, "must be greater than 0"))
    seconds = options.get("sinceSeconds")
    if seconds is not None and options.get("sinceTime") is not None:
        detail = "at most one of `sinceTime` or `sinceSeconds` may be specified"
        errors.append(field.forbidden(Path(""), detail))
    elif seconds is not None and seconds < 1:
        errors.append(field.invalid("sinceSeconds", seconds, "must be greater than 0"))
    if options.get("stream") is not None:
        errors.append(field.forbidden("stream", "may not be specified"))
    return errors


class LogStorage:
    """GET of pods/NAME/log."""

    namespaced = True
    produces_mime_types = ("text/plain",)

    def __init__(self, store: ResourceStore, kubelets: Kubelets) -> None:
        self.store = store
        self.kubelets = kubelets

    async def stream(self, ctx: RequestContext, name: str, receive: Receive, send: Send) -> None:
        """Send the log as it comes; nothing for a pod without a node. Raises StatusError 400, 404, 422, 500."""
        options = read_options(ctx.query, "PodLogOptions", _FIELDS)
        errors = validate_log_options(options)
        if errors:
            raise invalid(GroupKind("", "PodLogOptions"), name, errors)
        pod = await self.store.get_object(ctx.info.namespace, name)
        container = choose_container(pod, options.get("container", ""))
        node_name = pod["spec"].get("nodeName")
        if not node_name:
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        location = await self.kubelets.locate(node_name)
        if options.get("insecureSkipTLSVerifyBackend"):
            location.context = self.kubelets.insecure_context()
        target = f"/containerLogs/{ctx.info.namespace}/{name}/{container}"
        query = _kubelet_query(options)
        target = f"{target}?{query}" if query else target
        try:
            await _LogExchange(self.kubelets.pool, location, target, ctx, receive, send).run()
        except FAILURES as error:
            if ctx.response_started:
                raise ConnectionAbortedError("the kubelet broke off the log") from error
            url = f"{location.scheme}://{join_host_port(location.host, location.port)}{target}"
            raise plain_error(f'Get "{url}": {failure_text(error, location)}') from error


def _kubelet_query(options: Mapping[str, Any]) -> str:
    """The options as the kubelet takes them."""
    passed = {name: options[name] for name in _PASSED if options.get(name) not in (None, False)}
    return urlencode({name: "true" if value is True else value for name, value in sorted(passed.items())})


class _LogExchange(LocationExchange):
    """The kubelet's answer as a log, its errors as Statuses."""

    def headers(self) -> Headers:
        return [(b"Host", join_host_port(self.location.host, self.location.port).encode())]

    async def answer(self, connection: Connection) -> None:
        if not 200 <= connection.status <= 206:
            text = b""
            async for data in connection.read_body():
                text = (text + data)[:_MAX_ERROR_BYTES]
            raise _kubelet_error(connection.status, text.decode("utf-8", "replace"), self.ctx.info.name)
        await super().answer(connection)

    def answer_headers(self, connection: Connection) -> Headers:
        return [(b"content-type", b"text/plain")]


def _kubelet_error(status: int, text: str, name: str) -> StatusError:
    """What a kubelet's refusal becomes (upstream: GenericHttpResponseChecker)."""
    if status == 500:
        return internal_error(text)
    if status == 400:
        return bad_request(text)
    reason, message = _GENERIC.get(
        status, ("", "the server responded with the status code {} but did not return more information")
    )
    message = message.format(status) + f" (get pods/log {name})"
    details = {"name": name, "kind": "pods/log", "causes": [{"reason": "UnexpectedServerResponse", "message": text}]}
    return StatusError(status, reason or "Unknown", message, details)


_GENERIC = {
    401: ("Unauthorized", "the server has asked for the client to provide credentials"),
    403: ("Forbidden", "the server does not allow access to the requested resource"),
    404: ("NotFound", "the server could not find the requested resource"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
}
