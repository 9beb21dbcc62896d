"""semver() and its methods (apiserver's cel/library/semverlib.go over blang/semver).

Next: `quantity.py`, which is built alike.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kubern.cel.cost.sizes import traversal_cost
from kubern.cel.declarations import Function, Library, member, overload
from kubern.cel.errors import CelError
from kubern.cel.runtime.values import UINT_MAX, Value
from kubern.cel.types import BOOL, INT, STRING, StructType
from kubern.util.goquote import go_quote

SEMVER = StructType("kubernetes.Semver")
_NUMBERS = frozenset("0123456789")
_ALPHANUMERIC = _NUMBERS | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")


class Version(NamedTuple):
    """A semantic version; build data takes no part in comparisons."""

    major: int
    minor: int
    patch: int
    prerelease: tuple[int | str, ...]

    def compare(self, other: Version) -> int:
        """-1, 0 or 1"""
        mine, theirs = self[:3], other[:3]
        if mine != theirs:
            return 1 if mine > theirs else -1
        if not self.prerelease or not other.prerelease:
            # A version without one is greater than any of its prereleases.
            return (not self.prerelease) - (not other.prerelease)
        for left, right in zip(self.prerelease, other.prerelease, strict=False):
            if left != right:
                return _compare_identifiers(left, right)
        return (len(self.prerelease) > len(other.prerelease)) - (len(self.prerelease) < len(other.prerelease))


def _compare_identifiers(left: int | str, right: int | str) -> int:
    if isinstance(left, int) and isinstance(right, int):
        return 1 if left > right else -1
    if isinstance(left, str) and isinstance(right, str):
        return 1 if left > right else -1
    # Numbers come before words.
    return -1 if isinstance(left, int) else 1


class SemverValue(Value):
    """A semantic version."""

    __slots__ = ("version",)
    cel_type = SEMVER

    def __init__(self, version: Version) -> None:
        self.version = version

    def equals(self, other: object) -> bool:
        return isinstance(other, SemverValue) and self.version.compare(other.version) == 0


def _number(text: str, name: str) -> int:
    if not _NUMBERS.issuperset(text):
        raise CelError(f"Invalid character(s) found in {name} number {go_quote(text)}")
    if len(text) > 1 and text[0] == "0":
        raise CelError(f"{name.capitalize()} number must not contain leading zeroes {go_quote(text)}")
    return _parse_uint(text)


def _parse_uint(text: str) -> int:
    if not text:
        raise CelError('strconv.ParseUint: parsing "": invalid syntax')
    if len(text) > 20 or int(text) > UINT_MAX:
        raise CelError(f"strconv.ParseUint: parsing {go_quote(text)}: value out of range")
    return int(text)


def _prerelease(text: str) -> int | str:
    if not text:
        raise CelError("Prerelease is empty")
    if _NUMBERS.issuperset(text):
        if len(text) > 1 and text[0] == "0":
            raise CelError(f"Numeric PreRelease version must not contain leading zeroes {go_quote(text)}")
        return _parse_uint(text)
    if _ALPHANUMERIC.issuperset(text):
        return text
    raise CelError(f"Invalid character(s) found in prerelease {go_quote(text)}")


def _check_build(text: str) -> None:
    for part in text.split("."):
        if not part:
            raise CelError("Build meta data is empty")
        if not _ALPHANUMERIC.issuperset(part):
            raise CelError(f"Invalid character(s) found in build meta data {go_quote(part)}")


def _version(text: str) -> Version:
    if not text:
        raise CelError("Version string empty")
    parts = text.split(".", 2)
    if len(parts) != 3:
        raise CelError("No Major.Minor.Patch elements found")
    major, minor = _number(parts[0], "major"), _number(parts[1], "minor")
    rest, has_build, build = parts[2].partition("+")
    rest, has_prerelease, prerelease = rest.partition("-")
    patch = _number(rest, "patch")
    identifiers = tuple(map(_prerelease, prerelease.split("."))) if has_prerelease else ()
    if has_build:
        _check_build(build)
    return Version(major, minor, patch, identifiers)


def _normalized(text: str) -> str:
    parts = text.removeprefix("v").split(".", 2)
    for index, part in enumerate(parts):
        if len(part) > 1:
            stripped = part.lstrip("0")
            parts[index] = stripped if stripped[:1] in _NUMBERS and stripped else f"0{stripped}"
    if len(parts) < 3:
        if "+" in parts[-1] or "-" in parts[-1]:
            raise CelError("short version cannot contain PreRelease/Build meta data")
        parts.extend(["0"] * (3 - len(parts)))
    return ".".join(parts)


def _parse(text: str) -> SemverValue:
    return SemverValue(_version(text))


def _parse_normalized(text: str, normalize: bool) -> SemverValue:
    return SemverValue(_version(_normalized(text) if normalize else text))


def _is_semver(text: str) -> bool:
    return _is_semver_normalized(text, False)


def _is_semver_normalized(text: str, normalize: bool) -> bool:
    try:
        _parse_normalized(text, normalize)
    except CelError:
        return False
    return True


def _compare(value: SemverValue, other: SemverValue) -> int:
    return value.version.compare(other.version)


def _is_greater(value: SemverValue, other: SemverValue) -> bool:
    return value.version.compare(other.version) > 0


def _is_less(value: SemverValue, other: SemverValue) -> bool:
    return value.version.compare(other.version) < 0


def _parse_cost(args: tuple[Any, ...], _result: Any) -> int:
    return traversal_cost(len(args[0]))


def semver_library() -> Library:
    """Semantic versions."""
    two = (SEMVER, SEMVER)
    with_bool = (STRING, BOOL)
    ids = ("string_to_semver", "string_bool_to_semver", "is_semver_string", "is_semver_string_bool")
    return Library(
        name="kubernetes.Semver",
        functions=(
            Function(
                "semver",
                overload("string_to_semver", (STRING,), SEMVER, _parse),
                overload("string_bool_to_semver", with_bool, SEMVER, _parse_normalized),
            ),
            Function(
                "isSemver",
                overload("is_semver_string", (STRING,), BOOL, _is_semver),
                overload("is_semver_string_bool", with_bool, BOOL, _is_semver_normalized),
            ),
            Function("isGreaterThan", member("semver_is_greater_than", two, BOOL, _is_greater)),
            Function("isLessThan", member("semver_is_less_than", two, BOOL, _is_less)),
            Function("compareTo", member("semver_compare_to", two, INT, _compare)),
            Function("major", member("semver_major", (SEMVER,), INT, lambda value: value.version.major)),
            Function("minor", member("semver_minor", (SEMVER,), INT, lambda value: value.version.minor)),
            Function("patch", member("semver_patch", (SEMVER,), INT, lambda value: value.version.patch)),
        ),
        types=(SEMVER,),
        costs=dict.fromkeys(ids, _parse_cost),
    )
