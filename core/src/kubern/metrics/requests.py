"""The server's own metrics, with kube-apiserver's names (upstream: endpoints/metrics/metrics.go).

Children of labelled metrics are kept per label set, so a request costs two dict look-ups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

if TYPE_CHECKING:
    from kubern.request import RequestInfo

_BUCKETS = (0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60)
_LABELS = ("verb", "group", "version", "resource", "subresource", "scope", "component")
_COMPONENT = "apiserver"
_READ_ONLY = frozenset({"get", "list", "watch"})
MAX_SERIES = 4096
"""Label sets beyond this are counted as `other`: clients choose paths, not how much memory they take."""


def _scope(info: RequestInfo) -> str:
    if not info.is_resource_request:
        return ""
    if info.name:
        return "resource"
    return "namespace" if info.namespace else "cluster"


class RequestMetrics:
    """The request counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._total = Counter(
            "apiserver_request_total",
            "Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, "
            "scope, component, and HTTP response code.",
            (*_LABELS, "code", "dry_run"),
            registry=self.registry,
        )
        self._duration = Histogram(
            "apiserver_request_duration_seconds",
            "Response latency distribution in seconds for each verb, dry run value, group, version, resource, "
            "subresource, scope and component.",
            (*_LABELS, "dry_run"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._inflight = Gauge(
            "apiserver_current_inflight_requests",
            "Maximal number of currently used inflight request limit of this apiserver per request kind in last second.",
            ("request_kind",),
            registry=self.registry,
        )
        self._long_running = Gauge(
            "apiserver_longrunning_requests",
            "Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope "
            "and component. Not all requests are tracked this way.",
            _LABELS,
            registry=self.registry,
        )
        self._read_inflight = self._inflight.labels("readOnly")
        self._write_inflight = self._inflight.labels("mutating")
        self._children: dict[tuple[object, ...], tuple[Counter, Histogram]] = {}
        self._long_children: dict[tuple[str, ...], Gauge] = {}

    @staticmethod
    def _labels(info: RequestInfo) -> tuple[str, ...]:
        if not info.is_resource_request:
            return (info.verb.upper(), "", "", "", info.path if info.path.count("/") <= 1 else "", "", _COMPONENT)
        return (
            info.verb.upper(),
            info.api_group,
            info.api_version,
            info.resource,
            info.subresource,
            _scope(info),
            _COMPONENT,
        )

    def _long_child(self, info: RequestInfo) -> Gauge:
        labels = self._labels(info)
        child = self._long_children.get(labels)
        if child is None:
            if len(self._long_children) >= MAX_SERIES:
                labels = ("other", "", "", "", "", "", _COMPONENT)
            child = self._long_children[labels] = self._long_running.labels(*labels)
        return child

    def begin(self, info: RequestInfo, long_running: bool) -> None:
        """A request starts."""
        if long_running:
            self._long_child(info).inc()
        elif info.verb in _READ_ONLY:
            self._read_inflight.inc()
        else:
            self._write_inflight.inc()

    def end(self, info: RequestInfo, long_running: bool, status: int, seconds: float) -> None:
        """The request is over."""
        if long_running:
            self._long_child(info).dec()
        elif info.verb in _READ_ONLY:
            self._read_inflight.dec()
        else:
            self._write_inflight.dec()
        key = (info.verb, info.api_group, info.api_version, info.resource, info.subresource, _scope(info), status)
        children = self._children.get(key)
        if children is None:
            children = self._new_children(key, info, status)
        children[0].inc()
        if not long_running:
            children[1].observe(seconds)

    def _new_children(self, key: tuple[object, ...], info: RequestInfo, status: int) -> tuple[Counter, Histogram]:
        labels = self._labels(info)
        if len(self._children) >= MAX_SERIES or status == 404:
            labels = (info.verb.upper() if info.verb in _READ_ONLY else "other", "", "", "", "", "", _COMPONENT)
            key = ("other", status, labels[0])
            if key in self._children:
                return self._children[key]
        children = (self._total.labels(*labels, str(status), ""), self._duration.labels(*labels, ""))
        self._children[key] = children
        return children
