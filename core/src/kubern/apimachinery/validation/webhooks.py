"""Addresses of webhooks and the versions they speak (upstream: apiserver/pkg/util/webhook/validation.go)."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import is_dns1035_label, is_dns1123_subdomain
from kubern.apimachinery.validation.formats import is_valid_port_num

REVIEW_VERSIONS: Final = ("v1", "v1beta1")
"""The versions of reviews that this server speaks."""
_FORM: Final = "; desired format: https://host[/path]"


def validate_webhook_url(url: str, path: Path, *, force_https: bool = True) -> ErrorList:
    """A URL with a host and without credentials, query or fragment."""
    from kubern.util.gourl import URLError, parse

    try:
        parts = parse(url)
    except URLError as error:
        return [field.required(path, f"url must be a valid URL: {error}{_FORM}")]
    errors: ErrorList = []
    if force_https and parts.scheme != "https":
        errors.append(field.invalid(path, parts.scheme, f"'https' is the only allowed URL scheme{_FORM}"))
    if not parts.host:
        errors.append(field.invalid(path, parts.host, f"host must be specified{_FORM}"))
    if parts.user is not None:
        user = ":".join(quote(part, safe="$&+,;=") for part in parts.user.split(":", 1))
        errors.append(field.invalid(path, user, "user information is not permitted in the URL"))
    if parts.fragment:
        errors.append(field.invalid(path, parts.fragment, "fragments are not permitted in the URL"))
    if parts.raw_query:
        errors.append(field.invalid(path, parts.raw_query, "query parameters are not permitted in the URL"))
    return errors


def validate_webhook_service(service: dict[str, Any], path: Path) -> ErrorList:
    """A named service, its port, and a path of names."""
    errors: ErrorList = [field.required(path.child(key)) for key in ("name", "namespace") if not service.get(key)]
    port = service.get("port", 0)
    problems = is_valid_port_num(port)
    if problems:
        errors.append(field.invalid(path.child("port"), port, "port is not valid: " + ",".join(problems)))
    if service.get("path") is not None:
        errors += _validate_path(service["path"], path.child("path"))
    return errors


def _validate_path(text: str, path: Path) -> ErrorList:
    if text in ("", "/"):
        return []
    if text == "//":
        return [field.invalid(path, text, "segment[0] may not be empty")]
    errors: ErrorList = []
    if not text.startswith("/"):
        errors.append(field.invalid(path, text, "must start with a '/'"))
    for i, step in enumerate(text[1:].removesuffix("/").split("/")):
        if not step:
            errors.append(field.invalid(path, text, f"segment[{i}] may not be empty"))
            continue
        errors += [field.invalid(path, text, f"segment[{i}]: {problem}") for problem in is_dns1123_subdomain(step)]
    return errors


def validate_review_versions(versions: list[str], path: Path, *, require_recognized: bool) -> ErrorList:
    """Distinct version names, one of which this server speaks if that is required; an empty list is not checked."""
    errors: ErrorList = []
    seen: set[str] = set()
    for i, version in enumerate(versions):
        if version in seen:
            errors.append(field.invalid(path.index(i), version, "duplicate version"))
            continue
        seen.add(version)
        errors += [field.invalid(path.index(i), version, problem) for problem in is_dns1035_label(version)]
    if require_recognized and seen.isdisjoint(REVIEW_VERSIONS):
        errors.append(field.invalid(path, versions, "must include at least one of " + ", ".join(REVIEW_VERSIONS)))
    return errors
