"""From --audit flags to an Auditor (upstream: options.AuditOptions.ApplyTo)."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from kubern.lifecycle import StartError

if TYPE_CHECKING:
    from kubern.audit.auditor import Auditor, Backend, Batching, Sink, Truncation
    from kubern.lifecycle import Tasks
    from kubern.options.auditing import AuditingOptions
    from kubern.remote.dialing import Dial

logger = logging.getLogger(__name__)


def build_auditor(options: AuditingOptions, tasks: Tasks, dial: Dial | None = None) -> Auditor | None:
    """The auditor, None when nothing would be recorded. Raises StartError."""
    if not options.audit_policy_file:
        if options.audit_log_path or options.audit_webhook_config_file:
            logger.info("No audit policy file provided, no events will be recorded")
        return None
    from kubern.audit.auditor import Auditor
    from kubern.audit.policy import load_policy

    try:
        policy = load_policy(options.audit_policy_file)
        sinks = [
            _sink(options, name, backend, tasks)
            for name, backend in (("log", _log(options)), ("webhook", _webhook(options, dial)))
            if backend is not None
        ]
    except (OSError, ValueError) as error:
        raise StartError(f"--audit flags: {error}") from error
    return Auditor(policy, sinks) if sinks else None


def _log(options: AuditingOptions) -> Backend | None:
    if not options.audit_log_path:
        return None
    from kubern.audit.log import MEGABYTE, LogBackend, RotatingFile, StandardOutput

    output = (
        StandardOutput()
        if options.audit_log_path == "-"
        else RotatingFile(
            Path(options.audit_log_path),
            max_size=options.audit_log_maxsize * MEGABYTE,
            max_age=options.audit_log_maxage,
            max_backups=options.audit_log_maxbackup,
            compress=options.audit_log_compress,
        )
    )
    return LogBackend(output, legacy=options.audit_log_format == "legacy")


def _webhook(options: AuditingOptions, dial: Dial | None) -> Backend | None:
    if not options.audit_webhook_config_file:
        return None
    from kubern.audit.webhook import WebhookBackend
    from kubern.remote.client import RemoteClient
    from kubern.remote.kubeconfig import load_kubeconfig

    endpoint = dataclasses.replace(load_kubeconfig(options.audit_webhook_config_file), dial=dial)
    return WebhookBackend(RemoteClient(endpoint, first_backoff=options.audit_webhook_initial_backoff))


def _sink(options: AuditingOptions, name: str, backend: Backend, tasks: Tasks) -> Sink:
    from kubern.audit.auditor import BatchSink, BlockingSink

    truncation, mode, batching = (_of_log if name == "log" else _of_webhook)(options)
    if mode != "batch":
        return BlockingSink(backend, truncation, strict=mode == "blocking-strict")
    return BatchSink(backend, truncation, batching, tasks)


def _of_log(options: AuditingOptions) -> tuple[Truncation | None, str, Batching]:
    """How events go to the log."""
    from kubern.audit.auditor import Batching, Truncation

    truncation = Truncation(options.audit_log_truncate_max_event_size, options.audit_log_truncate_max_batch_size)
    batching = Batching(
        options.audit_log_batch_buffer_size,
        options.audit_log_batch_max_size,
        options.audit_log_batch_max_wait,
        options.audit_log_batch_throttle_qps if options.audit_log_batch_throttle_enable else 0.0,
        max(1, options.audit_log_batch_throttle_burst),
    )
    return truncation if options.audit_log_truncate_enabled else None, options.audit_log_mode, batching


def _of_webhook(options: AuditingOptions) -> tuple[Truncation | None, str, Batching]:
    """How events go to the webhook."""
    from kubern.audit.auditor import Batching, Truncation

    truncation = Truncation(
        options.audit_webhook_truncate_max_event_size, options.audit_webhook_truncate_max_batch_size
    )
    batching = Batching(
        options.audit_webhook_batch_buffer_size,
        options.audit_webhook_batch_max_size,
        options.audit_webhook_batch_max_wait,
        options.audit_webhook_batch_throttle_qps if options.audit_webhook_batch_throttle_enable else 0.0,
        max(1, options.audit_webhook_batch_throttle_burst),
    )
    return truncation if options.audit_webhook_truncate_enabled else None, options.audit_webhook_mode, batching
