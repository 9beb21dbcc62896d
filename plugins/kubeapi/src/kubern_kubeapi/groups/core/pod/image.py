"""Image references, as far as defaulting needs them (upstream: pkg/util/parsers on distribution/reference)."""

from __future__ import annotations

import re

_COMPONENT = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_COMPONENT}(?:\.{_COMPONENT})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_PATH_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_NAME = rf"{_DOMAIN}/{_PATH_COMPONENT}(?:/{_PATH_COMPONENT})*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(rf"({_NAME})(?::({_TAG}))?(?:@({_DIGEST}))?", re.ASCII)
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")
_MAX_NAME = 255
_DEFAULT_DOMAIN = "docker.io"


def _with_domain(image: str) -> str:
    """The reference with docker.io in front when its first part is no registry."""
    first, slash, _ = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first.lower() != first):
        return image
    return f"{_DEFAULT_DOMAIN}/{image}"


def image_tag(image: str) -> str:
    """The tag of an image: `latest` when it has neither tag nor digest, "" when it has no tag or is malformed."""
    if len(image) > 2 * _MAX_NAME + 256 or _IDENTIFIER.fullmatch(image):
        return ""
    match = _REFERENCE.fullmatch(_with_domain(image))
    if match is None or len(match[1]) > _MAX_NAME:
        return ""
    if match[2]:
        return match[2]
    return "" if match[3] else "latest"


def default_pull_policy(image: str) -> str:
    return "Always" if image_tag(image) == "latest" else "IfNotPresent"
