"""Probes and lifecycle hooks of containers (upstream: validateProbe, validateHandler, validateLifecycle)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.formats import is_http_header_name, validate_port_num_or_name
from kubern.apimachinery.validation.objectmeta import validate_nonnegative

Object = Mapping[str, Any]
_SCHEMES = frozenset({"HTTP", "HTTPS"})
_COUNTERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_PROBE_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_HOOK_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")


def validate_probes(container: Object, grace_period: int | None, path: Path) -> ErrorList:
    """livenessProbe, readinessProbe and startupProbe."""
    errors: ErrorList = []
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if probe is None:
            continue
        at = path.child(name)
        errors += _validate_probe(probe, grace_period, at)
        if name == "readinessProbe":
            seconds = probe.get("terminationGracePeriodSeconds")
            if seconds is not None:
                detail = "must not be set for readinessProbes"
                errors.append(field.invalid(at.child("terminationGracePeriodSeconds"), seconds, detail))
        elif (threshold := probe.get("successThreshold") or 0) != 1:
            errors.append(field.invalid(at.child("successThreshold"), threshold, "must be 1"))
    return errors


def _validate_probe(probe: Object, grace_period: int | None, path: Path) -> ErrorList:
    errors = _validate_handler(probe, _PROBE_HANDLERS, grace_period, path)
    for name in _COUNTERS:
        errors += validate_nonnegative(probe.get(name) or 0, path.child(name))
    seconds = probe.get("terminationGracePeriodSeconds")
    if seconds is not None and seconds <= 0:
        errors.append(field.invalid(path.child("terminationGracePeriodSeconds"), seconds, "must be greater than 0"))
    return errors


def validate_lifecycle(lifecycle: Object, grace_period: int | None, path: Path) -> ErrorList:
    """postStart and preStop."""
    errors: ErrorList = []
    for name in ("postStart", "preStop"):
        if lifecycle.get(name) is not None:
            errors += _validate_handler(lifecycle[name], _HOOK_HANDLERS, grace_period, path.child(name))
    return errors


def _validate_handler(handler: Object, kinds: tuple[str, ...], grace_period: int | None, path: Path) -> ErrorList:
    errors: ErrorList = []
    found = False
    for kind in kinds:
        action = handler.get(kind)
        if action is None:
            continue
        at = path.child(kind)
        if found:
            errors.append(field.forbidden(at, "may not specify more than 1 handler type"))
            continue
        found = True
        errors += _validate_action(kind, action, grace_period, at)
    if not found:
        errors.append(field.required(path, "must specify a handler type"))
    return errors


def _validate_action(kind: str, action: Object, grace_period: int | None, path: Path) -> ErrorList:
    if kind == "exec":
        return [] if action.get("command") else [field.required(path.child("command"))]
    if kind == "httpGet":
        return _validate_http_get(action, path)
    if kind == "sleep":
        return _validate_sleep(action, grace_period, path)
    return validate_port_num_or_name(action.get("port", 0), path.child("port"))


def _validate_http_get(action: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if not action.get("path"):
        errors.append(field.required(path.child("path")))
    errors += validate_port_num_or_name(action.get("port", 0), path.child("port"))
    scheme = action.get("scheme") or ""
    if scheme not in _SCHEMES:
        errors.append(field.not_supported(path.child("scheme"), scheme, _SCHEMES))
    for header in action.get("httpHeaders") or ():
        name = header.get("name") or ""
        errors += [field.invalid(path.child("httpHeaders"), name, m) for m in is_http_header_name(name)]
    return errors


def _validate_sleep(action: Object, grace_period: int | None, path: Path) -> ErrorList:
    seconds = action.get("seconds") or 0
    if grace_period is None or 0 <= seconds <= grace_period:
        return []
    detail = f"must be non-negative and less than terminationGracePeriodSeconds ({grace_period})"
    return [field.invalid(path, seconds, detail)]
