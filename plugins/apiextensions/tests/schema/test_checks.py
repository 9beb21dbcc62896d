"""Compiled checks: what they cost to make."""

from __future__ import annotations

import time
from typing import Any

from kubern_apiextensions.schema.validation.checks import compile_check


def test_nested_junctors_are_compiled_once() -> None:
    """A schema whose junctors nest deeply, as Istio's do, is compiled in no time and decides right."""
    schema: dict[str, Any] = {"required": ["a"]}
    for _ in range(60):
        schema = {"not": {"anyOf": [schema, {"required": ["b"]}]}}
    started = time.thread_time()
    check = compile_check({"type": "object", "properties": {"x": {"type": "object", **schema}}})
    assert time.thread_time() - started < 5
    assert check is not None
    assert check({"x": {}}) is False
    assert check({"x": {"a": 1}}) is True
