"""Issuers and anonymous access, from --oidc flags or from the file of --authentication-config.

Upstream: apiserver.config.k8s.io AuthenticationConfiguration and its validation. Next: `authenticator.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kubern.authentication.interface import AuthenticationResponse
from kubern.options.authentication import SIGNING_ALGORITHMS

if TYPE_CHECKING:
    from kubern.authentication.interface import TokenAuthenticator
    from kubern.options.authentication import AuthenticationOptions
    from kubern.remote.dialing import Dial

Object = dict[str, Any]
_GROUP = "apiserver.config.k8s.io/"
_VERSIONS = (_GROUP + "v1", _GROUP + "v1beta1", _GROUP + "v1alpha1")


class ConfigurationError(ValueError):
    """A configuration that cannot be used; the text lists what is wrong with it."""


class OIDCUnion:
    """All issuers; each looks only at its own tokens."""

    def __init__(self, authenticators: list[TokenAuthenticator]) -> None:
        self._authenticators = authenticators

    async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
        for authenticator in self._authenticators:
            response = await authenticator.authenticate_token(token, audiences)
            if response is not None:
                return response
        return None


def load_configuration(path: str) -> Object:
    """The file's content, checked. Raises OSError, ConfigurationError."""
    from kubern.apimachinery.yaml import load_yaml

    try:
        config: Object = load_yaml(Path(path).read_bytes())[0]
    except ValueError as error:
        raise ConfigurationError(f"{path!r}: {error}") from error
    problems = _problems(config) if isinstance(config, dict) else ["must be an object"]
    if problems:
        raise ConfigurationError(f"{path!r}: {'; '.join(problems)}")
    return config


def from_flags(section: AuthenticationOptions) -> list[Object]:
    """The issuer of --oidc flags in the file's form. Raises OSError."""
    if not section.oidc_issuer_url:
        return []
    prefix = section.oidc_username_prefix
    if not prefix and section.oidc_username_claim != "email":
        prefix = f"{section.oidc_issuer_url}#"
    mappings: Object = {"username": {"claim": section.oidc_username_claim, "prefix": "" if prefix == "-" else prefix}}
    if section.oidc_groups_claim:
        mappings["groups"] = {"claim": section.oidc_groups_claim, "prefix": section.oidc_groups_prefix}
    authority = Path(section.oidc_ca_file).read_text() if section.oidc_ca_file else ""
    return [
        {
            "issuer": {
                "url": section.oidc_issuer_url,
                "audiences": [section.oidc_client_id],
                "certificateAuthority": authority,
            },
            "claimMappings": mappings,
            "claimValidationRules": [
                {"claim": key, "requiredValue": value} for key, value in section.oidc_required_claim.items()
            ],
        }
    ]


def build_issuers(
    jwt: list[Object], algorithms: tuple[str, ...], dial: Dial | None = None
) -> TokenAuthenticator | None:
    """The authenticator of all issuers, None without any. Raises ConfigurationError."""
    if not jwt:
        return None
    from kubern.authentication.oidc.authenticator import OIDCTokens
    from kubern.authentication.oidc.issuer import Issuer
    from kubern.authentication.oidc.mappings import ClaimMappings, Rules
    from kubern.cel.errors import CelFailure

    authenticators: list[TokenAuthenticator] = []
    for i, item in enumerate(jwt):
        config = item["issuer"]
        authority = config.get("certificateAuthority", "").encode()
        issuer = Issuer(config["url"], discovery_url=config.get("discoveryURL", ""), ca=authority, dial=dial)
        try:
            mappings = ClaimMappings(item["claimMappings"])
            rules = Rules(item.get("claimValidationRules") or [], item.get("userValidationRules") or [])
        except CelFailure as error:
            raise ConfigurationError(f"jwt[{i}]: compilation failed: {error}") from None
        authenticators.append(OIDCTokens(issuer, config["audiences"], algorithms, mappings, rules))
    return OIDCUnion(authenticators)


def algorithms_of(section: AuthenticationOptions) -> tuple[str, ...]:
    """What tokens may be signed with: all in a file's world, as the flag says otherwise."""
    return SIGNING_ALGORITHMS if section.authentication_config else tuple(section.oidc_signing_algs)


# ---------------------------------------------------------------- validation


def _problems(config: Object) -> list[str]:
    """Upstream: apis/apiserver/validation.ValidateAuthenticationConfiguration."""
    if config.get("kind") != "AuthenticationConfiguration" or config.get("apiVersion") not in _VERSIONS:
        return [f"must be an AuthenticationConfiguration of {', '.join(_VERSIONS)}"]
    problems: list[str] = []
    urls: set[str] = set()
    for i, item in enumerate(config.get("jwt") or ()):
        issuer = item.get("issuer") or {}
        found = _issuer_problems(issuer) + _mapping_problems(item.get("claimMappings") or {})
        if issuer.get("url") in urls:
            found.append(f"issuer.url: Duplicate value: {issuer['url']!r}")
        urls.add(issuer.get("url", ""))
        for kind in ("claimValidationRules", "userValidationRules"):
            found += _rule_problems(item.get(kind) or [], kind)
        problems += [f"jwt[{i}].{problem}" for problem in found]
    return problems + _anonymous_problems(config.get("anonymous"))


def _issuer_problems(issuer: Object) -> list[str]:
    problems = []
    for name in ("url", "discoveryURL"):
        url = issuer.get(name, "")
        parts = urlsplit(url)
        if not url and name == "url":
            problems.append("issuer.url: Required value: URL is required")
        elif url and (parts.scheme != "https" or parts.username or parts.query or parts.fragment):
            problems.append(f"issuer.{name}: {url!r} must be an https URL without user, query and fragment")
    audiences = issuer.get("audiences") or []
    if not audiences or "" in audiences or len(set(audiences)) != len(audiences):
        problems.append("issuer.audiences: must name at least one audience, each once")
    if len(audiences) > 1 and issuer.get("audienceMatchPolicy") != "MatchAny":
        problems.append("issuer.audienceMatchPolicy: must be MatchAny for several audiences")
    return problems


def _mapping_problems(mappings: Object) -> list[str]:
    problems = []
    for name in ("username", "groups", "uid"):
        mapping = mappings.get(name) or {}
        if mapping.get("claim") and mapping.get("expression"):
            problems.append(f"claimMappings.{name}: claim and expression cannot both be given")
        if name == "username" and not (mapping.get("claim") or mapping.get("expression")):
            problems.append("claimMappings.username: Required value: claim or expression is required")
        if mapping.get("expression") and mapping.get("prefix") is not None:
            problems.append(f"claimMappings.{name}.prefix: must not be given with an expression")
        if name != "uid" and mapping.get("claim") and mapping.get("prefix") is None:
            problems.append(f"claimMappings.{name}.prefix: Required value: prefix is required when claim is set")
    text = (mappings.get("username") or {}).get("expression", "")
    if "claims.email" in text.replace("claims.email_verified", "") and "claims.email_verified" not in str(mappings):
        problems.append("claimMappings.username.expression: claims.email_verified must be used with claims.email")
    keys = [item.get("key", "") for item in mappings.get("extra") or ()]
    if len(set(keys)) != len(keys) or any(not key or key != key.lower() or "/" not in key for key in keys):
        problems.append("claimMappings.extra: keys must be lower-case domain-prefixed paths, each once")
    return problems


def _rule_problems(rules: list[Object], kind: str) -> list[str]:
    problems = []
    for i, rule in enumerate(rules):
        if kind == "claimValidationRules" and bool(rule.get("claim")) == bool(rule.get("expression")):
            problems.append(f"{kind}[{i}]: exactly one of claim and expression must be given")
        if kind == "userValidationRules" and not rule.get("expression"):
            problems.append(f"{kind}[{i}].expression: Required value")
    return problems


def _anonymous_problems(anonymous: Object | None) -> list[str]:
    if anonymous is None or anonymous.get("enabled") or not anonymous.get("conditions"):
        return []
    return ["anonymous.conditions: must not be given when anonymous requests are not enabled"]
