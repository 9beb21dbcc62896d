"""Habits of the tree that a test can check: sizes, docstrings, where libraries are imported, imports without work."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted([*ROOT.glob("core/src/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")])
TREES = {path: ast.parse(path.read_text()) for path in MODULES}
MAX_LINES = 400
MAX_FUNCTION = 60
MAX_NESTING = 3


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_files_are_short() -> None:
    """400 lines at most."""
    long = {name(path): lines for path in MODULES if (lines := len(path.read_text().splitlines())) > MAX_LINES}
    assert long == {}


def test_functions_fit_on_a_screen() -> None:
    """60 lines at most, hook specifications aside: their docstrings are documents."""
    long = [
        f"{name(path)}::{node.name}"
        for path, tree in TREES.items()
        if path.name != "hookspecs.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION
    ]
    assert long == []


def depth(node: ast.AST, above: int = 0) -> int:
    """How many branches and loops are inside each other below a node; an elif is no deeper than its if."""
    deepest = above
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        is_level = isinstance(child, ast.If | ast.For | ast.AsyncFor | ast.While | ast.Match) and not is_elif
        deepest = max(deepest, depth(child, above + is_level))
    return deepest


def test_branches_and_loops_nest_three_levels_at_most() -> None:
    """Deeper ones are the two loops that every object passes, where a call per field would be felt."""
    deep = [
        f"{path.name}::{node.name}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and depth(node) > MAX_NESTING
    ]
    assert deep == ["walker.py::decode", "walker.py::encode"]


def test_modules_say_what_they_are() -> None:
    """Every module has a docstring."""
    assert [name(path) for path, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_package_inits_hold_no_code() -> None:
    """Docstring, imports and re-exports only."""
    allowed = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign)
    inits = [path for path in MODULES if path.name == "__init__.py"]
    assert [name(p) for p in inits if not all(isinstance(node, allowed) for node in TREES[p].body)] == []


@pytest.mark.parametrize(
    ("pattern", "places"),
    [
        (r"^\s*(import|from) typer\b", {"core/src/kubern/cli.py"}),
        (
            r"^\s*(import|from) uvicorn\b",
            {f"core/src/kubern/serving/{name}.py" for name in ("http", "protocol", "cycle")},
        ),
        (r"\.hook\.kubern_|\bpm\.hook\b|get_hookimpls", {"core/src/kubern/plugins.py"}),
        (r"^\s*(import|from) grpc\b", {"core/src/kubern/storage/etcd3/"}),
    ],
)
def test_where_things_may_be_used(pattern: str, places: set[str]) -> None:
    """Typer in the command line, uvicorn in serving, hooks called by plugins.py alone, gRPC by the etcd client."""
    using = {name(path) for path in MODULES if re.search(pattern, path.read_text(), re.MULTILINE)}
    assert {path for path in using if not any(path.startswith(place) for place in places)} == set()
    assert using


def test_plugin_modules_hold_hook_implementations_only() -> None:
    """Functions in a plugin.py are hooks or a line or two; logic is elsewhere."""
    for path in ROOT.glob("plugins/*/src/*/plugin.py"):
        assert len(path.read_text().splitlines()) <= 60, name(path)


@pytest.mark.slow
def test_imports_do_no_work() -> None:
    """Importing every module starts no thread, needs no event loop and warns of nothing."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts[path.relative_to(ROOT).parts.index("src") + 1 :])
        for path in MODULES
        if path.name != "__main__.py" and "/testing/" not in str(path)
    ]
    program = (
        "import importlib, sys, threading\n"
        "for name in sys.argv[1:]: importlib.import_module(name.removesuffix('.__init__'))\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
    )
    command = [sys.executable, "-W", "error", "-c", program, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
