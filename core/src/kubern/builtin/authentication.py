"""Core's authenticators, asked in slot order: the front proxy, then certificates, then static secrets.

Next: `../authentication/union.py`, which puts the chain together and adds anonymous requests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from kubern.contributions import AuthenticatorSpec
from kubern.hookspecs import hookimpl

if TYPE_CHECKING:
    from kubern.authentication.interface import Authenticator, TokenAuthenticator
    from kubern.config import CompletedConfig
    from kubern.options.authentication import AuthenticationOptions

T = TypeVar("T")


@hookimpl
def kubern_register_authenticators() -> list[AuthenticatorSpec]:
    return [
        AuthenticatorSpec("insecure-port", 50, _insecure_port),
        AuthenticatorSpec("request-header", 100, _request_header),
        AuthenticatorSpec("x509", 200, _x509),
        AuthenticatorSpec("token-file", 300, _token_file),
        AuthenticatorSpec("basic-file", 350, _basic_file),
    ]


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
    anchors = _read("--requestheader-client-ca-file", TrustAnchors, section.requestheader_client_ca_file)
    return RequestHeader(anchors, section.requestheader_allowed_names, names)


def _x509(config: CompletedConfig) -> Authenticator | None:
    from kubern.authentication.trust import TrustAnchors
    from kubern.authentication.x509 import X509

    path = _section(config).client_ca_file
    return X509(_read("--client-ca-file", TrustAnchors, path)) if path else None


def _token_file(config: CompletedConfig) -> TokenAuthenticator | None:
    from kubern.authentication.token_file import TokenFile
    from kubern.authentication.token_union import AudienceAgnostic

    section = _section(config)
    if not section.token_auth_file:
        return None
    tokens = _read("--token-auth-file", TokenFile, section.token_auth_file)
    return AudienceAgnostic(tokens, section.api_audiences)


def _basic_file(config: CompletedConfig) -> Authenticator | None:
    from kubern.authentication.basic_file import BasicFile

    path = _section(config).basic_auth_file
    return _read("--basic-auth-file", BasicFile, path) if path else None


def _read(flag: str, read: Callable[[str], T], path: str) -> T:
    """What a flag's file holds. Raises StartError naming the flag."""
    from kubern.lifecycle import StartError

    try:
        return read(path)
    except (OSError, ValueError) as error:
        raise StartError(f"{flag}: {error}") from error
