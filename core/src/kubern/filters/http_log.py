"""A line for each request at -v=3 and above (upstream: apiserver/pkg/server/httplog).

Its logger's name is what --vmodule=filters.http_log=3 chooses.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubern.request import RequestContext

logger = logging.getLogger(__name__)
MASKED = "<masked>"
_SHOWN = frozenset(
    {
        "allowWatchBookmarks", "container", "continue", "dryRun", "exclude", "fieldManager", "fieldSelector",
        "fieldValidation", "follow", "force", "gracePeriodSeconds", "includeObject", "labelSelector", "limit",
        "orphanDependents", "pretty", "propagationPolicy", "resourceVersion", "resourceVersionMatch",
        "sendInitialEvents", "tailLines", "timeout", "timeoutSeconds", "verbose", "watch",
    }
)  # fmt: skip
"""Parameters of the API, whose values are no secrets; those of others (access_token) may be."""


def log_request(ctx: RequestContext, status: int, seconds: float) -> None:
    """Say what was asked, by whom and how it went, without anything that could be a secret."""
    info = ctx.info
    uri = info.path
    if ctx.query:
        shown = ((name, value if name in _SHOWN else MASKED) for name, values in ctx.query.items() for value in values)
        uri += "?" + "&".join(f"{name}={value}" for name, value in shown)
    client = ctx.scope.get("client") or ("", 0)
    logger.debug(
        '"HTTP" verb="%s" URI=%s latency="%.3fms" userAgent=%s audit-ID=%s srcIP="%s:%s" resp=%d',
        info.verb.upper(),
        json.dumps(uri),
        seconds * 1000,
        json.dumps(ctx.headers.get("user-agent", "")),
        json.dumps(ctx.audit_id),
        client[0],
        client[1],
        status,
    )
