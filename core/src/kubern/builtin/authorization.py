"""Core's modes for --authorization-mode. Next: `../authorization/union.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.contributions import AuthorizerSpec
from kubern.hookspecs import hookimpl

if TYPE_CHECKING:
    from kubern.authorization.interface import Authorizer
    from kubern.config import CompletedConfig


@hookimpl
def kubern_register_authorizers() -> list[AuthorizerSpec]:
    return [AuthorizerSpec("AlwaysAllow", _always_allow), AuthorizerSpec("AlwaysDeny", _always_deny)]


def _always_allow(config: CompletedConfig) -> Authorizer:
    from kubern.authorization.always_allow import AlwaysAllow

    return AlwaysAllow()


def _always_deny(config: CompletedConfig) -> Authorizer:
    from kubern.authorization.always_deny import AlwaysDeny

    return AlwaysDeny()
