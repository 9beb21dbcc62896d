"""The authorization question that a request asks, and the words of its refusal; next: `interface.py`.

Upstream: GetAuthorizerAttributes and responsewriters.Forbidden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import GroupResource, forbidden
from kubern.apimachinery.selectors import SelectorError, parse_field_selector, parse_label_selector
from kubern.authorization.interface import Attributes
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from kubern.apimachinery.errors import StatusError
    from kubern.request import RequestContext

_SELECTING_VERBS = frozenset({"list", "watch", "deletecollection"})


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


def request_uri(scope: MutableMapping[str, Any]) -> str:
    """Path and query as the client sent them, with what HTML would take for its own made harmless."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string") or b""
    uri = (raw + b"?" + query if query else raw).decode("latin-1")
    return uri.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def forbidden_message(attributes: Attributes) -> str:
    """What the user may not do, in kube-apiserver's words (upstream: responsewriters.forbiddenMessage)."""
    username = go_quote(attributes.user.name)
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
