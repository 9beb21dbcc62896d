"""Mode AlwaysDeny: nobody may do anything (upstream: authorizerfactory.NewAlwaysDenyAuthorizer)."""

from __future__ import annotations

from kubern.authorization.interface import Attributes, Decision, RulesResult
from kubern.request import User


class AlwaysDeny:
    """Has no good opinion of any request."""

    async def authorize(self, attributes: Attributes) -> tuple[Decision, str]:
        return Decision.NO_OPINION, "Everything is forbidden."

    async def rules_for(self, user: User, namespace: str) -> RulesResult:
        return RulesResult([], [], incomplete=False)
