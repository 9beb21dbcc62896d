"""Places in a custom resource: field paths whose root is nothing, which Go prints as `<nil>`."""

from __future__ import annotations

from typing import Final

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
