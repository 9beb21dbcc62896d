"""Administrative access to devices: only in namespaces marked for it (upstream: pkg/registry/resource/utils.go).

The namespace must be read, which strategies cannot do: the store reads it first and gives the strategy what to say.
Next: `resourceclaim.py`, `resourceclaimtemplate.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.field import ErrorList, Path
from kubern.registry.store import ResourceStore
from kubern.registry.strategy import Strategy

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.registry.store import Written
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer
    from kubern.storage.cacher import Cacher

Object = dict[str, Any]

LABEL: Final = "resource.kubernetes.io/admin-access"


def requested_access(spec: Object, path: Path) -> Path | None:
    """The first request of a claim spec for administrative access."""
    for i, request in enumerate(spec.get("devices", {}).get("requests") or ()):
        if (request.get("exactly") or {}).get("adminAccess"):
            return path.child("devices", "requests").index(i).child("adminAccess")
    return None


class _Refusing(Strategy):
    """Another strategy that has a problem to report first."""

    def __init__(self, strategy: Strategy, problem: ErrorList) -> None:
        self._strategy = strategy
        self._problem = problem

    def __getattribute__(self, name: str) -> Any:
        if name in ("validate", "_strategy", "_problem"):
            return super().__getattribute__(name)
        return getattr(self._strategy, name)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return self._problem + self._strategy.validate(ctx, obj)


class AdminAccessStore(ResourceStore):
    """New claims and templates may ask for administrative access in marked namespaces only."""

    def __init__(
        self,
        definition: ResourceDefinition,
        cacher: Cacher,
        *,
        server: GenericAPIServer,
        garbage_collection: bool = True,
    ) -> None:
        super().__init__(definition, cacher, garbage_collection=garbage_collection)
        self._server = server

    async def create(self, ctx: RequestContext, obj: Object, **options: Any) -> Written:
        at = _asked(obj)
        if at is not None:
            problem = await self._problem(obj["metadata"].get("namespace", ""), at)
            if problem:
                strategy = options.get("strategy") or self.definition.strategy
                options["strategy"] = _Refusing(strategy, problem)
        return await super().create(ctx, obj, **options)

    async def _problem(self, namespace: str, at: Path) -> ErrorList:
        store = self._server.find_store("", "namespaces")
        try:
            found = await store.get_object("", namespace) if store is not None else {}
        except StatusError as error:
            return [field.internal_error(at, f"could not retrieve namespace to verify admin access: {error.message}")]
        if (found.get("metadata", {}).get("labels") or {}).get(LABEL) == "true":
            return []
        detail = f"admin access to devices requires the `{LABEL}: true` label on the containing namespace"
        return [field.forbidden(at, detail)]


def _asked(obj: Object) -> Path | None:
    spec, path = obj.get("spec", {}), Path("spec")
    if obj.get("kind") == "ResourceClaimTemplate":
        spec, path = spec.get("spec", {}), path.child("spec")
    return requested_access(spec, path)
