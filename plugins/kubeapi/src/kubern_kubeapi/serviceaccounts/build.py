"""From the flags to the parts: keys, token authenticators, the issuer. Asked by `../plugin.py` and `../server.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern_kubeapi.serviceaccounts.keys import PublicKey, SigningKey, load_public_keys, load_signing_key

if TYPE_CHECKING:
    from kubern.authentication.interface import TokenAuthenticator
    from kubern.config import CompletedConfig
    from kubern.options.authentication import AuthenticationOptions

_PUBLIC_KEYS = "kubeapi/service-account-public-keys"


def _section(config: CompletedConfig) -> AuthenticationOptions:
    from kubern.options.authentication import AuthenticationOptions

    return config.options.section(AuthenticationOptions)


def public_keys(config: CompletedConfig) -> tuple[PublicKey, ...]:
    """The keys of --service-account-key-file. Raises OSError, KeyFileError."""
    if _PUBLIC_KEYS not in config.shared:
        config.shared[_PUBLIC_KEYS] = load_public_keys(_section(config).service_account_key_file)
    found: tuple[PublicKey, ...] = config.shared[_PUBLIC_KEYS]
    return found


def signing_key(config: CompletedConfig) -> SigningKey | None:
    """The key of --service-account-signing-key-file. Raises OSError, KeyFileError."""
    from kubern.options.misc import MiscOptions

    path = config.options.section(MiscOptions).service_account_signing_key_file
    return load_signing_key(path) if path else None


def service_account_tokens(config: CompletedConfig) -> TokenAuthenticator | None:
    """Accepts tokens of --service-account-issuer."""
    from kubern_kubeapi.serviceaccounts.authenticator import ServiceAccountTokens, SignedTokens
    from kubern_kubeapi.serviceaccounts.objects import BoundObjects

    section = _section(config)
    if not section.service_account_key_file or not section.service_account_issuer:
        return None
    tokens = SignedTokens(section.service_account_issuer, public_keys(config))
    return ServiceAccountTokens(tokens, BoundObjects(config), section.api_audiences)


def legacy_tokens(config: CompletedConfig) -> TokenAuthenticator | None:
    """Accepts tokens kept in secrets."""
    from kubern_kubeapi.serviceaccounts.authenticator import SignedTokens
    from kubern_kubeapi.serviceaccounts.legacy import ISSUER, LegacyTokens
    from kubern_kubeapi.serviceaccounts.objects import BoundObjects

    section = _section(config)
    if not section.service_account_key_file:
        return None
    tokens = SignedTokens((ISSUER,), public_keys(config))
    lookup = section.service_account_lookup
    return LegacyTokens(tokens, BoundObjects(config), section.api_audiences, lookup=lookup)
