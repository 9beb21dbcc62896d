"""Core's modes for --authorization-mode. Next: `../authorization/union.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.builtin.files import read_file
from kubern.contributions import AuthorizerSpec
from kubern.hookspecs import hookimpl

if TYPE_CHECKING:
    from kubern.authorization.interface import Authorizer
    from kubern.config import CompletedConfig


@hookimpl
def kubern_register_authorizers() -> list[AuthorizerSpec]:
    return [
        AuthorizerSpec("AlwaysAllow", _always_allow),
        AuthorizerSpec("AlwaysDeny", _always_deny),
        AuthorizerSpec("ABAC", _abac),
        AuthorizerSpec("Webhook", _webhook),
    ]


def _always_allow(config: CompletedConfig) -> Authorizer:
    from kubern.authorization.always_allow import AlwaysAllow

    return AlwaysAllow()


def _always_deny(config: CompletedConfig) -> Authorizer:
    from kubern.authorization.always_deny import AlwaysDeny

    return AlwaysDeny()


def _abac(config: CompletedConfig) -> Authorizer:
    from kubern.authorization.abac import ABACAuthorizer, load_policies
    from kubern.options.authorization import AuthorizationOptions

    path = config.options.section(AuthorizationOptions).authorization_policy_file
    return ABACAuthorizer(read_file("--authorization-policy-file", load_policies, path))


def _webhook(config: CompletedConfig) -> Authorizer:
    from kubern.authorization.webhook import WebhookAuthorizer
    from kubern.options.authorization import AuthorizationOptions
    from kubern.remote.kubeconfig import load_kubeconfig

    section = config.options.section(AuthorizationOptions)
    path = section.authorization_webhook_config_file
    endpoint = read_file("--authorization-webhook-config-file", load_kubeconfig, path)
    return WebhookAuthorizer(
        config.remote_client(endpoint),
        section.authorization_webhook_version,
        authorized_ttl=section.authorization_webhook_cache_authorized_ttl,
        unauthorized_ttl=section.authorization_webhook_cache_unauthorized_ttl,
    )
