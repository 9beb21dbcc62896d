"""ARCHITECTURE.md names files and functions that exist."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
STOPS = re.findall(r"`((?:core|plugins)/[\w/.]+\.py)(?:::(\w+))?`", (ROOT / "ARCHITECTURE.md").read_text())


def test_there_are_walks() -> None:
    """The page lists both walks."""
    assert len(STOPS) > 15


@pytest.mark.parametrize(("file", "name"), STOPS)
def test_stop_resolves(file: str, name: str) -> None:
    """A stop `file::name` is a function or class of that file."""
    tree = ast.parse((ROOT / file).read_text())
    names = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    assert not name or name in names
