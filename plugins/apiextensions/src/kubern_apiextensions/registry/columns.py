"""Printer columns of custom resources: Table columns and cells (upstream: customresource/tableconvertor).

Next: `version.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import orjson

from kubern.apimachinery.field import escape_html
from kubern.apimachinery.printing import parse_time
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, Column
from kubern.util.gofloat import format_value
from kubern.util.human_duration import human_duration
from kubern.util.jsonpath import JSONPathError, compile_path

Object = dict[str, Any]
Cell = Callable[[Object], Any]
_INT64: Final = 2**63

_DEFAULT: Final[list[Object]] = [
    {
        "name": "Age",
        "type": "date",
        "jsonPath": ".metadata.creationTimestamp",
        "description": AGE_COLUMN.description,
    }
]


def scale_columns(spec_replicas: str, status_replicas: str) -> list[Object]:
    """The declaration of a Scale's columns; upstream looks for them at the paths of the resource itself."""
    declared = [
        ("Desired", "Number of desired replicas", spec_replicas),
        ("Available", "Number of actual replicas", status_replicas),
    ]
    columns = [{"name": n, "type": "integer", "jsonPath": path, "description": d} for n, d, path in declared]
    return [*columns, *_DEFAULT]


def compile_columns(declared: list[Object]) -> tuple[tuple[Column, ...], Callable[[Object], list[Any]]]:
    """The columns of a version after the name, and the function that makes a row's cells.

    Columns from the first unreadable one on are left out.
    """
    columns: list[Column] = [NAME_COLUMN]
    cells: list[Cell] = [lambda obj: obj["metadata"].get("name", "")]
    for column in declared or _DEFAULT:
        path = column.get("jsonPath", "")
        try:
            find = compile_path(path)
        except JSONPathError:
            break
        description = column.get("description") or f"Custom resource definition column (in JSONPath format): {path}"
        kind = column.get("type", "")
        columns.append(
            Column(column.get("name", ""), kind, column.get("format", ""), description, column.get("priority", 0))
        )
        cells.append(_cell(find, kind))
    frozen = tuple(cells)
    return tuple(columns), lambda obj: [cell(obj) for cell in frozen]


def _cell(find: Callable[[Any], list[Any]], kind: str) -> Cell:
    show = _SHOW.get(kind, _nothing)

    def cell(obj: Object) -> Any:
        try:
            values = find(obj)
        except JSONPathError:
            return None
        return show(values[0]) if values else None

    return cell


def _nothing(value: Any) -> Any:
    return None


def _integer(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # What does not fit becomes what Go's conversion makes of it on amd64.
    return int(value) if -_INT64 <= value < _INT64 else -_INT64


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _string(value: Any) -> Any:
    """As Go prints it; objects and lists as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format_value(value)
    if isinstance(value, int):
        return str(value)
    return escape_html(orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode())


def _date(value: Any) -> Any:
    if not isinstance(value, str):
        return None
    if not value:
        return "<unknown>"
    try:
        return human_duration(time.time() - parse_time(value))
    except ValueError:
        return "<invalid>"


_SHOW: Final[dict[str, Callable[[Any], Any]]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "string": _string,
    "date": _date,
}
