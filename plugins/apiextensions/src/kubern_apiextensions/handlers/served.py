"""One definition at work: its versions, their stores and endpoints, all made when they are first needed.

Upstream: crdInfo. Next: `resources.py`, which keeps one for each definition; `../registry/definition.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import orjson

from kubern.apimachinery.errors import GroupResource, forbidden
from kubern.apimachinery.resource import StoreHooks
from kubern.endpoints.installer import version_routes
from kubern.endpoints.remote_conversion import RemoteConversions
from kubern_apiextensions.api.summary import Summary
from kubern_apiextensions.conversion.none import Converter, NoneConverter
from kubern_apiextensions.registry.columns import compile_columns, scale_columns
from kubern_apiextensions.registry.conversions import Conversions
from kubern_apiextensions.registry.definition import (
    requested_resource,
    requested_version,
    selectable_fields,
    stored_resource,
)
from kubern_apiextensions.registry.store import CustomResourceStore
from kubern_apiextensions.registry.version import CustomResourceVersion
from kubern_apiextensions.registry.views import VersionView

if TYPE_CHECKING:
    from kubern.apimachinery.schema.model import Schema
    from kubern.endpoints.installer import Route
    from kubern.remote.webhook import ResolveService
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer
    from kubern.storage.cacher import Entry

Object = dict[str, Any]
PATCH_TYPES: Final = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/apply-patch+yaml",
)


async def _nothing_to_undo(succeeded: bool) -> None:
    """What the store awaits after a create."""


class ServedResource:
    """The custom resource that a stored definition describes."""

    def __init__(
        self, server: GenericAPIServer, entry: Entry, summary: Summary, resolve_service: ResolveService
    ) -> None:
        self.server = server
        self.summary = summary
        self._entry = entry
        self._resolve_service = resolve_service
        self._hooks = StoreHooks(begin_create=self._begin_create)
        self._versions: dict[str, CustomResourceVersion] = {}
        self._stores: dict[str, CustomResourceStore] = {}
        self._routes: dict[str, dict[tuple[str, str], Route]] = {}
        self._converter: Converter = NoneConverter()
        cacher = server.config.storage_factory.resource_store(stored_resource(self.summary)).cacher
        self.conversions = Conversions(cacher)
        self._rebuild(None)

    def change(self, entry: Entry, summary: Summary) -> None:
        """Go on with another state of the definition, and its summary; running watches stay."""
        before = self.summary
        self._entry, self.summary = entry, summary
        if (self.summary.spec, self.summary.accepted) != (before.spec, before.accepted):
            self._rebuild(before)

    def close(self) -> None:
        """Let go of what the conversion holds; the watch cache is the owner's to close."""
        self._converter.close()

    # ---------------------------------------------------------------- what is served

    def store(self, version: str) -> CustomResourceStore:
        """The store of a version."""
        store = self._stores.get(version)
        if store is None:
            summary, api_version = self.summary.version(version), self._api_version(version)
            assert summary is not None
            definition = requested_resource(self.summary, self._versions, version, self._hooks)
            view = VersionView(self.conversions, api_version, selectable_fields(summary))
            collects = self.server.config.storage_factory.garbage_collection
            store = self._stores[version] = CustomResourceStore(definition, view, garbage_collection=collects)
        return store

    def route(self, version: str, subresource: str) -> Route | None:
        """The endpoint of a version or of its subresource, None when the version has none."""
        routes = self._routes.get(version)
        if routes is None:
            routes = self._routes[version] = self._make_routes(version)
        return routes.get((self.summary.accepted.plural, subresource))

    def _make_routes(self, version: str) -> dict[tuple[str, str], Route]:
        summary = self.summary.version(version)
        assert summary is not None
        store = self.store(version)
        requested = requested_version(summary, self._versions[self._api_version(version)])
        routes = version_routes(self.server, store.definition, requested, store)
        remote = RemoteConversions(self._convert) if self._converter.is_remote else None
        for route in routes.values():
            route.scope.patch_types = PATCH_TYPES
            route.scope.remote_conversions = remote
            if summary.scale is not None and route.scope.subresource_name == "scale":
                declared = scale_columns(summary.scale.spec_replicas, summary.scale.status_replicas)
                route.scope.columns, route.scope.cells = compile_columns(declared)
        return routes

    async def _convert(self, obj: Object, api_version: str) -> Object:
        return (await self._converter.convert([obj], api_version))[0]

    def schema(self, version: str) -> Schema:
        """The schema of a version."""
        return self._versions[self._api_version(version)].schema_node()

    def declared(self) -> Object:
        """The whole definition as it is stored."""
        return self._entry.decode()

    def forget_unused(self) -> None:
        """Drop what was compiled and not used since the last call."""
        for version in self._versions.values():
            version.forget_unused()

    # ---------------------------------------------------------------- changing

    def _api_version(self, version: str) -> str:
        return f"{self.summary.group}/{version}"

    def _rebuild(self, before: Summary | None) -> None:
        summary = self.summary
        self._versions = {self._api_version(v.name): self._version(v.name, v.shape) for v in summary.versions}
        self._stores, self._routes = {}, {}
        self.close()
        self._converter = self._make_converter()
        same = before is not None and _shapes(before) == _shapes(summary)
        self.conversions.change(
            self._versions,
            frozenset(self._api_version(v.name) for v in summary.served()),
            self._api_version(summary.storage.name),
            self._converter,
            0 if same else self._entry.mod_rev,
        )

    def _version(self, name: str, shape: bytes) -> CustomResourceVersion:
        summary = self.summary
        return CustomResourceVersion(
            summary.group,
            summary.names.kind,
            name,
            lambda: self._declaration(name),
            preserve_unknown_fields=summary.preserve_unknown_fields,
            shape=shape,
        )

    def _declaration(self, name: str) -> Object:
        """A version's entry in spec.versions, read again from the stored bytes."""
        versions = orjson.loads(self._entry.value)["spec"]["versions"]
        return next(v for v in versions if v["name"] == name)

    def _make_converter(self) -> Converter:
        if not self.summary.converts_by_webhook:
            return NoneConverter()
        from kubern.options.egress_selector import EgressSelectorOptions
        from kubern_apiextensions.conversion.webhook import WebhookConverter

        webhook = orjson.loads(self._entry.value)["spec"]["conversion"].get("webhook") or {}
        egress = self.server.config.options.section(EgressSelectorOptions)
        return WebhookConverter(webhook, self._resolve_service, egress.selector)

    async def _begin_create(self, ctx: RequestContext, obj: Object, dry_run: bool) -> Callable[[bool], Awaitable[None]]:
        """Raises StatusError 403 when the definition is about to go."""
        if self.summary.is_terminating:
            resource = GroupResource(self.summary.group, self.summary.accepted.plural)
            reason = "create not allowed while custom resource definition is terminating"
            raise forbidden(resource, obj["metadata"].get("name", ""), reason)
        return _nothing_to_undo


def _shapes(summary: Summary) -> tuple[object, ...]:
    return (summary.preserve_unknown_fields, {v.name: v.shape for v in summary.versions})
