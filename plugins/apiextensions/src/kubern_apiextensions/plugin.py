"""The apiextensions member's hook implementations, and nothing else. Next: `config.py`, `server.py`."""

from __future__ import annotations

from kubern.contributions import APIServiceSource, ServerSpec
from kubern.hookspecs import hookimpl
from kubern_apiextensions.config import build_config
from kubern_apiextensions.server import new_server, subscribe_custom_resources, subscribe_definitions

SLOT = 300


@hookimpl
def kubern_register_servers() -> list[ServerSpec]:
    return [ServerSpec("apiextensions", SLOT, build_config, new_server)]


@hookimpl
def kubern_register_api_service_sources() -> list[APIServiceSource]:
    return [
        APIServiceSource("apiextensions", subscribe=subscribe_definitions),
        APIServiceSource("custom resources", subscribe=subscribe_custom_resources, sync=True),
    ]
