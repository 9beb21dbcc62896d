"""Mode AlwaysAllow: everybody may do everything (upstream: authorizerfactory.NewAlwaysAllowAuthorizer)."""

from __future__ import annotations

from kubern.authorization.interface import Attributes, Decision, RulesResult
from kubern.request import User

ALL_RESOURCES = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
ALL_PATHS = {"verbs": ["*"], "nonResourceURLs": ["*"]}


class AlwaysAllow:
    """Allows every request."""

    async def authorize(self, attributes: Attributes) -> tuple[Decision, str]:
        return Decision.ALLOW, ""

    async def rules_for(self, user: User, namespace: str) -> RulesResult:
        return RulesResult([ALL_RESOURCES], [ALL_PATHS], incomplete=False)
