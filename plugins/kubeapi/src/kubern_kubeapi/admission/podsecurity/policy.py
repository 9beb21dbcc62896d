"""Levels and versions that a namespace's labels ask for (upstream: pod-security-admission/api)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import NamedTuple

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, FieldError, Path

LEVELS = ("privileged", "baseline", "restricted")
PRIVILEGED, BASELINE, RESTRICTED = LEVELS
LATEST = "latest"
PREFIX = "pod-security.kubernetes.io/"
MODES = ("enforce", "audit", "warn")
_VERSION = re.compile(r"v1\.(0|[1-9][0-9]*)")
_LABELS = Path("metadata", "labels")


class LevelVersion(NamedTuple):
    """A level in the form it had in a version ("latest" or "v1.N")."""

    level: str
    version: str

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"

    @property
    def minor(self) -> int | None:
        """N, None for the latest version."""
        return None if self.version == LATEST else int(self.version[3:])


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """What a namespace enforces, what it notes in the audit log, what it warns about."""

    enforce: LevelVersion
    audit: LevelVersion
    warn: LevelVersion

    @property
    def fully_privileged(self) -> bool:
        return self.enforce.level == self.audit.level == self.warn.level == PRIVILEGED

    def is_equivalent(self, other: Policy) -> bool:
        """Whether both forbid the same; of the privileged level all versions do."""
        pairs = zip(self.modes(), other.modes(), strict=True)
        return all(a == b or a.level == b.level == PRIVILEGED for (_, a), (_, b) in pairs)

    def modes(self) -> tuple[tuple[str, LevelVersion], ...]:
        """The modes' names, and what holds in each."""
        return (("enforce", self.enforce), ("audit", self.audit), ("warn", self.warn))

    def compact(self, labels: Mapping[str, str]) -> str:
        """What a namespace's labels ask for, as messages show it."""
        asked = (
            (mode, value)
            for mode, value in self.modes()
            if f"{PREFIX}{mode}" in labels or f"{PREFIX}{mode}-version" in labels
        )
        return ", ".join(f"{mode}={value}" for mode, value in asked if value.level != PRIVILEGED)


UNRESTRICTED = Policy(*(LevelVersion(PRIVILEGED, LATEST),) * 3)


def policy_of(labels: Mapping[str, str], default: Policy) -> tuple[Policy, ErrorList]:
    """The policy of a namespace with these labels, and what is wrong with them.

    A faulty level enforces the strictest one, and neither audits nor warns; a faulty version is the latest. Without a
    level to warn of, what is enforced is warned of.
    """
    if not any(key.startswith(PREFIX) for key in labels):
        return default, []
    values: dict[str, LevelVersion] = {}
    errors: ErrorList = []
    for mode in MODES:
        level, version = getattr(default, mode)
        if f"{PREFIX}{mode}" in labels:
            level, error = _level(labels, f"{PREFIX}{mode}")
            if error is not None:
                errors.append(error)
                level = RESTRICTED if mode == "enforce" else PRIVILEGED
        if f"{PREFIX}{mode}-version" in labels:
            version, error = _version(labels, f"{PREFIX}{mode}-version")
            errors += [error] if error is not None else []
        values[mode] = LevelVersion(level, version)
    if (
        labels.get(f"{PREFIX}enforce") in LEVELS
        and f"{PREFIX}warn" not in labels
        and _is_stricter(values["enforce"], values["warn"])
    ):
        level, version = values["enforce"]
        has_version = f"{PREFIX}warn-version" in labels
        values["warn"] = LevelVersion(level, values["warn"].version if has_version else version)
    return Policy(**values), errors


def _is_stricter(a: LevelVersion, b: LevelVersion) -> bool:
    return LEVELS.index(a.level) > LEVELS.index(b.level)


def _level(labels: Mapping[str, str], key: str) -> tuple[str, FieldError | None]:
    value = labels[key]
    if value in LEVELS:
        return value, None
    return value, field.invalid(_LABELS.key(key), value, f"must be one of {', '.join(LEVELS)}")


def _version(labels: Mapping[str, str], key: str) -> tuple[str, FieldError | None]:
    value = labels[key]
    if is_version(value):
        return value, None
    return LATEST, field.invalid(_LABELS.key(key), value, 'must be "latest" or "v1.x"')


def is_version(value: str) -> bool:
    return value == LATEST or _VERSION.fullmatch(value) is not None


def is_relaxed_or_equal(new: LevelVersion, old: LevelVersion) -> bool:
    """Same version and no stricter level."""
    return new.version == old.version and not _is_stricter(new, old)
