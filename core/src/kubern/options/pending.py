"""Flags that are accepted and checked but have no effect yet; help and the start say so.

Written by scripts/docs.py: the flags that no source reads and whose field does not say why.
"""

from __future__ import annotations

PENDING = frozenset({
    "apiserver-count", "audit-log-batch-buffer-size", "audit-log-batch-max-size", "audit-log-batch-max-wait",
    "audit-log-batch-throttle-burst", "audit-log-batch-throttle-enable", "audit-log-batch-throttle-qps",
    "audit-log-mode", "audit-log-truncate-enabled", "audit-log-truncate-max-batch-size",
    "audit-log-truncate-max-event-size", "audit-log-version", "audit-webhook-batch-buffer-size",
    "audit-webhook-batch-max-size", "audit-webhook-batch-max-wait", "audit-webhook-batch-throttle-burst",
    "audit-webhook-batch-throttle-enable", "audit-webhook-batch-throttle-qps", "audit-webhook-mode",
    "audit-webhook-truncate-enabled", "audit-webhook-truncate-max-batch-size",
    "audit-webhook-truncate-max-event-size", "audit-webhook-version", "egress-selector-config-file",
    "enable-priority-and-fairness", "goaway-chance", "kubelet-timeout", "livez-grace-period",
    "max-connection-bytes-per-sec", "send-retry-after-while-not-ready-once",
    "strict-transport-security-directives", "tracing-config-file",
})  # fmt: skip
