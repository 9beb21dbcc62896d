"""Authorizers asked in order; the first one with an opinion decides (upstream: authorization/union).

Next: `privileged.py`, the first of every chain, then the modes of --authorization-mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from kubern.authorization.interface import (
    Attributes,
    AuthorizationError,
    Authorizer,
    Decision,
    RuleResolver,
    RulesResult,
)
from kubern.authorization.privileged import PrivilegedGroups
from kubern.request import User
from kubern.util.aggregate import aggregate

if TYPE_CHECKING:
    from kubern.config import CompletedConfig


class Union:
    """Asks each authorizer until one allows or denies; reasons of those without an opinion are joined."""

    def __init__(self, *authorizers: Authorizer) -> None:
        self._authorizers = authorizers

    async def authorize(self, attributes: Attributes) -> tuple[Decision, str]:
        reasons = []
        errors = []
        for authorizer in self._authorizers:
            try:
                decision, reason = await authorizer.authorize(attributes)
            except AuthorizationError as error:
                if error.denied:
                    raise
                errors.append(error.text)
                decision, reason = Decision.NO_OPINION, error.why
            if decision is not Decision.NO_OPINION:
                return decision, reason
            if reason:
                reasons.append(reason)
        if errors:
            raise AuthorizationError(aggregate(errors), "\n".join(reasons))
        return Decision.NO_OPINION, "\n".join(reasons)

    async def rules_for(self, user: User, namespace: str) -> RulesResult:
        """The rules of all authorizers that can list them; incomplete when one cannot."""
        resource_rules: list[dict[str, list[str]]] = []
        non_resource_rules: list[dict[str, list[str]]] = []
        incomplete = False
        errors = []
        for resolver in self._resolvers():
            rules = await resolver.rules_for(user, namespace)
            resource_rules += rules.resource_rules
            non_resource_rules += rules.non_resource_rules
            incomplete = incomplete or rules.incomplete
            if rules.evaluation_error:
                errors.append(rules.evaluation_error)
        return RulesResult(resource_rules, non_resource_rules, incomplete, aggregate(errors))

    def _resolvers(self) -> Sequence[RuleResolver]:
        return [cast(RuleResolver, a) for a in self._authorizers if hasattr(a, "rules_for")]


def build_authorizer(config: CompletedConfig) -> Authorizer:
    """The chain of a server: system:masters first, then the modes of --authorization-mode in their order.

    With --authorization-config the file says which they are, and the chain follows the file.
    """
    from kubern.options.authorization import AuthorizationOptions

    specs = {spec.mode: spec for spec in config.plugins.authorizers()}
    section = config.options.section(AuthorizationOptions)
    if section.authorization_config:
        from kubern.authorization.configuration import ReloadableAuthorizer
        from kubern.lifecycle import StartError

        built: dict[str, Authorizer] = {}

        def build(mode: str) -> Authorizer:
            if mode not in built:
                built[mode] = specs[mode].build(config)
            return built[mode]

        try:
            reloadable = ReloadableAuthorizer(section.authorization_config, build, config.remote_client)
        except (OSError, ValueError) as error:
            raise StartError(f"--authorization-config: {error}") from error
        config.tasks.spawn("authorization-config-reload", reloadable.follow())
        return reloadable
    return Union(PrivilegedGroups(), *(specs[mode].build(config) for mode in section.authorization_mode))
