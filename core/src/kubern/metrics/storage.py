"""How many objects there are and how large the database is (upstream: storage/etcd3/metrics)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from kubern.storage.errors import StorageError
from kubern.storage.interface import Store

logger = logging.getLogger(__name__)
Counts = Callable[[], Iterable[tuple[str, str, int]]]
"""Gives (group, resource, number of objects) of every resource that is kept."""


class ObjectCounts:
    """Reads the numbers when metrics are asked for."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """Both names: the second is what versions before 1.34 had and dashboards still ask for."""
        now = GaugeMetricFamily(
            "apiserver_resource_objects",
            "Number of stored objects, by group and resource.",
            labels=("group", "resource"),
        )
        before = GaugeMetricFamily(
            "apiserver_storage_objects", "Number of stored objects, by resource and its group.", labels=("resource",)
        )
        for group, resource, number in self._counts():
            now.add_metric((group, resource), number)
            before.add_metric((f"{resource}.{group}" if group else resource,), number)
        yield now
        yield before


def measure_storage(
    registry: CollectorRegistry, stores: Sequence[Store], interval: float
) -> Coroutine[None, None, None]:
    """Coroutine that asks for the size of each database every `interval` seconds, for ever."""
    gauge = Gauge(
        "apiserver_storage_size_bytes",
        "Size of the storage database file physically allocated in bytes.",
        ("storage_cluster_id",),
        registry=registry,
    )

    async def measure() -> None:
        while True:
            for number, store in enumerate(stores):
                try:
                    gauge.labels(f"etcd-{number}").set(await store.size())
                except StorageError as error:
                    logger.warning("The size of storage %d is not known: %s", number, error)
            await asyncio.sleep(interval)

    return measure()
