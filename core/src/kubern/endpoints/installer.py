"""From ResourceDefinitions to routes: a table of endpoints per group-version (upstream: endpoints/installer.go).

`Route.collection` and `Route.item` map HTTP methods to verbs; the director only looks things up here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.errors import GroupKind
from kubern.endpoints.scope import RequestScope
from kubern.endpoints.verbs.connect import connect, stream
from kubern.endpoints.verbs.create import create
from kubern.endpoints.verbs.delete import delete
from kubern.endpoints.verbs.deletecollection import deletecollection
from kubern.endpoints.verbs.get import get
from kubern.endpoints.verbs.list import list_
from kubern.endpoints.verbs.patch import patch
from kubern.endpoints.verbs.update import update
from kubern.options.etcd import EtcdOptions
from kubern.options.generic import GenericOptions
from kubern.registry.rest import Connecter, Streamer
from kubern.registry.scale import SCALE_KIND, ScaleStorage

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition, Subresource, VersionDefinition
    from kubern.endpoints.asgi import Receive, Send
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

Verb = Callable[[RequestScope, "RequestContext", "Receive", "Send"], Awaitable[None]]
_COLLECTION_VERBS: dict[str, tuple[str, Verb]] = {
    "list": ("GET", list_),
    "create": ("POST", create),
    "deletecollection": ("DELETE", deletecollection),
}
_ITEM_VERBS: dict[str, tuple[str, Verb]] = {
    "get": ("GET", get),
    "update": ("PUT", update),
    "patch": ("PATCH", patch),
    "delete": ("DELETE", delete),
}
_CONNECT_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


@dataclasses.dataclass(slots=True)
class Route:
    """The endpoint of a resource or subresource in one version."""

    scope: RequestScope
    collection: dict[str, Verb]
    item: dict[str, Verb]
    watchable: bool = False
    connects: bool = False
    """The storage takes the request over, whatever it accepts."""
    has_paths_below: bool = False


@dataclasses.dataclass(slots=True)
class GroupVersionRoutes:
    """All routes of one group-version, by (resource, subresource)."""

    group: str
    version: str
    routes: dict[tuple[str, str], Route] = dataclasses.field(default_factory=dict)


def install_resource(
    server: GenericAPIServer, definition: ResourceDefinition, storage: Any
) -> list[tuple[str, dict[tuple[str, str], Route]]]:
    """(version, routes) of every served version of a resource."""
    out = []
    for version in definition.versions:
        if version.served:
            out.append((version.version, version_routes(server, definition, version, storage)))
    return out


def _apply_flags(scope: RequestScope, server: GenericAPIServer) -> None:
    """What flags say about verbs, and where events are counted."""
    scope.metrics = server.config.metrics.requests
    options = server.config.options
    scope.min_request_timeout = options.section(GenericOptions).min_request_timeout
    scope.delete_collection_workers = options.section(EtcdOptions).delete_collection_workers


def version_routes(
    server: GenericAPIServer, definition: ResourceDefinition, version: VersionDefinition, storage: Any
) -> dict[tuple[str, str], Route]:
    """The endpoints of one version, by (resource, subresource)."""
    scope = RequestScope(definition, version, storage, server.admission)
    scope.find_scheme = server.find_scheme
    _apply_flags(scope, server)
    verbs = definition.verbs
    routes = {
        (definition.resource, ""): Route(
            scope,
            {m: f for v, (m, f) in _COLLECTION_VERBS.items() if v in verbs},
            {m: f for v, (m, f) in _ITEM_VERBS.items() if v in verbs},
            watchable="watch" in verbs,
        )
    }
    for subresource in definition.subresources:
        if subresource.versions and version.version not in subresource.versions:
            continue
        routes[(definition.resource, subresource.name)] = _subresource_route(
            server, definition, version, subresource, storage
        )
    return routes


def _subresource_route(
    server: GenericAPIServer,
    definition: ResourceDefinition,
    version: VersionDefinition,
    subresource: Subresource,
    storage: Any,
) -> Route:
    strategy = subresource.strategy
    kind: GroupKind | None = None
    kind_version = ""
    if subresource.kind:
        kind = GroupKind(subresource.group, subresource.kind)
        kind_version = subresource.version or version.version
    if subresource.scale is not None:
        storage = (subresource.scale.storage or ScaleStorage)(storage, subresource.scale)
        kind, kind_version = SCALE_KIND, "v1"
    elif subresource.factory is not None:
        storage = server.special_storage(definition, subresource, storage)
    scope = RequestScope(definition, version, storage, server.admission, subresource, strategy, kind, kind_version)
    scope.find_scheme = server.find_scheme
    if isinstance(storage, Connecter):
        methods = getattr(storage, "connect_methods", _CONNECT_METHODS)
        below = methods is _CONNECT_METHODS
        return Route(scope, {}, dict.fromkeys(methods, connect), connects=True, has_paths_below=below)
    if isinstance(storage, Streamer):
        return Route(scope, {}, {"GET": stream})
    item = {m: f for v, (m, f) in _ITEM_VERBS.items() if v in subresource.verbs}
    if "create" in subresource.verbs:
        item["POST"] = create
    return Route(scope, {}, item)
