"""From a request to the endpoint of a custom resource (upstream: crdHandler.ServeHTTP, in the same order of steps).

Next: `served.py` for where endpoints come from, `kubern/endpoints/verbs/` for what runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from kubern.apimachinery.errors import GroupResource, method_not_supported, not_found
from kubern.endpoints.verbs.create import create
from kubern.endpoints.verbs.delete import delete
from kubern.endpoints.verbs.deletecollection import deletecollection
from kubern.endpoints.verbs.get import get
from kubern.endpoints.verbs.list import list_
from kubern.endpoints.verbs.patch import patch
from kubern.endpoints.verbs.update import update
from kubern.endpoints.verbs.watch import legacy_watch

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Send
    from kubern.endpoints.installer import Route, Verb
    from kubern.request import RequestContext, RequestInfo
    from kubern_apiextensions.handlers.resources import ServedResources
    from kubern_apiextensions.handlers.served import ServedResource

_ACROSS_NAMESPACES: Final = frozenset({"list", "watch"})
_VERBS: Final[Mapping[str, Verb]] = {
    "create": create,
    "delete": delete,
    "deletecollection": deletecollection,
    "get": get,
    "list": list_,
    "patch": patch,
    "update": update,
    "watch": list_,
}
_SUBRESOURCE_VERBS: Final = frozenset({"get", "patch", "update"})


async def serve(resources: ServedResources, ctx: RequestContext, receive: Receive, send: Send) -> bool:
    """Answer a request for a custom resource; False when there is no such resource. Raises StatusError."""
    await resources.ready()
    info = ctx.info
    served = resources.get(f"{info.resource}.{info.api_group}")
    if served is None or not _is_for(info, served):
        return False
    version = served.summary.version(info.api_version)
    assert version is not None
    if version.warning:
        ctx.warnings.append(version.warning)
    route = _route(served, info)
    await _verb(info)(route.scope, ctx, receive, send)
    return True


def _is_for(info: RequestInfo, served: ServedResource) -> bool:
    """Whether the definition answers requests of this scope and version."""
    summary = served.summary
    if info.namespace and not summary.namespaced:
        return False
    if summary.namespaced and not info.namespace and info.verb not in _ACROSS_NAMESPACES:
        return False
    version = summary.version(info.api_version)
    return version is not None and version.served and summary.is_served


def _route(served: ServedResource, info: RequestInfo) -> Route:
    route = served.route(info.api_version, info.subresource)
    if route is None:
        raise not_found(GroupResource(info.api_group, info.resource), info.name)
    return route


def _verb(info: RequestInfo) -> Verb:
    verb = _VERBS.get(info.verb)
    if verb is None or (info.subresource and info.verb not in _SUBRESOURCE_VERBS):
        raise method_not_supported(GroupResource(info.api_group, info.resource), info.verb)
    return legacy_watch if info.special == "watch" else verb
