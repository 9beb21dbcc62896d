"""Authorizers are asked in order; the first one with an opinion decides."""

from __future__ import annotations

from kubern.authorization.always_allow import AlwaysAllow
from kubern.authorization.always_deny import AlwaysDeny
from kubern.authorization.interface import Attributes, Decision, RulesResult
from kubern.authorization.privileged import PrivilegedGroups
from kubern.authorization.union import Union
from kubern.request import User

SOMEBODY = Attributes(User("somebody", groups=("people",)), "get", path="/")
MASTER = Attributes(User("admin", groups=("people", "system:masters")), "get", path="/")


class Says:
    """An authorizer with one answer."""

    def __init__(self, decision: Decision, reason: str = "") -> None:
        self.answer = (decision, reason)

    async def authorize(self, attributes: Attributes) -> tuple[Decision, str]:
        return self.answer


async def test_the_first_opinion_decides() -> None:
    """What comes after a decision is not asked."""
    union = Union(Says(Decision.NO_OPINION), Says(Decision.DENY, "no"), AlwaysAllow())
    assert await union.authorize(SOMEBODY) == (Decision.DENY, "no")


async def test_reasons_without_an_opinion_are_joined() -> None:
    """Nobody's opinion is no permission."""
    union = Union(Says(Decision.NO_OPINION, "a"), Says(Decision.NO_OPINION), AlwaysDeny())
    assert await union.authorize(SOMEBODY) == (Decision.NO_OPINION, "a\nEverything is forbidden.")


async def test_masters_may_do_everything() -> None:
    """system:masters comes before every mode."""
    union = Union(PrivilegedGroups(), AlwaysDeny())
    assert (await union.authorize(MASTER))[0] is Decision.ALLOW
    assert (await union.authorize(SOMEBODY))[0] is Decision.NO_OPINION


async def test_rules_of_all_that_can_list_them() -> None:
    """Rules add up over the authorizers."""
    rules = await Union(PrivilegedGroups(), AlwaysAllow(), AlwaysDeny()).rules_for(SOMEBODY.user, "default")
    assert rules == RulesResult(
        [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
        [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
        incomplete=False,
    )
