"""The metrics apiserver_flowcontrol_*, made from plain numbers when they are asked for (upstream: flowcontrol/metrics).

Next: `counts.py`, where the numbers are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from kubern.flowcontrol.controller import FlowController
    from kubern.flowcontrol.counts import Counts
    from kubern.flowcontrol.priority_level import PriorityLevelState
    from kubern.metrics.numbers import Distribution

_PREFIX = "apiserver_flowcontrol_"
_FLOW = ("priority_level", "flow_schema")
_LEVEL = ("priority_level",)
_BOUND = ("priority_level", "bound")

_FLOW_GAUGES: tuple[tuple[str, str, Callable[[Counts], float]], ...] = (
    ("current_inqueue_requests", "Requests that wait in queues", lambda c: c.waiting),
    ("current_inqueue_seats", "Seats that requests in queues wait for", lambda c: c.seats_waiting),
    ("current_executing_requests", "Requests that run, watches while they start", lambda c: c.executing),
    ("current_executing_seats", "Seats taken by running requests", lambda c: c.seats_in_use),
)
_FLOW_COUNTERS: tuple[tuple[str, str, Callable[[Counts], float]], ...] = (
    ("dispatched_requests_total", "Requests that were let through", lambda c: c.dispatched_total),
    (
        "request_dispatch_no_accommodation_total",
        "Times that a request was next and too wide for the free seats",
        lambda c: c.no_accommodation,
    ),
)
_FLOW_HISTOGRAMS: tuple[tuple[str, str, dict[str, str], Callable[[Counts], Distribution]], ...] = (
    ("request_wait_duration_seconds", "How long requests waited", {"execute": "true"}, lambda c: c.wait),
    ("request_wait_duration_seconds", "How long requests waited", {"execute": "false"}, lambda c: c.unexecuted_wait),
    ("request_execution_seconds", "How long requests held their seats", {"type": "regular"}, lambda c: c.execution),
    ("request_execution_seconds", "How long requests held their seats", {"type": "watch"}, lambda c: c.watch_starts),
    ("request_queue_length_after_enqueue", "Length of the queue that a request came into", {}, lambda c: c.lengths),
    ("work_estimated_seats", "Seats that requests were given", {}, lambda c: c.seats),
)
_LEVEL_GAUGES: tuple[tuple[str, str, Callable[[PriorityLevelState], float]], ...] = (
    ("nominal_limit_seats", "Seats by the configured shares", lambda s: s.nominal_limit),
    ("lower_limit_seats", "Seats that are never lent", lambda s: s.lower_limit),
    ("upper_limit_seats", "Seats with all that may be borrowed", lambda s: s.upper_limit),
    ("current_limit_seats", "Seats now, with what is lent and borrowed", lambda s: s.current_limit or 0),
    ("demand_seats_high_watermark", "Most seats needed in the last period", lambda s: s.peak),
    ("demand_seats_average", "Seats needed on average", lambda s: s.observed.average if s.observed else 0),
    ("demand_seats_stdev", "Deviation of the seats needed", lambda s: s.observed.deviation if s.observed else 0),
    ("demand_seats_smoothed", "Seats needed, smoothed over many periods", lambda s: s.smoothed_demand),
    ("target_seats", "Seats that the level was to get in the last adjustment", lambda s: s.target),
    ("current_r", "Progress of the fair queues in seat-seconds", lambda s: s.queues.current_r),
)


class FlowControlCollector:
    """Registered with the server's metrics; reads the controller when it is collected."""

    def __init__(self, controller: FlowController) -> None:
        self.controller = controller

    def collect(self) -> Iterator[Metric]:
        """All metrics as they are now."""
        yield from self._counters()
        yield from self._gauges()
        yield from self._histograms()

    def _counters(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import CounterMetricFamily

        flows = self.controller.counts.items()
        for name, text, read in _FLOW_COUNTERS:
            counter = CounterMetricFamily(_PREFIX + name, text, labels=_FLOW)
            for labels, counts in flows:
                counter.add_metric(labels, read(counts))
            yield counter
        rejected = CounterMetricFamily(
            _PREFIX + "rejected_requests_total", "Requests that were refused", labels=(*_FLOW, "reason")
        )
        for labels, counts in flows:
            for reason, number in counts.rejected.items():
                rejected.add_metric((*labels, reason), number)
        yield rejected

    def _gauges(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import GaugeMetricFamily

        for name, text, read in _FLOW_GAUGES:
            gauge = GaugeMetricFamily(_PREFIX + name, text, labels=_FLOW)
            for labels, counts in self.controller.counts.items():
                gauge.add_metric(labels, read(counts))
            yield gauge
        for name, text, read_level in _LEVEL_GAUGES:
            gauge = GaugeMetricFamily(_PREFIX + name, text, labels=_LEVEL)
            for level, state in self.controller.levels.items():
                gauge.add_metric((level,), read_level(state))
            yield gauge
        yield GaugeMetricFamily(
            _PREFIX + "seat_fair_frac",
            "Part of their targets that levels got in the last adjustment",
            value=self.controller.fair_fraction,
        )
        yield from self._dispatch_gauges()

    def _dispatch_gauges(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import GaugeMetricFamily

        progress = GaugeMetricFamily(_PREFIX + "dispatch_r", "R at the last dispatch", labels=_LEVEL)
        start = GaugeMetricFamily(_PREFIX + "latest_s", "S of the request dispatched last", labels=_LEVEL)
        bounds = GaugeMetricFamily(_PREFIX + "next_s_bounds", "Least and greatest S of the queues", labels=_BOUND)
        discounted = GaugeMetricFamily(
            _PREFIX + "next_discounted_s_bounds", "The same less the work in progress", labels=_BOUND
        )
        for level, state in self.controller.levels.items():
            last = state.queues.last_dispatch
            if last is None:
                continue
            progress.add_metric((level,), last[0])
            start.add_metric((level,), last[1])
            for family, pair in ((bounds, last[2]), (discounted, last[3])):
                family.add_metric((level, "min"), pair[0])
                family.add_metric((level, "max"), pair[1])
        yield from (progress, start, bounds, discounted)

    def _histograms(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import HistogramMetricFamily

        families: dict[str, HistogramMetricFamily] = {}
        for name, text, extra, read in _FLOW_HISTOGRAMS:
            if name not in families:
                families[name] = HistogramMetricFamily(_PREFIX + name, text, labels=(*_FLOW, *extra))
            for labels, counts in self.controller.counts.items():
                distribution = read(counts)
                if any(distribution.counts):
                    families[name].add_metric((*labels, *extra.values()), distribution.buckets(), distribution.total)
        yield from families.values()
