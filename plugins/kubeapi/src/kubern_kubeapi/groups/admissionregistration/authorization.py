"""Who may name parameters: those who may read them (upstream: registry/admissionregistration/*/authz.go).

Asked once everything else about a policy or binding is in order, before admission. `server.py` binds the stores
made here to the server's authorizer. Next: `policies.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery import errors, field
from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.field import Path
from kubern.authorization.interface import Attributes, Decision
from kubern.registry.store import ResourceStore
from kubern.request import SYSTEM_PRIVILEGED_GROUP, User
from kubern.util.goprint import print_value

if TYPE_CHECKING:
    from kubern.apimachinery.resource import ResourceDefinition
    from kubern.registry.written import UpdatedObject, Validate, Written
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer
    from kubern.storage.cacher import Cacher

Object = dict[str, Any]
Authorize = Callable[[User, Object, "Object | None"], Awaitable[str]]
"""Why the user may not write (new, old), "" if they may."""

PATHS: Final = {
    "ValidatingAdmissionPolicy": "paramKind",
    "MutatingAdmissionPolicy": "paramKind",
    "ValidatingAdmissionPolicyBinding": "paramRef",
    "MutatingAdmissionPolicyBinding": "paramRef",
}


class AuthorizedStore(ResourceStore):
    """Writes need an authorizer's consent, given in the place of the last check of validation."""

    def __init__(
        self,
        definition: ResourceDefinition,
        cacher: Cacher,
        *,
        authorize: Authorize,
        garbage_collection: bool = True,
    ) -> None:
        super().__init__(definition, cacher, garbage_collection=garbage_collection)
        self._authorize = authorize

    def _guarded(self, ctx: RequestContext, validate: Validate | None) -> Validate:
        async def check(new: Object, old: Object | None) -> None:
            reason = ""
            if SYSTEM_PRIVILEGED_GROUP not in ctx.user.groups:
                reason = await self._authorize(ctx.user, new, old)
            if reason:
                problem = field.forbidden(Path("spec", PATHS[self.definition.kind]), reason)
                raise errors.invalid(self.definition.group_kind, new["metadata"].get("name", ""), [problem])
            if validate is not None:
                await validate(new, old)

        return check

    async def create(self, ctx: RequestContext, obj: Object, **options: Any) -> Written:
        options["validate"] = self._guarded(ctx, options.get("validate"))
        return await super().create(ctx, obj, **options)

    async def update(self, ctx: RequestContext, name: str, updated: UpdatedObject, **options: Any) -> Written:
        if options.get("strategy") in (None, self.definition.strategy):
            options["validate"] = self._guarded(ctx, options.get("validate"))
        return await super().update(ctx, name, updated, **options)


class ParamAuthorization:
    """Asks the server's authorizer about the parameters of policies and bindings."""

    def __init__(self, server: GenericAPIServer) -> None:
        self._server = server

    def guard_of(self, kind: str) -> Authorize:
        """What is asked about writes of a kind."""
        if PATHS[kind] == "paramKind":
            return self.policy
        policies = "validatingadmissionpolicies" if kind.startswith("Validating") else "mutatingadmissionpolicies"

        async def binding(user: User, new: Object, old: Object | None) -> str:
            return await self.binding(user, new, old, policies)

        return binding

    async def policy(self, user: User, new: Object, old: Object | None) -> str:
        """A policy's writer may get every object of the parameters' kind."""
        kind = new.get("spec", {}).get("paramKind")
        if kind is None or (old is not None and old.get("spec", {}).get("paramKind") == kind):
            return ""
        group, version, resource, _ = self._resolve(kind)
        question = Attributes(user, "get", "", True, group, version, "*", resource, name="*")
        if await self._allowed(question):
            return ""
        return (
            f'user {_print_user(user)} must have "get" permission on all objects of the referenced paramKind '
            f"(kind={kind.get('kind', '')}, apiVersion={kind.get('apiVersion', '')})"
        )

    async def binding(self, user: User, new: Object, old: Object | None, policies: str) -> str:
        """A binding's writer may get, or list, the parameters."""
        spec, stored = new.get("spec", {}), (old or {}).get("spec", {})
        ref = spec.get("paramRef")
        if ref is None or (old is not None and _same_params(spec, stored)):
            return ""
        policy = await self._policy(policies, spec.get("policyName", ""))
        kind = (policy or {}).get("spec", {}).get("paramKind")
        group, version, resource, unresolved = ("*", "*", "*", "") if kind is None else self._resolve(kind)
        verb = "get" if ref.get("name") else "list"
        namespace = ref.get("namespace", "")
        question = Attributes(user, verb, "", True, group, version, namespace, resource, name=ref.get("name", ""))
        if await self._allowed(question):
            return ""
        who = _print_user(user)
        if policies.startswith("mutating"):
            # As upstream does: the verb and the user change places in this message.
            return f'user {verb} does not have "{who}" permission on the object referenced by paramRef'
        missing = f'and user {who} does not have "{verb}" permission for all groups, versions and resources'
        if policy is None:
            name = spec.get("policyName", "")
            return f"unable to get policy {name} to determine minimum required permissions {missing}"
        if unresolved:
            shown = f"&{{{kind.get('apiVersion', '')} {kind.get('kind', '')}}}"
            return f"unable to {unresolved} paramKind {shown} to determine minimum required permissions {missing}"
        return f'user {who} does not have "{verb}" permission on the object referenced by paramRef'

    async def _allowed(self, question: Attributes) -> bool:
        decision, _ = await self._server.config.authorizer.authorize(question)
        return decision is Decision.ALLOW

    async def _policy(self, policies: str, name: str) -> Object | None:
        store = self._server.find_store("admissionregistration.k8s.io", policies)
        if store is None:
            return None
        try:
            return await store.get_object("", name)
        except StatusError:
            return None

    def _resolve(self, kind: Object) -> tuple[str, str, str, str]:
        """Group, version, resource and what went wrong: parse, resolve or nothing."""
        text = kind.get("apiVersion", "")
        if text.count("/") > 1:
            return "*", "*", "*", "parse"
        group, _, version = text.rpartition("/")
        definition = next(self._server.definitions_of_kind(group, kind.get("kind", "")), None)
        if definition is None:
            return group, version, "*", "resolve"
        return group, version, definition.resource, ""


def _same_params(spec: Object, stored: Object) -> bool:
    return spec.get("paramRef") == stored.get("paramRef") and spec.get("policyName") == stored.get("policyName")


def _print_user(user: User) -> str:
    """A user as Go prints a pointer to its struct."""
    extra = {key: list(values) for key, values in user.extra.items()}
    return f"&{{{user.name} {user.uid} [{' '.join(user.groups)}] {print_value(extra)}}}"
