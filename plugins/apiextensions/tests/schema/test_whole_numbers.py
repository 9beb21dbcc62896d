"""Whole numbers written as fractions."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from kubern_apiextensions.schema.whole_numbers import make_whole


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2.0", "2"),
        ("2.000", "2"),
        ("-3.0", "-3"),
        ("1e3", "1000"),
        ("1E+3", "1000"),
        ("0.1e1", "1"),
        ("1e18", "1000000000000000000"),
        ("2.5", "2.5"),
        ("1e-7", "1e-7"),
        ("1e21", "1e21"),
        ("7", "7"),
    ],
)
def test_they_are_stored_as_go_writes_them(text: str, stored: str) -> None:
    """A whole float below 2**63 becomes an int, wherever it stands."""
    body = f'{{"a":[{{"b":{text}}}],"c":"x"}}'.encode()
    value: Any = make_whole(orjson.loads(body))
    assert value == {"a": [{"b": json.loads(stored)}], "c": "x"}
    assert type(value["a"][0]["b"]) is type(json.loads(stored))
