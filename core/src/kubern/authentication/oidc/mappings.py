"""From claims to a user: claims with prefixes, or CEL expressions, and rules that both must obey.

Upstream: authentication/cel and the mapping half of oidc.go.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kubern.authentication.interface import AuthenticationError
from kubern.request import User

if TYPE_CHECKING:
    from kubern.cel.env import Env
    from kubern.cel.program import Program

Object = dict[str, Any]


@lru_cache(maxsize=1)
def claims_env() -> Env:
    """What expressions on claims see."""
    from kubern.cel.kubernetes import base_env
    from kubern.cel.types import DYN, STRING, map_of

    return base_env().extend(variables={"claims": map_of(STRING, DYN)})


@lru_cache(maxsize=1)
def user_env() -> Env:
    """What expressions on users see."""
    from kubern.cel.kubernetes import base_env
    from kubern.cel.types import DYN

    return base_env().extend(variables={"user": DYN})


class Expression:
    """A compiled expression over `claims` or `user`."""

    def __init__(self, text: str, *, on_user: bool = False) -> None:
        """Raises CelFailure."""
        self.text = text
        self._name = "user" if on_user else "claims"
        self.program: Program = (user_env() if on_user else claims_env()).compile(text)

    def evaluate(self, value: Object) -> Any:
        """The expression's value as JSON. Raises AuthenticationError."""
        from kubern.cel.errors import CelFailure
        from kubern.cel.kubernetes import PER_CALL_LIMIT
        from kubern.cel.runtime.conversion import to_json

        try:
            return to_json(self.program.evaluate({self._name: value}, PER_CALL_LIMIT).value)
        except CelFailure as error:
            raise AuthenticationError(f"oidc: error evaluating expression {self.text!r}: {error}") from None


class Mapping:
    """One piece of a user: an expression, or a claim and what is put in front of its values."""

    def __init__(self, config: Object) -> None:
        """Raises CelFailure."""
        self.claim = config.get("claim", "")
        self._prefix = config.get("prefix") or ""
        self._expression = Expression(config["expression"]) if config.get("expression") else None

    @property
    def given(self) -> bool:
        return bool(self.claim or self._expression)

    def text(self, claims: Object, what: str) -> str:
        """One text. Raises AuthenticationError."""
        value = self._value(claims)
        if not isinstance(value, str):
            raise AuthenticationError(f"oidc: {what} must be a text, found {type(value).__name__}")
        return self._prefix + value

    def texts(self, claims: Object, what: str) -> tuple[str, ...]:
        """One text or several; none for a claim that is not there. Raises AuthenticationError."""
        value = self._value(claims)
        if value is None or value == "":
            return ()
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise AuthenticationError(f"oidc: {what} must be a text or a list of texts")
        return tuple(self._prefix + item for item in found if item or self._expression is None)

    def _value(self, claims: Object) -> Any:
        if self._expression is not None:
            return self._expression.evaluate(claims)
        return claims.get(self.claim)


class ClaimMappings:
    """A whole user made of claims."""

    def __init__(self, config: Object) -> None:
        """Raises CelFailure."""
        self._username = Mapping(config["username"])
        self._groups = Mapping(config.get("groups") or {})
        self._uid = Mapping(config.get("uid") or {})
        self._extra = [
            (item["key"], Mapping({"expression": item["valueExpression"]})) for item in config.get("extra") or ()
        ]

    def user(self, claims: Object) -> User:
        """Raises AuthenticationError."""
        if self._username.claim == "email" and claims.get("email_verified", True) is not True:
            raise AuthenticationError("oidc: email not verified")
        if self._username.claim and self._username.claim not in claims:
            raise AuthenticationError(f'oidc: parse username claims "{self._username.claim}": claim not present')
        name = self._username.text(claims, "the username")
        if not name:
            raise AuthenticationError("oidc: username claim must not be empty")
        uid = self._uid.text(claims, "the uid") if self._uid.given else ""
        groups = self._groups.texts(claims, "the groups") if self._groups.given else ()
        extra = {key: values for key, m in self._extra if (values := m.texts(claims, f"extra {key!r}"))}
        return User(name, uid, groups, extra)


class Rules:
    """What claims, and then the user, must be like."""

    def __init__(self, claim_rules: list[Object], user_rules: list[Object]) -> None:
        """Raises CelFailure."""
        self._required = [(r["claim"], r.get("requiredValue", "")) for r in claim_rules if r.get("claim")]
        self._claims = [(Expression(r["expression"]), r.get("message", "")) for r in claim_rules if r.get("expression")]
        self._user = [(Expression(r["expression"], on_user=True), r.get("message", "")) for r in user_rules]

    def check_claims(self, claims: Object) -> None:
        """Raises AuthenticationError."""
        for claim, wanted in self._required:
            if claim not in claims:
                raise AuthenticationError(f"oidc: required claim {claim} not present in ID token")
            if claims[claim] != wanted:
                raise AuthenticationError(
                    f"oidc: required claim {claim} value does not match. Got = {claims[claim]}, want = {wanted}"
                )
        for expression, message in self._claims:
            _check(expression, claims, message, "claim validation")

    def check_user(self, user: User) -> None:
        """Raises AuthenticationError."""
        found = {
            "username": user.name,
            "uid": user.uid,
            "groups": list(user.groups),
            "extra": {key: list(values) for key, values in user.extra.items()},
        }
        for expression, message in self._user:
            _check(expression, found, message, "user validation")


def _check(expression: Expression, value: Object, message: str, what: str) -> None:
    if expression.evaluate(value) is not True:
        detail = f": {message}" if message else ""
        raise AuthenticationError(f"oidc: {what} expression '{expression.text}' failed{detail}")
