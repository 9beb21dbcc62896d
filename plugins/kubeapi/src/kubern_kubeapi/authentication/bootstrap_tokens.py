"""Tokens with which new nodes join: secrets of type bootstrap.kubernetes.io/token in kube-system.

Upstream: plugin/pkg/auth/authenticator/token/bootstrap. On with --enable-bootstrap-token-auth.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import time
from typing import TYPE_CHECKING, Any

from kubern.authentication.interface import AuthenticationResponse
from kubern.registry.before import parse_time
from kubern.request import User
from kubern_kubeapi.serviceaccounts.objects import BoundObjects

if TYPE_CHECKING:
    from kubern.authentication.interface import TokenAuthenticator
    from kubern.config import CompletedConfig

Object = dict[str, Any]
NAMESPACE = "kube-system"
SECRET_TYPE = "bootstrap.kubernetes.io/token"
DEFAULT_GROUP = "system:bootstrappers"
_TOKEN = re.compile(r"([a-z0-9]{6})\.([a-z0-9]{16})")
_GROUP = re.compile(r"system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]")


class BootstrapTokens:
    """Knows the tokens of the moment."""

    live = True

    def __init__(self, objects: BoundObjects) -> None:
        self._objects = objects

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        identifier, secret = match.groups()
        stored = await self._objects.find("secrets", NAMESPACE, f"bootstrap-token-{identifier}")
        if stored is None or "deletionTimestamp" in stored["metadata"] or stored.get("type") != SECRET_TYPE:
            return None
        data = {key: _text(value) for key, value in (stored.get("data") or {}).items()}
        if not hmac.compare_digest(data.get("token-secret", "").encode(), secret.encode()):
            return None
        if data.get("token-id") != identifier or _has_expired(data.get("expiration", "")):
            return None
        groups = _groups(data.get("auth-extra-groups", ""))
        if data.get("usage-bootstrap-authentication") != "true" or groups is None:
            return None
        return AuthenticationResponse(User(f"system:bootstrap:{identifier}", groups=groups))


def _text(value: str) -> str:
    try:
        return base64.b64decode(value).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def _has_expired(text: str) -> bool:
    """Whether a time has come; what is no time counts as over."""
    if not text:
        return False
    try:
        return parse_time(text).timestamp() <= time.time()
    except ValueError:
        return True


def _groups(text: str) -> tuple[str, ...] | None:
    """The groups of a token, None when one of them is not for such tokens."""
    extra = [group for group in text.split(",") if group]
    if any(_GROUP.fullmatch(group) is None for group in extra):
        return None
    return tuple(sorted({DEFAULT_GROUP, *extra}))


def bootstrap_tokens(config: CompletedConfig) -> TokenAuthenticator | None:
    """The authenticator, if --enable-bootstrap-token-auth switches it on."""
    from kubern.authentication.token_union import AudienceAgnostic
    from kubern.options.authentication import AuthenticationOptions

    section = config.options.section(AuthenticationOptions)
    if not section.enable_bootstrap_token_auth:
        return None
    return AudienceAgnostic(BootstrapTokens(BoundObjects(config)), section.api_audiences)
