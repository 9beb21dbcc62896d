"""Puts the OpenAPI documents on the outermost member of a chain. Next: `service.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.endpoints.openapi.service import V2_ROOT, V3_ROOT, OpenAPIService

if TYPE_CHECKING:
    from kubern.endpoints.openapi.documents import Part
    from kubern.server import GenericAPIServer

SHARED_SERVICE = "openapi"
"""The name in `config.shared` under which members find the service (to describe definitions, to add nothing else)."""


def install_openapi(server: GenericAPIServer) -> None:
    """Serve the documents of the whole chain; nothing of them is loaded before the first request."""
    service = openapi_service(server)
    for root in (V2_ROOT, V3_ROOT):
        server.paths.setdefault(root, service.serve)
    server.path_prefixes.setdefault(V3_ROOT + "/", service.serve)


def openapi_service(server: GenericAPIServer) -> OpenAPIService:
    """The chain's documents, made on first call and kept current from then on."""
    config = server.config

    def find_parts() -> dict[str, Part]:
        from kubern.endpoints.openapi.documents import parts_of
        from kubern.endpoints.openapi.general import ISSUER_PATHS

        members = list(config.outermost.chain())
        issuer = [path for path in ISSUER_PATHS if any(path in m.paths for m in members)]
        return parts_of([info for m in members for info in m.api_groups.values()], issuer)

    service = config.shared.get(SHARED_SERVICE)
    if service is None:
        service = config.shared[SHARED_SERVICE] = OpenAPIService(find_parts)
        config.on_groups_changed(service.invalidate)
    return service
