"""Merges what extension API servers say about their versions into the OpenAPI documents.

The index of v3 points to their documents, which are fetched through the proxy when somebody asks; v2 is downloaded and
cut down to the paths of the version. Upstream: kube-aggregator/pkg/controllers/openapi and openapiv3.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from kubern.endpoints.openapi.service import V2_ROOT, V3_ROOT
from kubern_aggregator.controllers.refreshing import Refreshing
from kubern_aggregator.fetch import FETCH_ERRORS, fetch

if TYPE_CHECKING:
    from kubern.endpoints.openapi.service import OpenAPIService
    from kubern_aggregator.registry import Registered, Registry
    from kubern_aggregator.upstream import Upstreams

Object = dict[str, Any]
_FETCH_SECONDS: Final = 30.0
_DEFINITIONS: Final = "#/definitions/"
_PARAMETERS: Final = "#/parameters/"


class RemoteOpenAPI:
    """The controller; what was learned of a server stays while it is away."""

    def __init__(self, service: OpenAPIService, registry: Registry, upstreams: Upstreams) -> None:
        self.service = service
        self.registry = registry
        self.upstreams = upstreams
        self.refreshing = Refreshing(registry, self._learn)

    def start(self) -> None:
        """Follow APIServices."""
        self.registry.on_change(self._changed)
        for name in self.registry.all:
            self._changed(name)

    def _changed(self, name: str) -> None:
        if name in self.registry.all and self.registry.all[name].remote:
            self.refreshing.add(name)
        else:
            self.service.remove_source(name)

    async def _learn(self, name: str) -> None:
        one = self.registry.all.get(name)
        if one is None or not one.remote or not one.available:
            return
        index = await self._fetch(one, V3_ROOT)
        swagger = await self._fetch(one, V2_ROOT)
        if name in self.registry.all and (index or swagger):
            paths, definitions = own_part(swagger, one)
            self.service.set_source(name, _own_documents(index, one), paths, definitions)

    async def _fetch(self, one: Registered, path: str) -> Object:
        """A document, {} when the server has none or gives no answer."""
        try:
            async with asyncio.timeout(_FETCH_SECONDS):
                return await fetch(self.upstreams, one, path) or {}
        except FETCH_ERRORS:
            return {}


def version_path(one: Registered) -> str:
    """The path of an APIService's version, without a slash in front."""
    return f"apis/{one.group}/{one.version}" if one.group else f"api/{one.version}"


def _own_documents(index: Object, one: Registered) -> dict[str, str]:
    path = version_path(one)
    found = index.get("paths", {}).get(path, {}).get("serverRelativeURL")
    return {path: found} if found else {}


def own_part(swagger: Object, one: Registered) -> tuple[Object, dict[str, Object]]:
    """The paths of one version in an OpenAPI v2 document, and the definitions that they need."""
    root = f"/{version_path(one)}"
    shared = swagger.get("parameters", {})
    paths = {
        p: _inlined(v, shared) for p, v in swagger.get("paths", {}).items() if p == root or p.startswith(root + "/")
    }
    known = swagger.get("definitions", {})
    found: dict[str, Object] = {}
    missing = list(_references(paths))
    while missing:
        name = missing.pop()
        if name not in found and name in known:
            found[name] = known[name]
            missing.extend(_references(known[name]))
    return paths, found


def _inlined(value: Any, shared: Object) -> Any:
    """An item of `paths` with its shared parameters written out: in the merged document their names are others'."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference.startswith(_PARAMETERS):
            return shared.get(reference[len(_PARAMETERS) :], value)
        return {key: _inlined(item, shared) for key, item in value.items()}
    if isinstance(value, list):
        return [_inlined(item, shared) for item in value]
    return value


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference.startswith(_DEFINITIONS):
            yield reference[len(_DEFINITIONS) :]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
