"""Flags of /metrics (upstream: component-base metrics.Options)."""

from __future__ import annotations

import dataclasses

from kubern.options.section import flag
from kubern.options.values import StringMap, Strings, StringToString


@dataclasses.dataclass
class MetricsOptions:
    """What /metrics shows."""

    allow_metric_labels: StringToString = StringMap()
    """Values that labels may have, all others become `unexpected`: metric,label=value,value. The flag may be repeated."""

    allow_metric_labels_manifest: str = ""
    """File with the same map as --allow-metric-labels."""

    disabled_metrics: Strings = ()
    """Metrics not to keep, by their full names, comma separated."""

    show_hidden_metrics_for_version: str = flag("", no_effect="no metric is hidden")
    """The previous minor version, whose hidden metrics are shown again: 1.35."""

    def validate(self) -> list[str]:
        wrong = [name for name in self.allow_metric_labels if name.count(",") != 1]
        problems = [
            f"--allow-metric-labels: {name!r} must be a metric and a label, separated by a comma" for name in wrong
        ]
        if self.show_hidden_metrics_for_version not in ("", "1.35"):
            problems.append(
                f"--show-hidden-metrics-for-version: {self.show_hidden_metrics_for_version!r} must be omitted or the "
                "previous minor version, 1.35"
            )
        return problems

    def file_flags(self) -> dict[str, str]:
        """Files that must be readable when named, by flag."""
        return {"--allow-metric-labels-manifest": self.allow_metric_labels_manifest}
