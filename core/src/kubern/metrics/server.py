"""All metrics of one server. Next: `requests.py`, then `selection.py` for what /metrics shows of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from kubern.metrics.authentication import AuthenticationMetrics
from kubern.metrics.requests import RequestMetrics

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


class Collector(Protocol):
    """Makes metrics from what it has counted."""

    def collect(self) -> Iterable[Metric]: ...


class ServerMetrics:
    """What the filters count, and whatever else is registered; no metric is made before somebody asks."""

    def __init__(self) -> None:
        self.requests = RequestMetrics()
        self.authentication = AuthenticationMetrics()
        self._collectors: list[Collector] = [self.requests, self.authentication]

    def register(self, collector: Collector) -> None:
        """Show what `collector` has counted, after all others."""
        self._collectors.append(collector)

    def collect(self) -> Iterator[Metric]:
        """Every metric as it is now."""
        yield _build_info()
        for collector in self._collectors:
            yield from collector.collect()


def _build_info() -> Metric:
    from prometheus_client.metrics_core import GaugeMetricFamily

    from kubern.version import version_info

    info = version_info()
    names = {
        "major": "major", "minor": "minor", "git_version": "gitVersion", "git_commit": "gitCommit",
        "git_tree_state": "gitTreeState", "build_date": "buildDate", "go_version": "goVersion",
        "compiler": "compiler", "platform": "platform",
    }  # fmt: skip
    family = GaugeMetricFamily("kubernetes_build_info", "What the server was built from.", labels=tuple(names))
    family.add_metric([str(info.get(key, "")) for key in names.values()], 1)
    return family
