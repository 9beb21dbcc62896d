"""The aggregator's contributions to kubern: the outermost member of the chain. Next: `config.py`, `server.py`."""

from __future__ import annotations

from kubern.contributions import ServerSpec
from kubern.hookspecs import hookimpl
from kubern_aggregator.config import build_config
from kubern_aggregator.server import new_server

SLOT = 100


@hookimpl
def kubern_register_servers() -> list[ServerSpec]:
    return [ServerSpec("aggregator", SLOT, build_config, new_server)]
