"""The ways to be allowed to act as somebody else (upstream: filters/impersonation/mode.go).

A constrained mode asks twice: whether the requestor may do this while acting as such a user (the verb
`impersonate-on:MODE:VERB`), and whether it may act as this user at all (`impersonate:MODE`, for name, UID, each group
and each extra value). The legacy mode asks only the latter, with the verb `impersonate`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.names import is_dns1123_subdomain
from kubern.authentication.usernames import (
    NODE_NAME_KEY,
    NODES_GROUP,
    node_name_of,
    service_account_groups,
    split_service_account,
)
from kubern.authorization.interface import Attributes, AuthorizationError, Decision
from kubern.authorization.request_attributes import forbidden_error
from kubern.request import ALL_AUTHENTICATED, ALL_UNAUTHENTICATED, ANONYMOUS, SYSTEM_PRIVILEGED_GROUP, User
from kubern.util.aggregate import aggregate
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kubern.authorization.interface import Authorizer

MANY_CHECKS = 4
"""From so many groups or extra values on, a constrained mode asks about all at once first."""
_AUTHENTICATION = "authentication.k8s.io"
_ASSOCIATED_KEYS = "authentication.kubernetes.io/associated-node-keys"
_PATH_EXPRESSION = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
Applies = Callable[[User, User], bool]
"""Whether a mode is for (wanted user, requestor)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Impersonated:
    """The user that a request acts as, and the verb that allowed it ("" for the legacy one)."""

    user: User
    constraint: str


def all_modes(authorizer: Authorizer) -> tuple[Mode, ...]:
    """The modes in the order in which they are tried."""
    return (
        ConstrainedMode(authorizer, "associated-node", _is_associated_node, associated=True),
        ConstrainedMode(authorizer, "arbitrary-node", lambda wanted, _: _only_name(wanted) and _is_node(wanted)),
        ConstrainedMode(authorizer, "serviceaccount", lambda wanted, _: _only_name(wanted) and _is_account(wanted)),
        ConstrainedMode(authorizer, "user-info", lambda wanted, _: not _is_node(wanted) and not _is_account(wanted)),
        Mode(authorizer, "impersonate", ""),
    )


def _is_node(user: User) -> bool:
    return bool(node_name_of(user.name))


def _is_account(user: User) -> bool:
    return split_service_account(user.name) is not None


def _only_name(user: User) -> bool:
    return not (user.uid or user.groups or user.extra)


def _is_associated_node(wanted: User, requestor: User) -> bool:
    """A service account whose token is bound to the node that it wants to act as."""
    node = node_name_of(wanted.name)
    return (
        bool(node) and _only_name(wanted) and _is_account(requestor) and requestor.extra.get(NODE_NAME_KEY) == (node,)
    )


class Mode:
    """May the requestor act as the wanted user, whatever it does then: the legacy mode, and half of the others."""

    constrained = False

    def __init__(self, authorizer: Authorizer, verb: str, group: str) -> None:
        """`group` is the API group that users, groups, service accounts and nodes are asked about in."""
        self._authorizer = authorizer
        self._verb = verb
        self._group = group

    async def check(self, wanted: User, attributes: Attributes) -> Impersonated | None:
        """The user to act as; None when this mode is not for such users. Raises StatusError 403."""
        return await self._check_identity(wanted, attributes.user)

    async def _check_identity(self, wanted: User, requestor: User) -> Impersonated:
        groups = await self._check_name(wanted, requestor)
        if wanted.uid:
            await self._ask(self._about(requestor, _AUTHENTICATION, "uids", wanted.uid))
        if wanted.groups:
            await self._check_groups(wanted.groups, requestor)
        if wanted.extra:
            await self._check_extra(wanted.extra, requestor)
        user = dataclasses.replace(wanted, groups=_with_basic_group(wanted.name, groups))
        return Impersonated(user, self._verb if self.constrained else "")

    async def _check_name(self, wanted: User, requestor: User) -> tuple[str, ...]:
        """Raises StatusError 403; the groups that the user has."""
        about = self._about(requestor, self._group, "users", wanted.name)
        groups = wanted.groups
        node = node_name_of(wanted.name) if self.constrained else ""
        account = split_service_account(wanted.name)
        if node:
            about = dataclasses.replace(about, resource="nodes", name=self._node_name(node))
            groups = (NODES_GROUP,)
        elif account is not None:
            namespace, name = account
            about = dataclasses.replace(about, resource="serviceaccounts", namespace=namespace, name=name)
            groups = groups or service_account_groups(namespace)
        await self._ask(about)
        return groups

    def _node_name(self, name: str) -> str:
        return name

    async def _check_groups(self, groups: Sequence[str], requestor: User) -> None:
        about = self._about(requestor, self._group, "groups", "")
        if self.constrained:
            if "" in groups:
                raise forbidden_error(about, "impersonating the empty string group is not allowed")
            if SYSTEM_PRIVILEGED_GROUP in groups:
                about = dataclasses.replace(about, name=SYSTEM_PRIVILEGED_GROUP)
                raise forbidden_error(about, "impersonating the system:masters group is not allowed")
            if len(groups) >= MANY_CHECKS and await self._allows(dataclasses.replace(about, name="*")):
                return
        for group in groups:
            await self._ask(dataclasses.replace(about, name=group))

    async def _check_extra(self, extra: Mapping[str, tuple[str, ...]], requestor: User) -> None:
        about = self._about(requestor, _AUTHENTICATION, "userextras", "")
        if self.constrained:
            problem = _extra_problem(extra)
            if problem:
                raise forbidden_error(about, problem)
            many = len(extra) >= MANY_CHECKS or sum(map(len, extra.values())) >= MANY_CHECKS
            if many and await self._allows(dataclasses.replace(about, subresource="*", name="*")):
                return
        for key, values in extra.items():
            for value in values:
                await self._ask(dataclasses.replace(about, subresource=key, name=value))

    def _about(self, requestor: User, group: str, resource: str, name: str) -> Attributes:
        return Attributes(requestor, self._verb, "", True, group, "v1", resource=resource, name=name)

    async def _allows(self, attributes: Attributes) -> bool:
        try:
            await self._ask(attributes)
        except StatusError:
            return False
        return True

    async def _ask(self, attributes: Attributes) -> None:
        """Raises StatusError 403."""
        try:
            decision, reason = await self._authorizer.authorize(attributes)
        except AuthorizationError as error:
            reason = f"{error.text}: {error.why}" if error.why else error.text
            raise forbidden_error(attributes, reason) from error
        if decision is not Decision.ALLOW:
            raise forbidden_error(attributes, reason)


class ConstrainedMode(Mode):
    """May the requestor do this, and only this, while acting as a user of some sort."""

    constrained = True

    def __init__(self, authorizer: Authorizer, name: str, applies: Applies, *, associated: bool = False) -> None:
        super().__init__(authorizer, f"impersonate:{name}", _AUTHENTICATION)
        self._on = f"impersonate-on:{name}:"
        self._applies = applies
        self._associated = associated

    async def check(self, wanted: User, attributes: Attributes) -> Impersonated | None:
        """The user to act as; None when this mode is not for such users. Raises StatusError 403."""
        requestor = attributes.user
        if not self._applies(wanted, requestor):
            return None
        if self._associated:
            requestor = dataclasses.replace(requestor, extra={_ASSOCIATED_KEYS: tuple(sorted(requestor.extra))})
        await self._ask(dataclasses.replace(attributes, user=requestor, verb=self._on + attributes.verb))
        return await self._check_identity(wanted, requestor)

    def _node_name(self, name: str) -> str:
        """A node's own agent is asked about as if for all nodes: which one it is was made sure of before."""
        return "*" if self._associated else name


def _with_basic_group(name: str, groups: tuple[str, ...]) -> tuple[str, ...]:
    if name == ANONYMOUS:
        return groups if ALL_UNAUTHENTICATED in groups else (*groups, ALL_UNAUTHENTICATED)
    if ALL_UNAUTHENTICATED in groups or ALL_AUTHENTICATED in groups:
        return groups
    return (*groups, ALL_AUTHENTICATED)


def _extra_problem(extra: Mapping[str, tuple[str, ...]]) -> str:
    for key, values in extra.items():
        if not key:
            return "impersonating the empty string key in extra is not allowed"
        problems = _domain_prefixed_path_problems(key)
        if problems:
            return f"impersonating an invalid key in extra is not allowed: {aggregate(problems)}"
        if key != key.lower():
            return f"impersonating a non-lowercase key in extra is not allowed: {go_quote(key)}"
        if not values:
            return "impersonating empty values in extra is not allowed"
        if "" in values:
            return "impersonating the empty string value in extra is not allowed"
    return ""


def _domain_prefixed_path_problems(key: str) -> list[str]:
    """Upstream: validation.IsDomainPrefixedPath."""
    host, slash, path = key.partition("/")
    if not slash or not host or not path:
        return [
            f'extra.key: Invalid value: {go_quote(key)}: must be a domain-prefixed path (such as "acme.io/foo")',
        ]
    problems = [f"extra.key: Invalid value: {go_quote(host)}: {p}" for p in is_dns1123_subdomain(host)]
    if not _is_path(path):
        text = f"Invalid path (regex used for validation is '{_PATH_EXPRESSION}')"
        problems.append(f"extra.key: Invalid value: {go_quote(path)}: {text}")
    return problems


def _is_path(text: str) -> bool:
    return all(c.isalnum() or c in "-._~!$&'()*+,;=:%/" for c in text) and text.isascii()
