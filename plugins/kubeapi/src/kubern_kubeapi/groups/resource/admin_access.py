"""Administrative access to devices: only in namespaces marked for it (upstream: pkg/registry/resource/authorization.go).

The namespace must be read and authorizers asked, which strategies cannot do: the store does it first and gives the
strategy what to say. Next: `status_access.py`; `resourceclaim.py`, `resourceclaimtemplate.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.field import ErrorList, Path
from kubern.registry.store import ResourceStore
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.resource.status_access import status_problems

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.registry.written import UpdatedObject, Written
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer
    from kubern.storage.cacher import Cacher

Object = dict[str, Any]

LABEL: Final = "resource.kubernetes.io/admin-access"


def requested_access(spec: Object) -> Path | None:
    """The first request of a claim spec for administrative access; of a template's as well, as upstream names it."""
    for i, request in enumerate(spec.get("devices", {}).get("requests") or ()):
        if (request.get("exactly") or {}).get("adminAccess"):
            return Path("spec", "devices", "requests").index(i).child("adminAccess")
    return None


def granted_access(status: Object) -> Path | None:
    """The first result of an allocation with administrative access."""
    allocation = (status.get("allocation") or {}).get("devices") or {}
    for i, result in enumerate(allocation.get("results") or ()):
        if result.get("adminAccess"):
            return Path("status", "allocation", "devices", "results").index(i).child("adminAccess")
    return None


class _Refusing(Strategy):
    """Another strategy that has problems to report first."""

    def __init__(self, strategy: Strategy, problems: ErrorList) -> None:
        self._strategy = strategy
        self.problems = problems

    def __getattribute__(self, name: str) -> Any:
        if name in ("validate", "validate_update", "_strategy", "problems"):
            return super().__getattribute__(name)
        return getattr(self._strategy, name)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return self.problems + self._strategy.validate(ctx, obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return self.problems + self._strategy.validate_update(ctx, obj, old)


class AdminAccessStore(ResourceStore):
    """Claims and templates may ask for and get administrative access in marked namespaces only.

    The status of a claim is changed by those who may bind claims or speak for the drivers of its devices.
    """

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

    async def update(self, ctx: RequestContext, name: str, updated: UpdatedObject, **options: Any) -> Written:
        strategy = options.get("strategy") or self.definition.strategy
        if strategy is self.definition.strategy:
            return await super().update(ctx, name, updated, **options)
        refusing = options["strategy"] = _Refusing(strategy, [])

        async def checked(old: Object | None) -> Object:
            new = await updated(old)
            refusing.problems = await self._status_problems(ctx, new, old or {})
            return new

        return await super().update(ctx, name, checked, **options)

    async def _status_problems(self, ctx: RequestContext, new: Object, old: Object) -> ErrorList:
        at = granted_access(new.get("status") or {})
        asks = at is not None and granted_access(old.get("status") or {}) is None
        errors = await self._problem(new["metadata"].get("namespace", ""), at) if asks and at is not None else []
        return errors + await status_problems(self._server.config.authorizer, ctx, new, old)

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
    spec = obj.get("spec", {})
    return requested_access(spec.get("spec", {}) if obj.get("kind") == "ResourceClaimTemplate" else spec)
