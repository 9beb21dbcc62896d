"""How many objects there are and how large the database is (upstream: storage/etcd3/metrics)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kubern.storage.errors import StorageError
from kubern.storage.interface import Store

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

logger = logging.getLogger(__name__)
Counts = Callable[[], Iterable[tuple[str, str, int]]]
"""Gives (group, resource, number of objects) of every resource that is kept."""


class ObjectCounts:
    """Reads the numbers when metrics are asked for."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """Both names: the second is what versions before 1.34 had and dashboards still ask for."""
        from prometheus_client.metrics_core import GaugeMetricFamily

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


class DatabaseSizes:
    """The size of each database, as it was when last asked for."""

    def __init__(self, stores: Sequence[Store]) -> None:
        self._stores = stores
        self._sizes: dict[str, int] = {}

    async def follow(self, interval: float) -> None:
        """Ask every `interval` seconds, for ever."""
        while True:
            for number, store in enumerate(self._stores):
                try:
                    self._sizes[f"etcd-{number}"] = await store.size()
                except StorageError as error:
                    logger.warning("The size of storage %d is not known: %s", number, error)
            await asyncio.sleep(interval)

    def collect(self) -> Iterator[Metric]:
        """The metric as it is now."""
        from prometheus_client.metrics_core import GaugeMetricFamily

        family = GaugeMetricFamily(
            "apiserver_storage_size_bytes", "Bytes that the database takes.", labels=("storage_cluster_id",)
        )
        for name, size in self._sizes.items():
            family.add_metric((name,), size)
        yield family
