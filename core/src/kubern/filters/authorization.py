"""Who may: asks the authorizer about every request (upstream: WithAuthorization)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.apimachinery.errors import GroupResource, forbidden
from kubern.apimachinery.selectors import SelectorError, parse_field_selector, parse_label_selector
from kubern.authorization.interface import Attributes, AuthorizationError, Decision
from kubern.endpoints.asgi import send_text
from kubern.filters.request_info import CONTEXT_KEY
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from kubern.apimachinery.errors import StatusError
    from kubern.authorization.interface import Authorizer
    from kubern.endpoints.asgi import ASGIApp, Receive, Scope, Send
    from kubern.request import RequestContext

_DECISION = "authorization.k8s.io/decision"
_REASON = "authorization.k8s.io/reason"
_SELECTING_VERBS = frozenset({"list", "watch", "deletecollection"})


class AuthorizationFilter:
    """403 unless some authorizer allows the request."""

    def __init__(self, app: ASGIApp, authorizer: Authorizer) -> None:
        self.app = app
        self.authorizer = authorizer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        ctx = scope[CONTEXT_KEY]
        attributes = authorization_attributes(ctx)
        try:
            decision, reason = await self.authorizer.authorize(attributes)
        except AuthorizationError as error:
            ctx.audit_annotations[_REASON] = "internal error"
            await send_text(send, 500, f"Internal Server Error: {go_quote(request_uri(scope))}: {error.text}\n")
            return
        ctx.audit_annotations[_DECISION] = "allow" if decision is Decision.ALLOW else "forbid"
        ctx.audit_annotations[_REASON] = reason
        if decision is not Decision.ALLOW:
            raise forbidden_error(attributes, reason)
        await self.app(scope, receive, send)


def authorization_attributes(ctx: RequestContext) -> Attributes:
    """The question that a request asks (upstream: GetAuthorizerAttributes)."""
    info = ctx.info
    if not info.is_resource_request:
        return Attributes(ctx.effective_user, info.verb, path=info.path)
    labels: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    fields: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    if ctx.query and info.verb in _SELECTING_VERBS:
        labels = _requirements(ctx.query_first("labelSelector"), parse_label_selector)
        fields = _requirements(ctx.query_first("fieldSelector"), parse_field_selector)
    return Attributes(
        ctx.effective_user,
        info.verb,
        info.path,
        True,
        info.api_group,
        info.api_version,
        info.namespace,
        info.resource,
        info.subresource,
        info.name,
        fields,
        labels,
    )


def _requirements(text: str, parse: object) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    if not text:
        return ()
    try:
        selector = parse(text)  # type: ignore[operator]
    except SelectorError:
        return ()
    return tuple((r.key, r.operator, r.values) for r in selector.requirements)


def request_uri(scope: Scope) -> str:
    """Path and query as the client sent them, with what HTML would take for its own made harmless."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string") or b""
    uri = (raw + b"?" + query if query else raw).decode("latin-1")
    return uri.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def forbidden_message(attributes: Attributes) -> str:
    """What the user may not do, in kube-apiserver's words (upstream: responsewriters.forbiddenMessage)."""
    username = go_quote(attributes.user.name) if attributes.user.name else ""
    if not attributes.resource_request:
        return f"User {username} cannot {attributes.verb} path {go_quote(attributes.path)}"
    resource = attributes.resource
    if attributes.subresource:
        resource += "/" + attributes.subresource
    group = attributes.api_group
    if attributes.namespace:
        return (
            f"User {username} cannot {attributes.verb} resource {go_quote(resource)} in API group {go_quote(group)} "
            f"in the namespace {go_quote(attributes.namespace)}"
        )
    return (
        f"User {username} cannot {attributes.verb} resource {go_quote(resource)} in API group {go_quote(group)} "
        "at the cluster scope"
    )


def forbidden_error(attributes: Attributes, reason: str) -> StatusError:
    """The 403 for a request that was not allowed."""
    message = forbidden_message(attributes)
    if reason:
        message += ": " + reason
    gr = GroupResource(attributes.api_group, attributes.resource)
    return forbidden(gr, attributes.name, message)
