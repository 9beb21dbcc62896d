"""What /metrics shows of all that is measured: without disabled metrics, labels held to the values that flags allow.

Applied when metrics are asked for, so that measuring costs nothing more. Upstream: component-base/metrics (opts.go).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample

if TYPE_CHECKING:
    from kubern.metrics.server import Collector
    from kubern.options.metrics import MetricsOptions

UNEXPECTED = "unexpected"
"""What a label's value becomes when it is not among the allowed ones."""


class MetricsSelection:
    """A registry as `generate_latest` takes it, made of others."""

    def __init__(
        self,
        collectors: Iterable[Collector],
        disabled: Iterable[str] = (),
        allowed_labels: Mapping[tuple[str, str], frozenset[str]] | None = None,
    ) -> None:
        """`disabled` are full names; `allowed_labels` maps (metric, label) to the values that may be shown."""
        self._collectors = list(collectors)
        self._disabled = frozenset(disabled)
        self._allowed: dict[str, dict[str, frozenset[str]]] = {}
        for (metric, label), values in (allowed_labels or {}).items():
            self._allowed.setdefault(metric, {})[label] = values

    def collect(self) -> Iterator[Metric]:
        """The metrics to show."""
        for collector in self._collectors:
            for metric in collector.collect():
                names = (metric.name, f"{metric.name}_total")
                if self._disabled.isdisjoint(names):
                    allowed = self._allowed.get(names[0]) or self._allowed.get(names[1])
                    yield _held_to(metric, allowed) if allowed else metric


def _held_to(metric: Metric, allowed: Mapping[str, frozenset[str]]) -> Metric:
    """The metric with unexpected label values put together, their samples added up."""
    sums: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for sample in metric.samples:
        labels = tuple(
            (label, value if label not in allowed or value in allowed[label] else UNEXPECTED)
            for label, value in sample.labels.items()
        )
        key = (sample.name, labels)
        sums[key] = sums.get(key, 0.0) + sample.value
    held = Metric(metric.name, metric.documentation, metric.type)
    held.samples = [Sample(name, dict(labels), value) for (name, labels), value in sums.items()]
    return held


def metrics_selection(collectors: Iterable[Collector], options: MetricsOptions) -> MetricsSelection:
    """The selection that the flags ask for."""
    pairs = {**_manifest(options.allow_metric_labels_manifest), **options.allow_metric_labels}
    allowed = {}
    for metric_label, values in pairs.items():
        metric, _, label = metric_label.partition(",")
        allowed[metric, label] = frozenset(values.split(","))
    return MetricsSelection(collectors, options.disabled_metrics, allowed)


def _manifest(path: str) -> dict[str, str]:
    if not path:
        return {}
    import yaml

    loaded = yaml.safe_load(Path(path).read_text())
    return {str(name): str(values) for name, values in loaded.items()} if isinstance(loaded, dict) else {}
