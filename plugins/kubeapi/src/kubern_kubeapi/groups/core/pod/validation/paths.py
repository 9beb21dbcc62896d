"""Paths within volumes: relative, without steps back (upstream: validateLocalDescendingPath and its kin)."""

from __future__ import annotations

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path

FILE_MODE_ERROR = "must be a number between 0 and 0777 (octal), both inclusive"


def validate_file_mode(mode: int | None, path: Path) -> ErrorList:
    if mode is not None and not 0 <= mode <= 0o777:
        return [field.invalid(path, mode, FILE_MODE_ERROR)]
    return []


def validate_path_no_backsteps(target: str, path: Path) -> ErrorList:
    if ".." in target.split("/"):
        return [field.invalid(path, target, "must not contain '..'")]
    return []


def validate_local_descending_path(target: str, path: Path) -> ErrorList:
    """Relative, and within the directory."""
    errors: ErrorList = []
    if target.startswith("/"):
        errors.append(field.invalid(path, target, "must be a relative path"))
    return errors + validate_path_no_backsteps(target, path)


def validate_local_non_reserved_path(target: str, path: Path) -> ErrorList:
    """As above, and not a name that volume plugins keep for themselves."""
    errors = validate_local_descending_path(target, path)
    if target.startswith("..") and not target.startswith("../"):
        errors.append(field.invalid(path, target, "must not start with '..'"))
    return errors
