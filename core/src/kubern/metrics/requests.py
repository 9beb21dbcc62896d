"""Counts and times requests (upstream: endpoints/metrics/metrics.go).

Kept as plain numbers per kind of request, so that one costs a dict look-up and a bisection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kubern.metrics.numbers import Distribution

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from kubern.request import RequestInfo

_BUCKETS = (
    0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
)  # fmt: skip
_LABELS = ("verb", "group", "version", "resource", "subresource", "scope", "component")
_EVENT_LABELS = ("group", "version", "resource")
_COMPONENT = "apiserver"
_READ_ONLY = frozenset({"get", "list", "watch"})
_TERMINATED = (429, 504)
"""Statuses of requests that the server ends for want of room or time."""
MAX_SERIES = 4096
"""Label sets beyond this are counted as `other`: clients choose paths, not how much memory they take."""
Labels = tuple[str, ...]


def _scope(info: RequestInfo) -> str:
    if not info.is_resource_request:
        return ""
    if info.name:
        return "resource"
    return "namespace" if info.namespace else "cluster"


def _labels(info: RequestInfo) -> Labels:
    verb = info.verb.upper()
    if not info.is_resource_request:
        return (verb, "", "", "", info.path if info.path.count("/") <= 1 else "", "", _COMPONENT)
    return (verb, info.api_group, info.api_version, info.resource, info.subresource, _scope(info), _COMPONENT)


class Series:
    """The requests of one label set and status."""

    __slots__ = ("code", "duration", "labels", "total")

    def __init__(self, labels: Labels, code: int) -> None:
        self.labels = labels
        self.code = code
        self.total = 0
        self.duration = Distribution(_BUCKETS)


class RequestMetrics:
    """The requests of one server."""

    def __init__(self) -> None:
        self._series: dict[tuple[object, ...], Series] = {}
        self._long_running: dict[Labels, int] = {}
        self._read_only = 0
        self._mutating = 0
        self._events: dict[Labels, int] = {}

    def begin(self, info: RequestInfo, long_running: bool) -> None:
        """A request starts."""
        if long_running:
            labels = self._long_labels(info)
            self._long_running[labels] = self._long_running.get(labels, 0) + 1
        elif info.verb in _READ_ONLY:
            self._read_only += 1
        else:
            self._mutating += 1

    def end(self, info: RequestInfo, long_running: bool, status: int, seconds: float) -> None:
        """The request is over."""
        if long_running:
            self._long_running[self._long_labels(info)] -= 1
        elif info.verb in _READ_ONLY:
            self._read_only -= 1
        else:
            self._mutating -= 1
        series = self._of(info, status)
        series.total += 1
        if not long_running:
            series.duration.observe(seconds)

    def watch_events(self, info: RequestInfo, number: int) -> None:
        """Events were sent to a watch."""
        labels = (info.api_group, info.api_version, info.resource)
        self._events[labels] = self._events.get(labels, 0) + number

    def _long_labels(self, info: RequestInfo) -> Labels:
        labels = _labels(info)
        if labels in self._long_running or len(self._long_running) < MAX_SERIES:
            return labels
        return ("other", "", "", "", "", "", _COMPONENT)

    def _of(self, info: RequestInfo, status: int) -> Series:
        key = (info.verb, info.api_group, info.api_version, info.resource, info.subresource, _scope(info), status)
        series = self._series.get(key)
        return series if series is not None else self._new_series(key, info, status)

    def _new_series(self, key: tuple[object, ...], info: RequestInfo, status: int) -> Series:
        labels = _labels(info)
        if len(self._series) >= MAX_SERIES or status == 404:
            labels = (info.verb.upper() if info.verb in _READ_ONLY else "other", "", "", "", "", "", _COMPONENT)
            key = ("other", status, labels[0])
        return self._series.setdefault(key, Series(labels, status))

    # ---------------------------------------------------------------- asked for

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now."""
        yield self._totals()
        yield from self._durations()
        yield from self._in_flight()
        yield from self._others()

    def _totals(self) -> Metric:
        from prometheus_client.metrics_core import CounterMetricFamily

        family = CounterMetricFamily(
            "apiserver_request",
            "Requests by verb, dry run, group, version, resource, scope, component and status.",
            labels=(*_LABELS, "code", "dry_run"),
        )
        for series in self._series.values():
            family.add_metric((*series.labels, str(series.code), ""), series.total)
        return family

    def _merged_durations(self) -> dict[Labels, Distribution]:
        """Durations by labels, whatever the status."""
        merged: dict[Labels, Distribution] = {}
        for series in self._series.values():
            if any(series.duration.counts):
                merged.setdefault(series.labels, Distribution(_BUCKETS)).add(series.duration)
        return merged

    def _durations(self) -> Iterator[Metric]:
        """Both histograms are one: no time is spent in webhooks' and queues' waiting that the second leaves out."""
        from prometheus_client.metrics_core import HistogramMetricFamily

        durations = self._merged_durations()
        for name, text, more in (
            ("apiserver_request_duration_seconds", "How long requests took.", ("",)),
            ("apiserver_request_sli_duration_seconds", "How long requests took, as service levels count it.", ()),
        ):
            family = HistogramMetricFamily(name, text, labels=(*_LABELS, "dry_run") if more else _LABELS)
            for labels, distribution in durations.items():
                family.add_metric((*labels, *more), distribution.buckets(), distribution.total)
            yield family

    def _in_flight(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import GaugeMetricFamily

        now = GaugeMetricFamily("apiserver_current_inflight_requests", "Requests in flight.", labels=("request_kind",))
        now.add_metric(("readOnly",), self._read_only)
        now.add_metric(("mutating",), self._mutating)
        yield now
        long_running = GaugeMetricFamily(
            "apiserver_longrunning_requests", "Watches and other requests that last.", labels=_LABELS
        )
        for labels, number in self._long_running.items():
            long_running.add_metric(labels, number)
        yield long_running

    def _others(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import CounterMetricFamily

        terminations = {(*s.labels, str(s.code)): s.total for s in self._series.values() if s.code in _TERMINATED}
        for name, text, labels, numbers in (
            ("apiserver_request_terminations", "Requests that the server ended by itself.", (*_LABELS, "code"),
             terminations),
            ("apiserver_watch_events", "Events sent to watches.", _EVENT_LABELS, self._events),
        ):  # fmt: skip
            family = CounterMetricFamily(name, text, labels=labels)
            for values, number in numbers.items():
                family.add_metric(values, number)
            yield family
