"""Places in a custom resource: field paths whose root is nothing, which Go prints as `<nil>`."""

from __future__ import annotations

from typing import Any, Final

from kubern.apimachinery.field import Path

NodePath = Path | None
ROOT: Final = "<nil>"


def child_of(path: NodePath, name: str) -> Path:
    return Path(name) if path is None else path.child(name)


def key_of(path: NodePath, key: str) -> Path:
    return Path(f"[{key}]") if path is None else path.key(key)


def index_of(path: NodePath, index: int) -> Path:
    return Path(f"[{index}]") if path is None else path.index(index)


def shown(path: NodePath) -> Path | str:
    """What an error at this place gets as its field."""
    return ROOT if path is None else path


def sorted_value(value: Any) -> Any:
    """A JSON value with the keys of its objects in order, as Go prints maps."""
    if isinstance(value, dict):
        return {key: sorted_value(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [sorted_value(item) for item in value]
    return value
