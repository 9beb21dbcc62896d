"""Asks a remote server who may what: SubjectAccessReview with a cache (upstream: plugin/authorizer/webhook)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from kubern.authorization.interface import Attributes, AuthorizationError, Decision, RulesResult
from kubern.remote.client import REQUEST_TIMEOUT, RemoteClient, RemoteError
from kubern.request import User

Object = dict[str, Any]
Answer = tuple[Decision, str]
MAX_CACHED_QUESTION = 10_000
"""Questions whose texts are longer in all are not kept."""
_MAX_CACHED = 8192
_BOTH = "webhook subject access review returned both allow and deny response"
_OPERATORS = {
    "in": "In",
    "=": "In",
    "==": "In",
    "notin": "NotIn",
    "!=": "NotIn",
    "exists": "Exists",
    "!": "DoesNotExist",
}


class WebhookAuthorizer:
    """One webhook. `matches` may say that it is not asked, `on_error` what a failure means."""

    def __init__(
        self,
        client: RemoteClient,
        version: str,
        *,
        authorized_ttl: float,
        unauthorized_ttl: float,
        timeout: float = REQUEST_TIMEOUT,
        on_error: Decision = Decision.NO_OPINION,
        matches: Callable[[Object], bool] | None = None,
    ) -> None:
        self._client = client
        self._version = version
        self._ttl = {True: authorized_ttl, False: unauthorized_ttl}
        self._timeout = timeout
        self._on_error = on_error
        self._matches = matches
        self._known: dict[Any, tuple[float, Object]] = {}

    async def authorize(self, attributes: Attributes) -> Answer:
        """The webhook's decision and reason. Raises AuthorizationError for a failure, which may be a denial."""
        spec = review_spec(attributes)
        try:
            if self._matches is not None and not self._matches(spec):
                return Decision.NO_OPINION, ""
            status = await self._status(attributes, spec)
        except (RemoteError, MatchError) as error:
            raise AuthorizationError(str(error), denied=self._on_error is Decision.DENY) from error
        reason = str(status.get("reason") or "")
        if status.get("denied") and status.get("allowed"):
            raise AuthorizationError(_BOTH, reason, denied=True)
        if status.get("denied"):
            return Decision.DENY, reason
        return (Decision.ALLOW if status.get("allowed") else Decision.NO_OPINION), reason

    async def rules_for(self, user: User, namespace: str) -> RulesResult:
        """Webhooks cannot list rules."""
        return RulesResult([], [], True, "webhook authorizer does not support user rule resolution")

    async def _status(self, attributes: Attributes, spec: Object) -> Object:
        key = _key(attributes)
        known = self._known.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        review = {
            "apiVersion": f"authorization.k8s.io/{self._version}",
            "kind": "SubjectAccessReview",
            "metadata": {},
            "spec": _beta_spec(spec) if self._version == "v1beta1" else spec,
            "status": {"allowed": False},
        }
        answer = await self._client.post(review, self._timeout)
        status = answer.get("status") if isinstance(answer, dict) else None
        if not isinstance(status, dict):
            raise RemoteError("the authorization webhook's answer has no status")
        ttl = self._ttl[bool(status.get("allowed"))]
        if ttl > 0 and _size(attributes) < MAX_CACHED_QUESTION:
            if len(self._known) >= _MAX_CACHED:
                self._known.clear()
            self._known[key] = (time.monotonic() + ttl, status)
        return status


class MatchError(Exception):
    """A match condition that cannot be evaluated."""


def _key(attributes: Attributes) -> Any:
    user = attributes.user
    extra = tuple(sorted((k, tuple(v)) for k, v in user.extra.items()))
    rest = tuple(getattr(attributes, name) for name in Attributes.__slots__ if name != "user")
    return (user.name, user.uid, user.groups, extra, rest)


def _size(attributes: Attributes) -> int:
    names = ("namespace", "verb", "api_group", "api_version", "resource", "subresource", "name", "path")
    return sum(len(getattr(attributes, name)) for name in names)


def review_spec(attributes: Attributes) -> Object:
    """The spec of a v1 SubjectAccessReview."""
    user = attributes.user
    spec: Object = {}
    if attributes.resource_request:
        spec["resourceAttributes"] = _resource_attributes(attributes)
    else:
        spec["nonResourceAttributes"] = {"path": attributes.path, "verb": attributes.verb}
    for name, value in (("user", user.name), ("groups", list(user.groups)), ("uid", user.uid)):
        if value:
            spec[name] = value
    if user.extra:
        spec["extra"] = {key: list(values) for key, values in user.extra.items()}
    return spec


def _resource_attributes(attributes: Attributes) -> Object:
    texts = {
        "namespace": attributes.namespace,
        "verb": attributes.verb,
        "group": attributes.api_group,
        "version": attributes.api_version,
        "resource": attributes.resource,
        "subresource": attributes.subresource,
        "name": attributes.name,
    }
    out: Object = {name: value for name, value in texts.items() if value}
    if attributes.field_requirements:
        out["fieldSelector"] = {"requirements": _requirements(attributes.field_requirements)}
    if attributes.label_requirements:
        out["labelSelector"] = {"requirements": _requirements(attributes.label_requirements)}
    return out


def _requirements(requirements: tuple[tuple[str, str, tuple[str, ...]], ...]) -> list[Object]:
    out = []
    for key, operator, values in requirements:
        if operator in _OPERATORS:
            requirement: Object = {"key": key, "operator": _OPERATORS[operator]}
            out.append(requirement | ({"values": list(values)} if values else {}))
    return out


def _beta_spec(spec: Object) -> Object:
    """v1beta1 calls the groups `group`."""
    return {("group" if key == "groups" else key): value for key, value in spec.items()}
