"""What documents and docstrings point to exists: files, functions, links, make targets, subcommands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubern.cli import build_app

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted([*ROOT.glob("core/src/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")])
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("plugins/*/README.md"), *ROOT.glob("core/*.md")]
)
FILES = [path.as_posix() for path in [*MODULES, *ROOT.glob("scripts/**/*.py")]]
POINTER = re.compile(r"`([\w./]+\.py)(?:::(\w+))?`")
EXAMPLES = {"plugins/greeter.py"}
"""Files that a document asks its reader to write."""


def docstrings(path: Path) -> Iterator[str]:
    """Every docstring of a module, those below attributes included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


def resolve(place: Path, pointer: str) -> list[Path]:
    """The files that a pointer may mean: beside the module that names it, or anywhere under that name."""
    beside = (place.parent / pointer).resolve()
    return [beside] if beside.exists() else [Path(file) for file in FILES if file.endswith("/" + pointer)]


def defines(file: Path, name: str) -> bool:
    return re.search(rf"^\s*(?:async )?(?:def|class) {name}\b|^{name}\b", file.read_text(), re.MULTILINE) is not None


def test_docstrings_point_to_what_exists() -> None:
    """`file.py` and `file.py::name` in a docstring are a file, and a name in it."""
    wrong = [
        f"{place.relative_to(ROOT)}: {file}{'::' * bool(name)}{name}"
        for place in MODULES
        for text in docstrings(place)
        for file, name in POINTER.findall(text)
        if not any(not name or defines(found, name) for found in resolve(place, file))
    ]
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_point_to_what_exists(page: Path) -> None:
    """Links, and paths below the members' folders, are files."""
    text = page.read_text()
    links = [(page.parent, link) for link in re.findall(r"\]\((?!https?://)([^)#]+)", text)]
    paths = [(ROOT, path) for path in re.findall(r"`((?:core|plugins|scripts|tests|docs|examples)/[\w./-]+)`", text)]
    assert [path for base, path in links + paths if path not in EXAMPLES and not (base / path).exists()] == []


def test_commands_of_the_pages_exist() -> None:
    """`make x` is a target of the Makefile, `kubern x` a subcommand."""
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {command.name for command in build_app().registered_commands}
    for page in PAGES:
        text = page.read_text()
        assert set(re.findall(r"(?:`|\$ )make (\w+)", text)) <= targets, page
        assert set(re.findall(r"(?:`|\$ )kubern (\w+)", text)) <= commands, page
