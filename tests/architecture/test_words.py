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
POINTER = re.compile(r"`([\w./]+\.py)(?:::(\w+))?`")
EXAMPLES = {"plugins/greeter.py"}
"""Files that a document asks its reader to write."""


def docstrings(path: Path) -> Iterator[str]:
    """Every docstring of a module, those below attributes included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


def resolve(place: Path, pointer: str) -> Path | None:
    """The file that a pointer means: from the module's folder, a package around it, core's sources, or the root."""
    folders = [folder for folder in place.parents if "src" in folder.parts]
    found = [(folder / pointer).resolve() for folder in (*folders, ROOT / "core" / "src", ROOT)]
    return next((file for file in found if file.exists()), None)


def defines(file: Path, name: str) -> bool:
    return re.search(rf"^\s*(?:async )?(?:def|class) {name}\b|^{name}\b", file.read_text(), re.MULTILINE) is not None


def test_docstrings_point_to_what_exists() -> None:
    """`file.py` and `file.py::name` in a docstring are a file, and a name in it."""
    wrong = [
        f"{place.relative_to(ROOT)}: {file}{'::' * bool(name)}{name}"
        for place in MODULES
        for text in docstrings(place)
        for file, name in POINTER.findall(text)
        if (found := resolve(place, file)) is None or (name and not defines(found, name))
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


@pytest.mark.parametrize("readme", sorted(ROOT.glob("plugins/*/README.md")), ids=lambda path: path.parent.name)
def test_a_members_page_tells_what_it_contributes(readme: Path) -> None:
    """The same five sections for each member, with the hooks that its plugin.py implements and flags that exist."""
    text = readme.read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Name", "Description", "Flags", "Hooks", "Examples"]
    (plugin,) = readme.parent.glob("src/*/plugin.py")
    implemented = re.findall(r"^def (kubern_\w+)", plugin.read_text(), re.MULTILINE)
    assert re.findall(r"^- `(kubern_\w+)`", text, re.MULTILINE) == implemented
    documented = (ROOT / "docs" / "flags.md").read_text()
    assert [flag for flag in re.findall(r"`(--[\w-]+)", text) if flag not in documented] == []
