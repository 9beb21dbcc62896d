"""The issuer's public documents: OpenID configuration and key set (upstream: routes/openidmetadata.go)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from kubern.endpoints.asgi import send_bytes
from kubern.endpoints.director import method_not_allowed
from kubern.endpoints.negotiation import JSON, not_acceptable_route, route_accepts
from kubern_kubeapi.serviceaccounts.build import public_keys

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Scope, Send
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

logger = logging.getLogger(__name__)
CONFIGURATION_PATH = "/.well-known/openid-configuration"
JWKS_PATH = "/openid/v1/jwks"
JWKS_TYPE = "application/jwk-set+json"
_CACHED = [(b"cache-control", b"public, max-age=3600")]


class Document:
    """A document that never changes, in one media type."""

    def __init__(self, media_type: str, content: Any) -> None:
        self._media_type = media_type
        self._body = orjson.dumps(content)

    async def serve(self, ctx: RequestContext, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a GET. Raises StatusError 405, 406."""
        if scope["method"] != "GET":
            raise method_not_allowed()
        if not route_accepts(ctx.headers.get("accept", ""), (self._media_type,)):
            raise not_acceptable_route((self._media_type,))
        await send_bytes(send, 200, self._media_type.encode(), self._body, _CACHED)


def install_openid_documents(server: GenericAPIServer) -> None:
    """Put both documents on a member, unless the issuer is nothing that relying parties could look up."""
    from kubern.options.authentication import AuthenticationOptions

    section = server.config.options.section(AuthenticationOptions)
    if not section.service_account_key_file or not section.service_account_issuer:
        return
    issuer = section.service_account_issuer[0]
    problem = _problem(issuer, "issuer URL")
    uri = section.service_account_jwks_uri or _default_jwks_uri(server)
    problem = problem or _problem(uri, "JWKS URI")
    if problem:
        logger.warning("The documents of the service account issuer are not served: %s", problem)
        return
    keys = public_keys(server.config)
    configuration = {
        "issuer": issuer,
        "jwks_uri": uri,
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(dict.fromkeys(key.algorithm for key in keys)),
    }
    server.paths[CONFIGURATION_PATH] = Document(JSON, configuration).serve
    server.paths[JWKS_PATH] = Document(JWKS_TYPE, {"keys": [key.jwk() for key in keys]}).serve


def _problem(url: str, what: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https":
        return f"{what} {url!r} must begin with https://"
    return f"{what} {url!r} must have no query" if what == "issuer URL" and parts.query else ""


def _default_jwks_uri(server: GenericAPIServer) -> str:
    from kubern.options.generic import GenericOptions
    from kubern.options.secure_serving import SecureServingOptions

    generic = server.config.options.section(GenericOptions)
    host = generic.external_hostname or generic.advertise_address
    port = server.config.options.section(SecureServingOptions).secure_port
    host = f"[{host}]" if ":" in host else host
    return f"https://{host}:{port}{JWKS_PATH}"
