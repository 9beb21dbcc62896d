"""Puts discovery on the outermost member of a chain. Next: `handlers.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kubern.endpoints.discovery.cache import DiscoveryCache
from kubern.endpoints.discovery.handlers import DiscoveryHandlers

if TYPE_CHECKING:
    from kubern.apimachinery.resource import APIGroupInfo
    from kubern.config import CompletedConfig
    from kubern.server import GenericAPIServer

SHARED_CACHE = "discovery"
"""The name in `config.shared` under which an aggregator finds the cache to add remote groups to."""


def install_discovery(server: GenericAPIServer) -> None:
    """Serve /api and /apis for the whole chain; paths that a member has taken already stay its own."""
    config = server.config
    cache = discovery_cache(server)
    serve = DiscoveryHandlers(cache, lambda: external_address(config)).serve
    for root in ("/api", "/apis"):
        server.paths.setdefault(root, serve)
        server.path_prefixes.setdefault(root + "/", serve)


def discovery_cache(server: GenericAPIServer) -> DiscoveryCache:
    """The chain's discovery documents, made on first call and kept current from then on."""
    config = server.config

    def declared() -> Iterator[APIGroupInfo]:
        for member in config.outermost.chain():
            yield from member.api_groups.values()

    cache = config.shared.get(SHARED_CACHE)
    if cache is None:
        cache = config.shared[SHARED_CACHE] = DiscoveryCache(declared)
        config.on_groups_changed(cache.invalidate)
    return cache


def external_address(config: CompletedConfig) -> str:
    """host:port that clients are told to use."""
    host = config.options.section("generic").external_hostname
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{config.options.section('secure serving').secure_port}"
