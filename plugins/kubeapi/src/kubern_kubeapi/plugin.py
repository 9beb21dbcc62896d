"""kubeapi's contributions to kubern: the member that serves the built-in kinds. Next: `config.py`, `server.py`."""

from __future__ import annotations

from kubern.contributions import AdmissionPluginSpec, APIServiceSource, AuthenticatorSpec, AuthorizerSpec, ServerSpec
from kubern.hookspecs import hookimpl
from kubern_kubeapi.admission.registration import admission_plugins
from kubern_kubeapi.authentication.bootstrap_tokens import bootstrap_tokens
from kubern_kubeapi.authorization.node import NodeAuthorizer
from kubern_kubeapi.authorization.rbac import rbac_of
from kubern_kubeapi.config import build_config
from kubern_kubeapi.server import new_server, subscribe_api_services
from kubern_kubeapi.serviceaccounts.build import legacy_tokens, service_account_tokens

SLOT = 200


@hookimpl
def kubern_register_servers() -> list[ServerSpec]:
    return [ServerSpec("kubeapi", SLOT, build_config, new_server)]


@hookimpl
def kubern_register_api_service_sources() -> list[APIServiceSource]:
    return [APIServiceSource("kubeapi", subscribe_api_services)]


@hookimpl
def kubern_register_authenticators() -> list[AuthenticatorSpec]:
    return [
        AuthenticatorSpec("legacy-service-account-tokens", 400, legacy_tokens),
        AuthenticatorSpec("service-account-tokens", 410, service_account_tokens),
        AuthenticatorSpec("bootstrap-tokens", 420, bootstrap_tokens),
    ]


@hookimpl
def kubern_register_authorizers() -> list[AuthorizerSpec]:
    return [AuthorizerSpec("Node", NodeAuthorizer), AuthorizerSpec("RBAC", rbac_of)]


@hookimpl
def kubern_register_admission_plugins() -> list[AdmissionPluginSpec]:
    return admission_plugins()
