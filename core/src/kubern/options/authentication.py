"""Flags that say who clients are (upstream: kubeoptions.BuiltInAuthenticationOptions)."""

from __future__ import annotations

import dataclasses

from kubern.options.section import flag
from kubern.options.values import Duration, MapStringString, StringArray, StringMap, Strings

SIGNING_ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512")


@dataclasses.dataclass
class AuthenticationOptions:
    """How the server finds out who sends a request."""

    anonymous_auth: bool = True
    """Let requests that no authenticator rejects through as user system:anonymous, group system:unauthenticated.
    Reset to false with --authorization-mode=AlwaysAllow."""

    api_audiences: Strings = ()
    """Identifiers of this API, at least one of which a token must be bound to. Empty: the issuers of
    --service-account-issuer."""

    authentication_config: str = ""
    """File with JWT and anonymous authentication (apiserver.config.k8s.io AuthenticationConfiguration); not together
    with --oidc flags or --anonymous-auth."""

    authentication_token_webhook_cache_ttl: Duration = 120
    """How long answers of the token webhook are kept."""

    authentication_token_webhook_config_file: str = ""
    """Kubeconfig file that says where the token webhook is."""

    authentication_token_webhook_version: str = "v1beta1"
    """Version of TokenReview to send to the token webhook."""

    client_ca_file: str = ""
    """File with the CAs of clients: a request with a certificate signed by one of them is the user of the
    certificate's common name, with its organizations as groups. Not given: the CA kept in --data-dir."""

    enable_bootstrap_token_auth: bool = False
    """Accept tokens from secrets of type bootstrap.kubernetes.io/token in the namespace kube-system."""

    oidc_ca_file: str = ""
    """File with the CAs that the OpenID issuer's certificate is checked against. Empty: those of the system."""

    oidc_client_id: str = ""
    """The client that OpenID tokens must be issued for; needed with --oidc-issuer-url."""

    oidc_groups_claim: str = ""
    """The OpenID claim that holds the user's groups, a text or a list of texts."""

    oidc_groups_prefix: str = ""
    """What groups from OpenID tokens are prefixed with."""

    oidc_issuer_url: str = ""
    """URL of the OpenID issuer, https only. Given, its tokens are accepted."""

    oidc_required_claim: MapStringString = StringMap()
    """Claims that OpenID tokens must have: key=value pairs."""

    oidc_signing_algs: Strings = ("RS256",)
    """Signing algorithms accepted in OpenID tokens: RS256, RS384, RS512, ES256, ES384, ES512, PS256, PS384, PS512."""

    oidc_username_claim: str = "sub"
    """The OpenID claim that is the user's name."""

    oidc_username_prefix: str = ""
    """What names from OpenID tokens are prefixed with; - for nothing. Not given: the issuer's URL and #, unless the
    claim is email."""

    requestheader_allowed_names: Strings = ()
    """Common names of the client certificates that may say who a request is from in headers. Empty: any certificate
    signed by --requestheader-client-ca-file."""

    requestheader_client_ca_file: str = ""
    """File with the CAs of front proxies, whose certificates are checked before the headers of
    --requestheader-username-headers are believed. Not given: the front-proxy CA kept in --data-dir."""

    requestheader_extra_headers_prefix: Strings = ()
    """What headers with extra information about the user start with. X-Remote-Extra- is suggested."""

    requestheader_group_headers: Strings = ()
    """Headers that hold the user's groups. X-Remote-Group is suggested."""

    requestheader_uid_headers: Strings = ()
    """Headers that hold the user's UID. X-Remote-Uid is suggested."""

    requestheader_username_headers: Strings = ()
    """Headers that hold the user's name. X-Remote-User is common."""

    service_account_extend_token_expiration: bool = True
    """Let tokens that admission injects into pods live longer, to bridge the change from legacy tokens."""

    service_account_issuer: StringArray = ()
    """The issuer of service account tokens, their claim iss. May be given several times: the first one issues, all
    are accepted. Not given: https://kubernetes.default.svc."""

    service_account_jwks_uri: str = ""
    """The URI of the JSON Web Key Set in the discovery document at /.well-known/openid-configuration. Not given: made
    from the external hostname."""

    service_account_key_file: StringArray = ()
    """File with RSA or ECDSA keys, public or private, that service account tokens are checked against. May be given
    several times. Not given: the key of --service-account-signing-key-file."""

    service_account_lookup: bool = True
    """Check that a token's service account and bound objects still exist."""

    service_account_max_token_expiration: Duration = 0
    """The longest lifetime of an issued token; longer requests get this. 0: no limit."""

    token_auth_file: str = ""
    """CSV file with static bearer tokens: token,user,uid[,"group1,group2"]."""

    basic_auth_file: str = flag("", upstream="1.12", deprecated="use --token-auth-file")
    """CSV file with static passwords for HTTP basic authentication: password,user,uid[,"group1,group2"]."""

    service_account_api_audiences: Strings = flag((), upstream="1.12", deprecated="use --api-audiences")
    """The former name of --api-audiences."""

    def validate(self) -> list[str]:
        problems = []
        if self.oidc_issuer_url and not self.oidc_client_id:
            problems.append("--oidc-client-id: must be given with --oidc-issuer-url")
        if self.oidc_client_id and not self.oidc_issuer_url:
            problems.append("--oidc-issuer-url: must be given with --oidc-client-id")
        if self.oidc_issuer_url and not self.oidc_issuer_url.startswith("https://"):
            problems.append(f"--oidc-issuer-url: {self.oidc_issuer_url!r} must start with https://")
        for algorithm in self.oidc_signing_algs:
            if algorithm not in SIGNING_ALGORITHMS:
                problems.append(f"--oidc-signing-algs: {algorithm!r} must be one of {', '.join(SIGNING_ALGORITHMS)}")
        if self.authentication_config and (self.oidc_issuer_url or self.oidc_client_id):
            problems.append("--authentication-config: must not be given with --oidc flags")
        if self.authentication_token_webhook_version not in ("v1", "v1beta1"):
            problems.append(
                f"--authentication-token-webhook-version: {self.authentication_token_webhook_version!r} must be v1 or "
                "v1beta1"
            )
        return problems + self._service_account_problems() + self._request_header_problems()

    def _service_account_problems(self) -> list[str]:
        problems = []
        longest = self.service_account_max_token_expiration
        if longest < 0:
            problems.append("--service-account-max-token-expiration: must not be negative")
        elif 0 < longest < 3600 or longest > 2**32:
            problems.append("--service-account-max-token-expiration: must be from 1h to 2^32 seconds")
        for issuer in self.service_account_issuer:
            if not issuer:
                problems.append("--service-account-issuer: must not be empty")
            elif ":" in issuer and "://" not in issuer and not issuer.split(":")[0].isalnum():
                problems.append(f"--service-account-issuer: {issuer!r} contains a ':' but is not a valid URL")
        if self.service_account_jwks_uri and not self.service_account_jwks_uri.startswith("https://"):
            problems.append(f"--service-account-jwks-uri: {self.service_account_jwks_uri!r} must start with https://")
        return problems

    def _request_header_problems(self) -> list[str]:
        problems = []
        if self.requestheader_client_ca_file and not self.requestheader_username_headers:
            problems.append("--requestheader-username-headers: must be given with --requestheader-client-ca-file")
        for name in ("username_headers", "uid_headers", "group_headers", "extra_headers_prefix"):
            if any(not header.strip() for header in getattr(self, f"requestheader_{name}")):
                problems.append(f"--requestheader-{name.replace('_', '-')}: must not contain an empty header name")
        return problems

    def file_flags(self) -> dict[str, str]:
        """Files that must be readable when named, by flag."""
        names = (
            "authentication_config", "authentication_token_webhook_config_file", "client_ca_file", "oidc_ca_file",
            "requestheader_client_ca_file", "token_auth_file", "basic_auth_file",
        )  # fmt: skip
        return {f"--{name.replace('_', '-')}": getattr(self, name) for name in names}
