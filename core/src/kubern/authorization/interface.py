"""The authorizer contract (upstream: authorizer.Authorizer)."""

from __future__ import annotations

import dataclasses
import enum
from typing import Protocol

from kubern.request import User


class Decision(enum.Enum):
    """What an authorizer says; NO_OPINION passes the question on."""

    ALLOW = "allow"
    DENY = "deny"
    NO_OPINION = "no opinion"


class AuthorizationError(Exception):
    """An authorizer could not be asked or understood, and none of the others decided.

    `text` says what went wrong; `why` is what the authorizers without an opinion gave as reasons. With `denied` the
    failure is itself a decision: nobody else is asked.
    """

    def __init__(self, text: str, why: str = "", *, denied: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.why = why
        self.denied = denied


@dataclasses.dataclass(frozen=True, slots=True)
class Attributes:
    """The question: who does what to which resource or path (upstream: authorizer.AttributesRecord).

    `field_requirements` and `label_requirements` are parsed selectors of list, watch and deletecollection:
    tuples (key, operator, values).
    """

    user: User
    verb: str
    path: str = ""
    resource_request: bool = False
    api_group: str = ""
    api_version: str = ""
    namespace: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    field_requirements: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    label_requirements: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


class Authorizer(Protocol):
    """One opinion on who may do what."""

    async def authorize(self, attributes: Attributes) -> tuple[Decision, str]:
        """The decision and a reason (may be empty). Raises AuthorizationError, no opinion unless it denies."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class RulesResult:
    """Rules that apply to a user in a namespace (upstream: authorizer.RuleResolver)."""

    resource_rules: list[dict[str, list[str]]]
    non_resource_rules: list[dict[str, list[str]]]
    incomplete: bool
    evaluation_error: str = ""


class RuleResolver(Protocol):
    """An authorizer that can list a user's rules."""

    async def rules_for(self, user: User, namespace: str) -> RulesResult: ...
