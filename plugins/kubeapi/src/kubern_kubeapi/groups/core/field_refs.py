"""References to fields and resources of the pod itself (downward API), in environment variables and volumes.

Upstream: validateObjectFieldSelector, validateContainerResourceFieldSelector. Next: `pod/validation/env.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.quantity import ZERO, Quantity
from kubern.apimachinery.validation.formats import validate_qualified_name

Object = Mapping[str, Any]

VOLUME_FIELDS = frozenset(
    {"metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"}
)
ENV_FIELDS = frozenset(
    {
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    }
)  # fmt: skip
_CONVERTIBLE_FIELDS = frozenset(
    {
        "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
        "spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "spec.schedulerName",
        "status.phase", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    }
)  # fmt: skip
_RESOURCES = frozenset(
    {f"{kind}.{name}" for kind in ("limits", "requests") for name in ("cpu", "memory", "ephemeral-storage")}
)
_HUGE_PAGES_PREFIXES = ("limits.hugepages-", "requests.hugepages-")
_SIZES = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")


def split_subscript(text: str) -> tuple[str, str, bool]:
    """`metadata.labels['a']` as (path, key, True); other texts as (text, "", False)."""
    if text.endswith("']"):
        path, found, key = text[:-2].partition("['")
        if found and path:
            return path, key, True
    return text, "", False


def _conversion_problem(api_version: str, field_path: str) -> str:
    """Why a field path is none of v1's (upstream: ConvertDownwardAPIFieldLabel)."""
    if api_version != "v1":
        return f"unsupported pod version: {api_version}"
    path, _, subscripted = split_subscript(field_path)
    if subscripted:
        if path in ("metadata.annotations", "metadata.labels"):
            return ""
        return f"field label does not support subscript: {field_path}"
    if field_path in _CONVERTIBLE_FIELDS or field_path == "spec.host":
        return ""
    return f"field label not supported: {field_path}"


def validate_object_field_selector(selector: Object, supported: frozenset[str], path: Path) -> ErrorList:
    """A fieldRef."""
    api_version, field_path = selector.get("apiVersion") or "", selector.get("fieldPath") or ""
    if not api_version:
        return [field.required(path.child("apiVersion"))]
    if not field_path:
        return [field.required(path.child("fieldPath"))]
    problem = _conversion_problem(api_version, field_path)
    if problem:
        return [field.invalid(path.child("fieldPath"), field_path, f"error converting fieldPath: {problem}")]
    if field_path == "spec.host":
        field_path = "spec.nodeName"
    head, key, subscripted = split_subscript(field_path)
    if subscripted:
        if head == "metadata.annotations":
            return validate_qualified_name(key.lower(), path)
        if head == "metadata.labels":
            return validate_qualified_name(key, path)
        return [field.invalid(path, head, "does not support subscript")]
    if head not in supported:
        return [field.not_supported(path.child("fieldPath"), head, supported)]
    return []


def validate_resource_field_selector(selector: Object, path: Path, *, volume: bool) -> ErrorList:
    """A resourceFieldRef; volumes must name the container."""
    errors: ErrorList = []
    resource = selector.get("resource") or ""
    if volume and not selector.get("containerName"):
        errors.append(field.required(path.child("containerName")))
    elif not resource:
        errors.append(field.required(path.child("resource")))
    elif resource not in _RESOURCES and not resource.startswith(_HUGE_PAGES_PREFIXES):
        errors.append(field.not_supported(path.child("resource"), resource, _RESOURCES))
    return errors + _validate_divisor(resource, selector.get("divisor"), path.child("divisor"))


def _validate_divisor(resource: str, text: str | None, path: Path) -> ErrorList:
    if text is None:
        return []
    divisor = Quantity.parse(text)
    if divisor == ZERO:
        return []
    supported, what = _divisors(resource)
    if not what or str(divisor) in supported:
        return []
    shown = " and ".join(supported) if len(supported) == 2 else ", ".join(supported)
    return [field.invalid(path, resource, f"only divisor's values {shown} are supported with the {what} resource")]


def _divisors(resource: str) -> tuple[tuple[str, ...], str]:
    """The divisors that fit a resource, and its name in the message ("" for any other resource)."""
    if resource in ("limits.cpu", "requests.cpu"):
        return ("1m", "1"), "cpu"
    if resource in ("limits.memory", "requests.memory"):
        return _SIZES, "memory"
    if resource in ("limits.ephemeral-storage", "requests.ephemeral-storage"):
        return _SIZES, "local ephemeral storage"
    if resource.startswith(_HUGE_PAGES_PREFIXES):
        return _SIZES, "hugepages"
    return (), ""
