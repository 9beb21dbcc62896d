"""The plugin's configuration: defaults and exemptions (upstream: PodSecurityConfiguration)."""

from __future__ import annotations

import dataclasses
from typing import Any

from kubern.lifecycle import StartError
from kubern_kubeapi.admission.podsecurity.policy import (
    LATEST,
    LEVELS,
    MODES,
    PRIVILEGED,
    UNRESTRICTED,
    LevelVersion,
    Policy,
    is_version,
)

GROUP = "pod-security.admission.config.k8s.io/"


@dataclasses.dataclass(frozen=True, slots=True)
class Configuration:
    """What holds for namespaces without labels, and who is exempt."""

    defaults: Policy = UNRESTRICTED
    usernames: frozenset[str] = frozenset()
    runtime_classes: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()


def read_configuration(document: dict[str, Any] | None) -> Configuration:
    """The configuration in a document, None for none. Raises StartError."""
    if document is None:
        return Configuration()
    if not str(document.get("apiVersion", "")).startswith(GROUP) or document.get("kind") != "PodSecurityConfiguration":
        raise StartError(f"PodSecurity: configuration must be a PodSecurityConfiguration of {GROUP}v1")
    given = document.get("defaults") or {}
    defaults = {}
    for mode in MODES:
        level, version = given.get(mode) or PRIVILEGED, given.get(f"{mode}-version") or LATEST
        if level not in LEVELS:
            raise StartError(f"PodSecurity: defaults.{mode} must be one of {', '.join(LEVELS)}, is {level!r}")
        if not is_version(version):
            raise StartError(f'PodSecurity: defaults.{mode}-version must be "latest" or "v1.x", is {version!r}')
        defaults[mode] = LevelVersion(level, version)
    exemptions = document.get("exemptions") or {}
    return Configuration(
        Policy(**defaults),
        frozenset(exemptions.get("usernames") or ()),
        frozenset(exemptions.get("runtimeClasses") or ()),
        frozenset(exemptions.get("namespaces") or ()),
    )
