"""Post-start hooks that every chain has, whatever its members (upstream: completedConfig.New).

Next: `server.py`, which runs them with the members' own.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kubern.contributions import PostStartHook

if TYPE_CHECKING:
    from kubern.server import GenericAPIServer

ADMISSION = "start-apiserver-admission-initializer"
INFORMERS = "generic-apiserver-start-informers"
OBJECT_COUNTS = "storage-object-count-tracker-hook"
ORDER = (
    ADMISSION, INFORMERS, "priority-and-fairness-config-consumer", "priority-and-fairness-filter", OBJECT_COUNTS,
)  # fmt: skip
"""How the checks of these hooks stand before all others, whoever brings them."""


def generic_hooks() -> list[PostStartHook]:
    """In the order of their names in health checks."""
    return [
        PostStartHook(ADMISSION, wait_for_caches),
        PostStartHook(INFORMERS, wait_for_caches),
        PostStartHook(OBJECT_COUNTS, _measure_storage),
    ]


async def wait_for_caches(server: GenericAPIServer) -> None:
    """Returns when every resource's watch cache has content; admission plugins read from these too."""
    stores = [store for member in server.config.outermost.chain() for store in member.stores.values()]
    await asyncio.gather(*(store.cacher.ready() for store in stores))


async def _measure_storage(server: GenericAPIServer) -> None:
    """Begin to ask for the size of the database."""
    from kubern.metrics.storage import DatabaseSizes
    from kubern.options.etcd import EtcdOptions

    config = server.config
    interval = config.options.section(EtcdOptions).etcd_db_metric_poll_interval
    if interval:
        sizes = DatabaseSizes(config.storage_factory.stores())
        config.metrics.register(sizes)
        config.tasks.spawn("storage-size-metric", sizes.follow(interval))
