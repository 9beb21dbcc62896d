"""Core's authenticators, asked in slot order: the front proxy, then certificates, then static secrets.

Next: `../authentication/union.py`, which puts the chain together and adds anonymous requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kubern.builtin.files import read_file
from kubern.contributions import AuthenticatorSpec
from kubern.hookspecs import hookimpl
from kubern.options.egress_selector import EgressSelectorOptions

if TYPE_CHECKING:
    from kubern.authentication.interface import Authenticator, TokenAuthenticator
    from kubern.config import CompletedConfig
    from kubern.options.authentication import AuthenticationOptions
    from kubern.remote.dialing import Dial

T = TypeVar("T")


@hookimpl
def kubern_register_authenticators() -> list[AuthenticatorSpec]:
    return [
        AuthenticatorSpec("insecure-port", 50, _insecure_port),
        AuthenticatorSpec("request-header", 100, _request_header),
        AuthenticatorSpec("x509", 200, _x509),
        AuthenticatorSpec("token-file", 300, _token_file),
        AuthenticatorSpec("basic-file", 350, _basic_file),
        AuthenticatorSpec("oidc", 500, _oidc),
        AuthenticatorSpec("token-webhook", 900, _token_webhook),
    ]


def _control_plane(config: CompletedConfig) -> Dial | None:
    return config.options.section(EgressSelectorOptions).control_plane


def _section(config: CompletedConfig) -> AuthenticationOptions:
    from kubern.options.authentication import AuthenticationOptions

    return config.options.section(AuthenticationOptions)


def _insecure_port(config: CompletedConfig) -> Authenticator | None:
    from kubern.authentication.insecure_port import InsecurePort
    from kubern.options.insecure_serving import InsecureServingOptions

    return InsecurePort() if config.options.section(InsecureServingOptions).insecure_port else None


def _request_header(config: CompletedConfig) -> Authenticator | None:
    from kubern.authentication.request_header import HeaderNames, RequestHeader
    from kubern.authentication.trust import TrustAnchors

    section = _section(config)
    if not section.requestheader_client_ca_file:
        return None
    names = HeaderNames.of(
        section.requestheader_username_headers,
        section.requestheader_uid_headers,
        section.requestheader_group_headers,
        section.requestheader_extra_headers_prefix,
    )
    anchors = read_file("--requestheader-client-ca-file", TrustAnchors, section.requestheader_client_ca_file)
    return RequestHeader(anchors, section.requestheader_allowed_names, names)


def _x509(config: CompletedConfig) -> Authenticator | None:
    from kubern.authentication.trust import TrustAnchors
    from kubern.authentication.x509 import X509

    path = _section(config).client_ca_file
    return X509(read_file("--client-ca-file", TrustAnchors, path)) if path else None


def _token_file(config: CompletedConfig) -> TokenAuthenticator | None:
    from kubern.authentication.token_file import TokenFile
    from kubern.authentication.token_union import AudienceAgnostic

    section = _section(config)
    if not section.token_auth_file:
        return None
    tokens = read_file("--token-auth-file", TokenFile, section.token_auth_file)
    return AudienceAgnostic(tokens, section.api_audiences)


def _basic_file(config: CompletedConfig) -> Authenticator | None:
    from kubern.authentication.basic_file import BasicFile

    path = _section(config).basic_auth_file
    return read_file("--basic-auth-file", BasicFile, path) if path else None


def _token_webhook(config: CompletedConfig) -> TokenAuthenticator | None:
    from kubern.authentication.webhook import WebhookTokens
    from kubern.remote.kubeconfig import load_kubeconfig

    section = _section(config)
    path = section.authentication_token_webhook_config_file
    if not path:
        return None
    endpoint = read_file("--authentication-token-webhook-config-file", load_kubeconfig, path)
    return WebhookTokens(
        config.remote_client(endpoint),
        section.authentication_token_webhook_version,
        section.api_audiences,
        section.authentication_token_webhook_cache_ttl,
    )


def _oidc(config: CompletedConfig) -> TokenAuthenticator | None:
    section = _section(config)
    if not section.oidc_issuer_url and not section.authentication_config:
        return None
    from kubern.authentication.oidc.configuration import algorithms_of, build_issuers, from_flags

    if not section.authentication_config:
        return build_issuers(from_flags(section), algorithms_of(section), _control_plane(config))
    from kubern.authentication.oidc.reload import ReloadableOIDC
    from kubern.authentication.union import ANONYMOUS_CONFIGURATION, TOKENS

    def build(path: str) -> ReloadableOIDC:
        forget = lambda: config.shared[TOKENS].forget()  # noqa: E731
        return ReloadableOIDC(path, algorithms_of(section), forget, _control_plane(config))

    reloadable = read_file("--authentication-config", build, section.authentication_config)
    config.shared[ANONYMOUS_CONFIGURATION] = reloadable.configuration.get("anonymous")
    config.tasks.spawn("authentication-config-reload", reloadable.follow())
    return reloadable
