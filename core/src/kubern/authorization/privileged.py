"""The first authorizer of every chain: the group system:masters may do everything (upstream: NewPrivilegedGroups)."""

from __future__ import annotations

from kubern.authorization.interface import Attributes, Decision
from kubern.request import SYSTEM_PRIVILEGED_GROUP


class PrivilegedGroups:
    """Allows requests of members of `groups`, has no opinion on others."""

    def __init__(self, *groups: str) -> None:
        self._groups = frozenset(groups or (SYSTEM_PRIVILEGED_GROUP,))

    async def authorize(self, attributes: Attributes) -> tuple[Decision, str]:
        if self._groups.isdisjoint(attributes.user.groups):
            return Decision.NO_OPINION, ""
        return Decision.ALLOW, ""
