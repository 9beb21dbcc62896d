"""--authorization-config: a chain of authorizers from a file, read again when it changes.

Upstream: apiserver.config.k8s.io AuthorizationConfiguration, its validation and controlplane's reload. Next:
`match_conditions.py`, `webhook.py`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.names import is_dns1123_subdomain
from kubern.authorization.interface import Attributes, Authorizer, Decision, RulesResult
from kubern.authorization.privileged import PrivilegedGroups
from kubern.authorization.union import Union
from kubern.util.goduration import parse_duration

if TYPE_CHECKING:
    from kubern.remote.client import RemoteClient
    from kubern.remote.kubeconfig import Endpoint
    from kubern.request import User

Object = dict[str, Any]
logger = logging.getLogger(__name__)
_GROUP = "apiserver.config.k8s.io/"
_VERSIONS = (_GROUP + "v1", _GROUP + "v1beta1", _GROUP + "v1alpha1")
_REVIEW_VERSIONS = ("v1", "v1beta1")
_POLICIES = {"NoOpinion": Decision.NO_OPINION, "Deny": Decision.DENY}
POLL_SECONDS = 1.0
Build = Callable[[str], Authorizer]
"""Makes the authorizer of a mode that a plugin registered. Raises KeyError for one that nobody did."""
Connect = Callable[["Endpoint"], "RemoteClient"]
"""Makes the client of another server."""


class ConfigurationError(ValueError):
    """A file that cannot be used; the text lists what is wrong with it."""


class ReloadableAuthorizer:
    """The chain that the file describes now; a broken file leaves the last good one in force."""

    def __init__(self, path: str, build: Build, connect: Connect) -> None:
        """Raises OSError, ConfigurationError."""
        self._path = path
        self._build = build
        self._connect = connect
        self._stamp = _stamp(path)
        self._chain = load_chain(path, build, connect)

    async def authorize(self, attributes: Attributes) -> tuple[Decision, str]:
        """As the chain decides."""
        return await self._chain.authorize(attributes)

    async def rules_for(self, user: User, namespace: str) -> RulesResult:
        """As the chain lists them."""
        return await self._chain.rules_for(user, namespace)

    async def follow(self) -> None:
        """Look at the file from time to time, for ever."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            self.refresh()

    def refresh(self) -> None:
        """Read the file again if it changed."""
        try:
            stamp = _stamp(self._path)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            self._chain = load_chain(self._path, self._build, self._connect)
            logger.info("Reloaded the authorization configuration %s", self._path)
        except (OSError, ValueError) as error:
            logger.warning("The authorization configuration %s is not reloaded: %s", self._path, error)


def _stamp(path: str) -> tuple[int, int, int]:
    found = os.stat(path)
    return found.st_mtime_ns, found.st_size, found.st_ino


def load_chain(path: str, build: Build, connect: Connect) -> Union:
    """The chain of a file, system:masters first. Raises OSError, ConfigurationError."""
    from kubern.apimachinery.yaml import load_yaml

    try:
        config = load_yaml(Path(path).read_bytes())[0]
    except ValueError as error:
        raise ConfigurationError(f"{path!r}: {error}") from error
    problems = config_problems(config) if isinstance(config, dict) else ["must be an object"]
    if problems:
        raise ConfigurationError(f"{path!r}: {'; '.join(problems)}")
    chain = []
    for entry in config["authorizers"]:
        if entry["type"] == "Webhook":
            chain.append(_webhook(entry["webhook"], Path(path).parent, connect))
            continue
        try:
            chain.append(build(entry["type"]))
        except KeyError:
            raise ConfigurationError(f"{path!r}: nobody provides authorizers of type {entry['type']!r}") from None
    return Union(PrivilegedGroups(), *chain)


def _webhook(webhook: Object, base: Path, connect: Connect) -> Authorizer:
    from kubern.authorization.match_conditions import MatchConditions
    from kubern.authorization.webhook import WebhookAuthorizer
    from kubern.remote.kubeconfig import load_kubeconfig

    info = webhook["connectionInfo"]
    file = info.get("kubeConfigFile", "")
    endpoint = load_kubeconfig(str(base / file))
    conditions = [condition.get("expression", "") for condition in webhook.get("matchConditions") or ()]
    return WebhookAuthorizer(
        connect(endpoint),
        webhook["subjectAccessReviewVersion"],
        authorized_ttl=_seconds(webhook, "authorizedTTL", 300) if webhook.get("cacheAuthorizedRequests", True) else 0,
        unauthorized_ttl=(
            _seconds(webhook, "unauthorizedTTL", 30) if webhook.get("cacheUnauthorizedRequests", True) else 0
        ),
        timeout=_seconds(webhook, "timeout", 3),
        on_error=_POLICIES[webhook["failurePolicy"]],
        matches=MatchConditions(conditions).match if conditions else None,
    )


def _seconds(webhook: Object, name: str, default: float) -> float:
    return parse_duration(webhook[name]) / 1e9 if webhook.get(name) else default


# ---------------------------------------------------------------- validation


def config_problems(config: Object) -> list[str]:
    """Upstream: apis/apiserver/validation.ValidateAuthorizationConfiguration."""
    if config.get("kind") != "AuthorizationConfiguration" or config.get("apiVersion") not in _VERSIONS:
        return [f"must be an AuthorizationConfiguration of {', '.join(_VERSIONS)}"]
    entries = config.get("authorizers") or []
    problems = [] if entries else ["authorizers: Required value: at least one authorization mode must be defined"]
    types: set[str] = set()
    names: set[str] = set()
    for i, entry in enumerate(entries):
        kind, name, path = entry.get("type", ""), entry.get("name", ""), f"authorizers[{i}]"
        if not kind:
            problems.append(f"{path}.type: Required value")
        elif kind in types and kind != "Webhook":
            problems.append(f"{path}.type: Duplicate value: {kind!r}")
        types.add(kind)
        if not name and kind == "Webhook":
            problems.append(f"{path}.name: Required value")
        elif name and (name in names or is_dns1123_subdomain(name)):
            problems.append(f"{path}.name: {name!r} must be a DNS subdomain that no other authorizer has")
        names.add(name)
        if kind == "Webhook":
            problems += [f"{path}.webhook.{p}" for p in _webhook_problems(entry.get("webhook") or {})]
        elif entry.get("webhook") is not None:
            problems.append(f"{path}.webhook: may only be specified when type=Webhook")
    return problems


def _webhook_problems(webhook: Object) -> list[str]:
    problems = []
    if webhook.get("subjectAccessReviewVersion") not in _REVIEW_VERSIONS:
        problems.append(f"subjectAccessReviewVersion: must be one of {', '.join(_REVIEW_VERSIONS)}")
    conditions = webhook.get("matchConditions") or []
    if conditions and webhook.get("matchConditionSubjectAccessReviewVersion") != "v1":
        problems.append("matchConditionSubjectAccessReviewVersion: must be v1 when there are matchConditions")
    if webhook.get("failurePolicy") not in _POLICIES:
        problems.append(f"failurePolicy: must be one of {', '.join(_POLICIES)}")
    for name, limit in (("timeout", 30.0), ("authorizedTTL", 0.0), ("unauthorizedTTL", 0.0)):
        problems += _duration_problems(webhook, name, limit)
    info = webhook.get("connectionInfo") or {}
    if info.get("type") != "KubeConfigFile" or not info.get("kubeConfigFile"):
        # Differs from kube-apiserver: InClusterConfig is not offered, servers of this kind run outside of clusters.
        problems.append("connectionInfo: must have type KubeConfigFile and a kubeConfigFile")
    return problems + _condition_problems(conditions)


def _duration_problems(webhook: Object, name: str, limit: float) -> list[str]:
    try:
        seconds = _seconds(webhook, name, 1)
    except ValueError as error:
        return [f"{name}: {error}"]
    if seconds <= 0 or (limit and seconds > limit):
        return [f"{name}: must be more than 0s" + (f" and not more than {limit:g}s" if limit else "")]
    return []


def _condition_problems(conditions: list[Object]) -> list[str]:
    if not conditions:
        return []
    from kubern.authorization.match_conditions import expression_problem

    problems = []
    seen: set[str] = set()
    for i, condition in enumerate(conditions):
        expression = condition.get("expression", "").strip()
        problem = "Required value" if not expression else expression_problem(expression)
        if not problem and expression in seen:
            problem = "Duplicate value"
        seen.add(expression)
        if problem:
            problems.append(f"matchConditions[{i}].expression: {problem}")
    return problems
