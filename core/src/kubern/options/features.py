"""Flags that switch optional parts of the server on and off (upstream: options.FeatureOptions)."""

from __future__ import annotations

import dataclasses

from kubern.options.section import flag


@dataclasses.dataclass
class FeatureOptions:
    """Optional parts of the server."""

    contention_profiling: bool = flag(False, no_effect="one event loop has no lock contention to profile")
    """Profile lock contention when profiling is on."""

    debug_socket_path: str = ""
    """Serve the profiling pages without authentication on a Unix socket at this path. Empty: not at all."""

    enable_priority_and_fairness: bool = True
    """Share request concurrency out by FlowSchema and PriorityLevelConfiguration objects."""

    profiling: bool = True
    """Serve profiling pages at /debug/pprof/."""

    enable_swagger_ui: bool = flag(False, upstream="1.12", no_effect="the page was dropped in 1.14, see /openapi/v3")
    """Serve the Swagger UI page at /swagger-ui."""
