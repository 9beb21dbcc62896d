"""Printer columns: which there are, and what their cells show."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from kubern_apiextensions.registry.columns import compile_columns

OBJECT: dict[str, Any] = {
    "metadata": {"name": "a"},
    "spec": {
        "n": 3, "x": 2.5, "big": 2.0e10, "huge": 1e21, "yes": True, "text": "t", "none": None, "list": [1, "<"], "map": {"b": 1, "a": [2]},
        "items": [{"name": "one", "port": 1}, {"name": "two", "port": 2}], "a.b": "dotted",
    },
}  # fmt: skip


def cell(kind: str, path: str) -> Any:
    _, cells = compile_columns([{"name": "C", "type": kind, "jsonPath": path}])
    return cells(OBJECT)[1]


@pytest.mark.parametrize(
    ("kind", "path", "shown"),
    [
        ("integer", ".spec.n", 3),
        ("integer", ".spec.x", 2),
        ("integer", ".spec.huge", -(2**63)),
        ("integer", ".spec.text", None),
        ("integer", ".spec.yes", None),
        ("number", ".spec.n", 3),
        ("number", ".spec.x", 2.5),
        ("number", ".spec.text", None),
        ("boolean", ".spec.yes", True),
        ("boolean", ".spec.n", None),
        ("string", ".spec.text", "t"),
        ("string", ".spec.n", "3"),
        ("string", ".spec.x", "2.5"),
        ("string", ".spec.big", "2e+10"),
        ("string", ".spec.yes", "true"),
        ("string", ".spec.list", '[1,"\\u003c"]'),
        ("string", ".spec.map", '{"a":[2],"b":1}'),
        ("string", ".spec.missing", None),
        ("string", ".spec.missing.deeper", None),
        ("string", ".spec.items[1].name", "two"),
        ("string", ".spec.items[-1].name", "two"),
        ("string", ".spec.items[7].name", None),
        ("string", ".spec.items[*].name", "one"),
        ("string", ".spec.items[?(@.port==2)].name", "two"),
        ("string", ".spec['a.b']", "dotted"),
        ("string", ".spec.a\\.b", "dotted"),
        ("date", ".spec.text", "<invalid>"),
        ("date", ".spec.n", None),
    ],
)
def test_cells(kind: str, path: str, shown: Any) -> None:
    """A cell shows the first value at its path, as its type has it, or nothing."""
    assert cell(kind, path) == shown


def test_dates_are_ages() -> None:
    """A date is shown as the time that has passed."""
    then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=5, minutes=2)
    obj = {"metadata": {"name": "a"}, "at": then.strftime("%Y-%m-%dT%H:%M:%SZ")}
    _, cells = compile_columns([{"name": "C", "type": "date", "jsonPath": ".at"}])
    assert cells(obj)[1] == "5h2m"


def test_descriptions() -> None:
    """A column without a description names its path."""
    columns, _ = compile_columns(
        [
            {"name": "A", "type": "string", "jsonPath": ".a", "priority": 1, "format": "byte"},
            {"name": "B", "type": "string", "jsonPath": ".b", "description": "why"},
        ]
    )
    assert [(c.name, c.description, c.priority, c.format) for c in columns[1:]] == [
        ("A", "Custom resource definition column (in JSONPath format): .a", 1, "byte"),
        ("B", "why", 0, ""),
    ]


def test_without_columns_there_is_the_age() -> None:
    """A version that declares no columns has name and age."""
    columns, _ = compile_columns([])
    assert [(c.name, c.type) for c in columns] == [("Name", "string"), ("Age", "date")]


def test_an_unreadable_path_ends_the_columns() -> None:
    """Columns before an unreadable path are served."""
    declared = [{"name": n, "type": "string", "jsonPath": p} for n, p in (("A", ".a"), ("B", ".b["), ("C", ".c"))]
    columns, cells = compile_columns(declared)
    assert [c.name for c in columns] == ["Name", "A"]
    assert cells({"metadata": {"name": "n"}, "a": "x", "c": "y"}) == ["n", "x"]
