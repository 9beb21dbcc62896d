"""Flags of the audit log and webhook (upstream: options.AuditOptions)."""

from __future__ import annotations

import dataclasses

from kubern.options.section import flag
from kubern.options.values import Duration, Float32

MODES = ("batch", "blocking", "blocking-strict")
FORMATS = ("json", "legacy")
VERSIONS = ("audit.k8s.io/v1",)


@dataclasses.dataclass
class AuditingOptions:
    """Which requests are recorded and where."""

    audit_log_batch_buffer_size: int = 10000
    """How many events may wait for the log. Only in batch mode."""

    audit_log_batch_max_size: int = 1
    """How many events one batch has at most. Only in batch mode."""

    audit_log_batch_max_wait: Duration = 0
    """How long to wait for a batch to fill. Only in batch mode."""

    audit_log_batch_throttle_burst: int = 0
    """How many batches may be written at once after a pause. Only in batch mode."""

    audit_log_batch_throttle_enable: bool = False
    """Limit the rate of batches. Only in batch mode."""

    audit_log_batch_throttle_qps: Float32 = 0
    """Batches per second on average. Only in batch mode."""

    audit_log_compress: bool = False
    """Compress rotated log files with gzip."""

    audit_log_format: str = "json"
    """Format of the log: json (one event per line) or legacy (one line of text per event)."""

    audit_log_maxage: int = 366
    """Days that rotated log files are kept. 0: for ever."""

    audit_log_maxbackup: int = 100
    """How many rotated log files are kept. 0: all."""

    audit_log_maxsize: int = 100
    """Megabytes of a log file before it is rotated. 0: never."""

    audit_log_mode: str = "blocking"
    """How the log is written: batch (later), blocking (before the response) or blocking-strict (and a request whose
    event cannot be written fails)."""

    audit_log_path: str = ""
    """The log file; - is standard output. Empty: no log."""

    audit_log_truncate_enabled: bool = False
    """Cut events and batches that are too large."""

    audit_log_truncate_max_batch_size: int = 10485760
    """Bytes of a batch at most."""

    audit_log_truncate_max_event_size: int = 102400
    """Bytes of an event at most; larger ones lose request and response, and are dropped if still too large."""

    audit_log_version: str = flag("audit.k8s.io/v1", no_effect="events have one version")
    """API version of the events in the log."""

    audit_policy_file: str = ""
    """File with the audit policy (audit.k8s.io/v1 Policy). Without it nothing is recorded."""

    audit_webhook_batch_buffer_size: int = 10000
    """How many events may wait for the webhook. Only in batch mode."""

    audit_webhook_batch_max_size: int = 400
    """How many events one batch has at most. Only in batch mode."""

    audit_webhook_batch_max_wait: Duration = 30
    """How long to wait for a batch to fill. Only in batch mode."""

    audit_webhook_batch_throttle_burst: int = 15
    """How many batches may be sent at once after a pause. Only in batch mode."""

    audit_webhook_batch_throttle_enable: bool = True
    """Limit the rate of batches. Only in batch mode."""

    audit_webhook_batch_throttle_qps: Float32 = 10
    """Batches per second on average. Only in batch mode."""

    audit_webhook_config_file: str = ""
    """Kubeconfig file that says where the audit webhook is."""

    audit_webhook_initial_backoff: Duration = 10
    """How long to wait before the first failed request is sent again."""

    audit_webhook_mode: str = "batch"
    """How events are sent: batch (later), blocking (before the response) or blocking-strict (and a request whose
    event cannot be sent fails)."""

    audit_webhook_truncate_enabled: bool = False
    """Cut events and batches that are too large."""

    audit_webhook_truncate_max_batch_size: int = 10485760
    """Bytes of a batch at most."""

    audit_webhook_truncate_max_event_size: int = 102400
    """Bytes of an event at most; larger ones lose request and response, and are dropped if still too large."""

    audit_webhook_version: str = flag("audit.k8s.io/v1", no_effect="events have one version")
    """API version of the events sent."""

    def validate(self) -> list[str]:
        problems = [
            f"--{name.replace('_', '-')}: {getattr(self, name)!r} must be one of {', '.join(allowed)}"
            for name, allowed in (
                ("audit_log_mode", MODES),
                ("audit_webhook_mode", MODES),
                ("audit_log_format", FORMATS),
                ("audit_log_version", VERSIONS),
                ("audit_webhook_version", VERSIONS),
            )
            if getattr(self, name) not in allowed
        ]
        for name in ("audit_log_maxage", "audit_log_maxbackup", "audit_log_maxsize"):
            if getattr(self, name) < 0:
                problems.append(f"--{name.replace('_', '-')}: {getattr(self, name)} must not be negative")
        for backend in ("log", "webhook"):
            problems += self._batch_problems(backend) + self._truncate_problems(backend)
        return problems

    def _batch_problems(self, backend: str) -> list[str]:
        size = getattr(self, f"audit_{backend}_batch_max_size")
        buffer = getattr(self, f"audit_{backend}_batch_buffer_size")
        problems: list[str] = []
        if getattr(self, f"audit_{backend}_mode") != "batch":
            return problems
        if buffer <= 0:
            problems.append(f"--audit-{backend}-batch-buffer-size: {buffer} must be positive")
        if size <= 0:
            problems.append(f"--audit-{backend}-batch-max-size: {size} must be positive")
        if size > buffer > 0:
            problems.append(f"--audit-{backend}-batch-max-size: {size} must not be above the buffer size {buffer}")
        if getattr(self, f"audit_{backend}_batch_throttle_enable"):
            for name in ("qps", "burst"):
                value = getattr(self, f"audit_{backend}_batch_throttle_{name}")
                if value <= 0:
                    problems.append(f"--audit-{backend}-batch-throttle-{name}: {value:g} must be positive")
        return problems

    def _truncate_problems(self, backend: str) -> list[str]:
        if not getattr(self, f"audit_{backend}_truncate_enabled"):
            return []
        batch = getattr(self, f"audit_{backend}_truncate_max_batch_size")
        event = getattr(self, f"audit_{backend}_truncate_max_event_size")
        if event > batch:
            return [f"--audit-{backend}-truncate-max-event-size: {event} must not be above the batch size {batch}"]
        return []

    def file_flags(self) -> dict[str, str]:
        """Files that must be readable when named, by flag."""
        return {
            "--audit-policy-file": self.audit_policy_file,
            "--audit-webhook-config-file": self.audit_webhook_config_file,
        }
