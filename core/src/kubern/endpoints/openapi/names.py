"""Names in OpenAPI documents: operation ids, tags, definitions. Upstream: endpoints/openapi/openapi.go."""

from __future__ import annotations

import re

_NOT_WORD = re.compile(r"[^a-zA-Z0-9]+")


def group_words(group: str) -> str:
    """A group in camel case: `RbacAuthorization`, `StableExampleCom`; `Core` for the core group."""
    if not group:
        return "Core"
    parts = [part for part in _NOT_WORD.split(group.removesuffix(".k8s.io")) if part]
    return "".join(part[:1].upper() + part[1:] for part in parts)


def tag_of(group: str, version: str = "") -> str:
    """`rbacAuthorization_v1`, `core`."""
    words = group_words(group)
    tag = words[:1].lower() + words[1:]
    return f"{tag}_{version}" if version else tag


def operation_id(verb: str, group: str, version: str, rest: str) -> str:
    """The verb, then the group-version, then what it is about: `readAppsV1NamespacedDeploymentStatus`."""
    middle = group_words(group) + version[:1].upper() + version[1:]
    if verb == "deleteCollection":
        return f"delete{middle}Collection{rest}"
    first, _, method = verb.partition(" ")
    return f"{first}{middle}{method[:1].upper()}{method[1:]}{rest}"


def definition_name(group: str, version: str, kind: str) -> str:
    """The name of a kind's definition: `io.k8s.api.apps.v1.Deployment` for built-in groups, else the group reversed."""
    if "." not in group or group.endswith(".k8s.io"):
        return f"io.k8s.api.{group.partition('.')[0] or 'core'}.{version}.{kind}"
    return ".".join([*reversed(group.split(".")), version, kind])
