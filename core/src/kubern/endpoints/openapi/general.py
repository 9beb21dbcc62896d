"""Operations that belong to no resource: discovery, version, the issuer's documents.

Next: `documents.py`.
"""

from __future__ import annotations

from typing import Final

from kubern.endpoints.openapi.names import group_words, operation_id, tag_of
from kubern.endpoints.openapi.operations import JSON, META, PROTOBUF, TEXT, YAML, Operation

_ALL: Final = (JSON, YAML, PROTOBUF)


def _get(path: str, id: str, tag: str, text: str, model: str, produces: tuple[str, ...], *, reads: bool) -> Operation:
    consumes = produces if reads else ()
    return Operation(path, "get", id, tag, text, produces, {"200": model}, consumes)


def api_versions() -> Operation:
    """/api/"""
    text = "get available API versions"
    return _get("/api/", "getCoreAPIVersions", "core", text, META + "APIVersions", _ALL, reads=True)


def api_groups() -> Operation:
    """/apis/"""
    text = "get available API versions"
    return _get("/apis/", "getAPIVersions", "apis", text, META + "APIGroupList", _ALL, reads=True)


def api_group(group: str) -> Operation:
    """/apis/GROUP/"""
    id = f"get{group_words(group)}APIGroup"
    return _get(f"/apis/{group}/", id, tag_of(group), "get information of a group", META + "APIGroup", _ALL, reads=True)


def api_resources(group: str, version: str) -> Operation:
    """/apis/GROUP/VERSION/"""
    path = f"/apis/{group}/{version}/" if group else f"/api/{version}/"
    id = operation_id("get", group, version, "APIResources")
    text = "get available resources"
    return _get(path, id, tag_of(group, version), text, META + "APIResourceList", _ALL, reads=True)


def server_version() -> Operation:
    """/version/"""
    text = "get the version information for this server"
    model = "io.k8s.apimachinery.pkg.version.Info"
    return _get("/version/", "getCodeVersion", "version", text, model, (JSON,), reads=True)


def openid_configuration() -> Operation:
    """/.well-known/openid-configuration/"""
    path = "/.well-known/openid-configuration/"
    text = "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'"
    return _get(path, "getServiceAccountIssuerOpenIDConfiguration", "WellKnown", text, TEXT, (JSON,), reads=False)


def openid_keys() -> Operation:
    """/openid/v1/jwks/"""
    text = "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)"
    media = ("application/jwk-set+json",)
    return _get("/openid/v1/jwks/", "getServiceAccountIssuerOpenIDKeyset", "openid", text, TEXT, media, reads=False)


ISSUER_PATHS: Final = {
    "/.well-known/openid-configuration": openid_configuration,
    "/openid/v1/jwks": openid_keys,
}
