"""Nobody hands out more than they hold: the checks in front of writes of roles and bindings.

Upstream: registry/rbac/*/policybased and registry/rbac/escalation_check.go. The verb `escalate` on a role, and `bind`
on the role that a binding names, lift them. Next: `covers.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import errors
from kubern.apimachinery.errors import GroupResource, StatusError
from kubern.authorization.interface import Attributes, AuthorizationError, Decision
from kubern.registry.path_names import check_path_name
from kubern.registry.store import ResourceStore
from kubern.request import SYSTEM_PRIVILEGED_GROUP
from kubern.util.aggregate import aggregate
from kubern.util.goquote import go_quote
from kubern_kubeapi.authorization.covers import describe, missing_rights
from kubern_kubeapi.authorization.rbac import GROUP, rbac_of

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.config import CompletedConfig
    from kubern.registry.written import UpdatedObject, Written
    from kubern.request import RequestContext
    from kubern.storage.cacher import Cacher

Object = dict[str, Any]
Check = Callable[["RequestContext", Object, "Object | None"], Awaitable[None]]
"""Raises StatusError 403 when the caller may not write (new, old)."""
FULL_AUTHORITY = ({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, {"verbs": ["*"], "nonResourceURLs": ["*"]})
_GC_FIELDS = ("ownerReferences", "finalizers", "selfLink", "managedFields")
_ROLES = {"ClusterRole": "clusterroles", "Role": "roles"}


class GuardedStore(ResourceStore):
    """Asks `check` before anything else happens to an object that is written."""

    def __init__(
        self, definition: ResourceDefinition, cacher: Cacher, *, check: Check, garbage_collection: bool = True
    ) -> None:
        super().__init__(definition, cacher, garbage_collection=garbage_collection)
        self._check = check

    async def create(self, ctx: RequestContext, obj: Object, **options: Any) -> Written:
        await self._check(ctx, obj, None)
        return await super().create(ctx, obj, **options)

    async def update(self, ctx: RequestContext, name: str, updated: UpdatedObject, **options: Any) -> Written:
        async def checked(old: Object | None) -> Object:
            new = await updated(old)
            # Without an old object this becomes a create, which asks by itself.
            if old is not None and not _changes_only_what_gc_needs(new, old):
                await self._check(ctx, new, old)
            return new

        return await super().update(ctx, name, checked, **options)


def _changes_only_what_gc_needs(new: Object, old: Object) -> bool:
    def rest(obj: Object) -> Object:
        return {**obj, "metadata": {k: v for k, v in obj["metadata"].items() if k not in _GC_FIELDS}}

    return rest(new) == rest(old)


def guarded(definition: ResourceDefinition, config: CompletedConfig) -> Callable[..., ResourceStore]:
    """What makes the store of one of RBAC's four resources."""
    checks = EscalationChecks(config)
    check = checks.role if definition.kind in ("Role", "ClusterRole") else checks.binding
    return partial(GuardedStore, check=check)


class EscalationChecks:
    """The checks of one server."""

    def __init__(self, config: CompletedConfig) -> None:
        self._config = config

    async def role(self, ctx: RequestContext, role: Object, old: Object | None) -> None:
        """The writer of a role holds all that is in it. Raises StatusError 403."""
        if _is_privileged(ctx) or await self._may_escalate(ctx):
            return
        await self._confirm(ctx, role, role.get("rules") or ())
        if _aggregates(role) or _aggregates(old or {}):
            missing, _ = await self._missing(ctx, FULL_AUTHORITY)
            if missing:
                raise _forbidden(ctx, role, "must have cluster-admin privileges to use the aggregationRule")

    async def binding(self, ctx: RequestContext, binding: Object, old: Object | None) -> None:
        """The writer of a binding holds all that is in its role. Raises StatusError 400, 403, 404, 500."""
        if _is_privileged(ctx):
            return
        ref, namespace = binding.get("roleRef") or {}, ctx.info.namespace
        if await self._may_bind(ctx, ref, namespace):
            return
        await self._confirm(ctx, binding, await self._rules_of(ctx, ref))

    async def _rules_of(self, ctx: RequestContext, ref: Object) -> list[Object]:
        """The rules of the role that a binding names, before anything validated the name."""
        kind, name = ref.get("kind", ""), ref.get("name", "")
        if kind not in _ROLES:
            raise StatusError(500, "", f"unsupported role reference kind: {go_quote(kind)}")
        if kind == "Role" and not ctx.info.namespace:
            raise errors.bad_request("Namespace parameter required.")
        check_path_name(name)
        rules = await rbac_of(self._config).rules_of_role(ctx.info.namespace, kind, name)
        if rules is None:
            raise errors.not_found(_resource(ctx), name)
        return rules

    async def _confirm(self, ctx: RequestContext, obj: Object, wanted: Any) -> None:
        missing, problems = await self._missing(ctx, wanted)
        if not missing:
            return
        user = ctx.effective_user
        groups = " ".join(map(go_quote, user.groups))
        message = (
            f"user {go_quote(user.name)} (groups=[{groups}]) is attempting to grant RBAC permissions not currently "
            f"held:\n{describe(missing)}"
        )
        if problems:
            message += f"; resolution errors: [{problems}]"
        raise _forbidden(ctx, obj, message)

    async def _missing(self, ctx: RequestContext, wanted: Any) -> tuple[list[Any], str]:
        held, unresolved = await rbac_of(self._config).policy_rules_for(ctx.effective_user, ctx.info.namespace)
        # The roles are read as part of the request, whose own resource the errors name.
        problems = aggregate(f"{_resource(ctx)} {go_quote(binding.role_name)} not found" for binding in unresolved)
        return missing_rights(held, wanted), problems

    async def _may_escalate(self, ctx: RequestContext) -> bool:
        info = ctx.info
        return await self._allows(
            Attributes(
                ctx.effective_user,
                "escalate",
                "",
                True,
                info.api_group,
                "*",
                info.namespace,
                info.resource,
                name=info.name,
            )
        )

    async def _may_bind(self, ctx: RequestContext, ref: Object, namespace: str) -> bool:
        resource = _ROLES.get(ref.get("kind", ""))
        if resource is None:
            return False
        group, name = ref.get("apiGroup") or GROUP, ref.get("name", "")
        return await self._allows(
            Attributes(ctx.effective_user, "bind", "", True, group, "*", namespace, resource, name=name)
        )

    async def _allows(self, attributes: Attributes) -> bool:
        try:
            decision, _ = await self._config.authorizer.authorize(attributes)
        except AuthorizationError:
            return False
        return decision is Decision.ALLOW


def _aggregates(role: Object) -> bool:
    return bool((role.get("aggregationRule") or {}).get("clusterRoleSelectors"))


def _is_privileged(ctx: RequestContext) -> bool:
    return SYSTEM_PRIVILEGED_GROUP in ctx.effective_user.groups


def _resource(ctx: RequestContext) -> GroupResource:
    return GroupResource(ctx.info.api_group, ctx.info.resource)


def _forbidden(ctx: RequestContext, obj: Object, message: str) -> StatusError:
    return errors.forbidden(_resource(ctx), obj["metadata"].get("name", ""), message)
