"""How requests came by their users (upstream: apiserver/pkg/endpoints/filters/metrics.go)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kubern.metrics.numbers import Distribution

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

_BUCKETS = tuple(0.001 * 2**power for power in range(15))
SUCCESS, FAILURE, ERROR = "success", "failure", "error"


class AuthenticationMetrics:
    """Counted by the authentication filter; names of users are not told apart, as upstream."""

    def __init__(self) -> None:
        self._attempts: dict[str, Distribution] = {}

    def attempted(self, result: str, begun: float) -> None:
        """An attempt that began at that `time.monotonic()` ended as `result`."""
        distribution = self._attempts.get(result)
        if distribution is None:
            distribution = self._attempts[result] = Distribution(_BUCKETS)
        distribution.observe(time.monotonic() - begun)

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now."""
        from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily

        attempts = CounterMetricFamily(
            "authentication_attempts", "Attempts to authenticate a request, by result.", labels=("result",)
        )
        duration = HistogramMetricFamily(
            "authentication_duration_seconds", "How long authentication took, by result.", labels=("result",)
        )
        users = CounterMetricFamily(
            "authenticated_user_requests", "Requests of authenticated users.", labels=("username",)
        )
        for result, distribution in self._attempts.items():
            attempts.add_metric((result,), sum(distribution.counts))
            duration.add_metric((result,), distribution.buckets(), distribution.total)
        if SUCCESS in self._attempts:
            users.add_metric(("other",), sum(self._attempts[SUCCESS].counts))
        yield from (attempts, duration, users)
