"""Flags that are accepted and checked but have no effect yet; help and the start say so.

Written by scripts/docs.py: the flags that no source reads and whose field does not say why.
"""

from __future__ import annotations

PENDING = frozenset({
    "allow-metric-labels", "allow-metric-labels-manifest", "allow-privileged", "apiserver-count",
    "coordinated-leadership-lease-duration", "coordinated-leadership-renew-deadline",
    "coordinated-leadership-retry-period", "default-watch-cache-size", "delete-collection-workers",
    "disabled-metrics", "egress-selector-config-file", "etcd-count-metric-poll-period",
    "etcd-db-metric-poll-interval", "etcd-healthcheck-timeout", "etcd-readycheck-timeout",
    "etcd-servers-overrides", "goaway-chance", "kubelet-timeout", "lease-reuse-duration-seconds",
    "livez-grace-period", "max-connection-bytes-per-sec", "peer-advertise-ip", "peer-advertise-port",
    "peer-ca-file", "send-retry-after-while-not-ready-once", "show-hidden-metrics-for-version",
    "storage-initialization-timeout", "storage-media-type", "tracing-config-file", "watch-cache",
})  # fmt: skip
