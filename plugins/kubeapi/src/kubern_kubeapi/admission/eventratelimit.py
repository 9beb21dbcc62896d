"""The EventRateLimit plugin: no flood of events (upstream: plugin/pkg/admission/eventratelimit).

Each limit is a token bucket per key (the whole server, a namespace, a user, or a source and its object).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kubern.admission.configuration import plugin_configuration
from kubern.admission.interface import Attributes, Handler
from kubern.apimachinery.errors import StatusError
from kubern.lifecycle import StartError
from kubern_kubeapi.admission.aggregate import aggregate

if TYPE_CHECKING:
    from kubern.config import CompletedConfig

Object = dict[str, Any]
DEFAULT_CACHE_SIZE = 4096


def _source_and_object(attributes: Attributes) -> str:
    event = attributes.object or {}
    source, involved = event.get("source") or {}, event.get("involvedObject") or {}
    fields = ("kind", "namespace", "name", "uid", "apiVersion")
    parts = [source.get("component", ""), source.get("host", ""), *(involved.get(f, "") for f in fields)]
    return "".join(parts)


_KEYS: dict[str, Callable[[Attributes], str]] = {
    "Server": lambda _: "",
    "Namespace": lambda attributes: attributes.namespace,
    "User": lambda attributes: attributes.user.name,
    "SourceAndObject": _source_and_object,
}


class Limit:
    """One limit: a bucket of `burst` tokens per key, filled with `qps` tokens a second; the idlest keys are forgotten."""

    def __init__(self, document: Object) -> None:
        """Raises StartError."""
        self.type = document.get("type", "")
        if self.type not in _KEYS:
            raise StartError(f"EventRateLimit: limits: type must be one of {', '.join(_KEYS)}, is {self.type!r}")
        self._qps, self._burst = float(document.get("qps", 0)), float(document.get("burst", 0))
        if self._qps <= 0 or self._burst <= 0:
            raise StartError("EventRateLimit: limits: qps and burst must be positive")
        self._size = int(document.get("cacheSize") or DEFAULT_CACHE_SIZE)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def problem(self, attributes: Attributes, now: float) -> str:
        """Take a token; what to say when there is none."""
        key = _KEYS[self.type](attributes)
        tokens, since = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._qps)
        enough = tokens >= 1
        self._buckets[key] = (tokens - 1 if enough else tokens, now)
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        return "" if enough else f"limit reached on type {self.type} for key {key}"


class EventRateLimit(Handler):
    """Answers 429 to events beyond the limits."""

    resources = frozenset({("", "events"), ("events.k8s.io", "events")})

    def __init__(self, config: CompletedConfig) -> None:
        """Raises StartError."""
        document = plugin_configuration(config, "EventRateLimit") or {}
        self._limits = [Limit(limit) for limit in document.get("limits") or ()]
        if not self._limits:
            raise StartError("EventRateLimit: --admission-control-config-file must give it at least one limit")

    async def validate(self, attributes: Attributes) -> None:
        """Raises StatusError 429."""
        if attributes.kind != "Event" or attributes.dry_run:
            return
        now = time.monotonic()
        problems = [p for p in (limit.problem(attributes, now) for limit in self._limits) if p]
        if problems:
            raise StatusError(429, "TooManyRequests", aggregate(problems))
