"""Flags that are accepted and checked but have no effect yet; help and the start say so.

Written by scripts/docs.py: the flags that no source reads and whose field does not say why.
"""

from __future__ import annotations

PENDING = frozenset({
    "allow-metric-labels", "allow-metric-labels-manifest", "allow-privileged", "apiserver-count",
    "audit-log-batch-buffer-size", "audit-log-batch-max-size", "audit-log-batch-max-wait",
    "audit-log-batch-throttle-burst", "audit-log-batch-throttle-enable", "audit-log-batch-throttle-qps",
    "audit-log-mode", "audit-log-truncate-enabled", "audit-log-truncate-max-batch-size",
    "audit-log-truncate-max-event-size", "audit-log-version", "audit-webhook-batch-buffer-size",
    "audit-webhook-batch-max-size", "audit-webhook-batch-max-wait", "audit-webhook-batch-throttle-burst",
    "audit-webhook-batch-throttle-enable", "audit-webhook-batch-throttle-qps", "audit-webhook-mode",
    "audit-webhook-truncate-enabled", "audit-webhook-truncate-max-batch-size",
    "audit-webhook-truncate-max-event-size", "audit-webhook-version", "coordinated-leadership-lease-duration",
    "coordinated-leadership-renew-deadline", "coordinated-leadership-retry-period", "default-watch-cache-size",
    "delete-collection-workers", "disabled-metrics", "egress-selector-config-file",
    "etcd-count-metric-poll-period", "etcd-db-metric-poll-interval", "etcd-healthcheck-timeout",
    "etcd-readycheck-timeout", "etcd-servers-overrides", "goaway-chance", "kubelet-timeout",
    "lease-reuse-duration-seconds", "livez-grace-period", "max-connection-bytes-per-sec", "peer-advertise-ip",
    "peer-advertise-port", "peer-ca-file", "send-retry-after-while-not-ready-once",
    "show-hidden-metrics-for-version", "storage-initialization-timeout", "storage-media-type",
    "strict-transport-security-directives", "tracing-config-file", "watch-cache",
})  # fmt: skip
