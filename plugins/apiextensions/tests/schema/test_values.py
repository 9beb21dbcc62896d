"""Values against schemas: the recorded answers of kube-apiserver, and agreement of checks and errors."""

from __future__ import annotations

import json
import pathlib
import random
from typing import Any

import pytest

from kubern_apiextensions.schema.validation.checks import compile_check
from kubern_apiextensions.schema.validation.errors import find_errors

CASES = json.loads((pathlib.Path(__file__).parents[1] / "data" / "value-errors.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_recorded_errors(case: dict[str, Any]) -> None:
    """A bad value gives the recorded causes in the recorded order; a good one gives none."""
    found = find_errors(case["schema"], case["value"])
    got = [{"reason": e.type.reason, "message": e.body(), "field": e.field} for e in found]
    assert got == case["causes"]
    check = compile_check(case["schema"])
    assert (check is None or check(case["value"])) == (not found)


SCALARS: list[Any] = [None, True, False, 0, 1, -3, 7, 2**63, 2.0, 2.5, 1e19, "", "a", "abc", "x1", "10.0.0.1"]


def _schema(rng: random.Random, depth: int = 0) -> dict[str, Any]:
    out: dict[str, Any] = {}
    kind = rng.choice(["string", "integer", "number", "boolean", "object", "array", "", "int-or-string"])
    if kind == "int-or-string":
        out["x-kubernetes-int-or-string"] = True
    elif kind:
        out["type"] = kind
    if depth < 3:
        if kind == "object":
            if rng.random() < 0.7:
                out["properties"] = {n: _schema(rng, depth + 1) for n in rng.sample("abcd", rng.randint(0, 3))}
            elif rng.random() < 0.7:
                out["additionalProperties"] = rng.choice([True, False, _schema(rng, depth + 1)])
        if kind == "array":
            out["items"] = _schema(rng, depth + 1)
        for word in ("anyOf", "oneOf", "allOf"):
            if rng.random() < 0.08:
                out[word] = [_schema(rng, depth + 2) for _ in range(rng.randint(1, 3))]
        if rng.random() < 0.05:
            out["not"] = _schema(rng, depth + 2)
    rules: list[tuple[str, list[Any]]] = [
        ("minimum", [0, 1.5, 3]), ("maximum", [2, 2.5, -1]), ("exclusiveMinimum", [True]),
        ("exclusiveMaximum", [True]), ("multipleOf", [2, 3, 0.5]), ("minLength", [1, 2]), ("maxLength", [0, 2]),
        ("pattern", ["^a", "[0-9]"]), ("format", ["ipv4", "date", "no-such", "int32"]),
        ("enum", [["a", "abc"], [1, 2], [1.5, "a", None], [True]]), ("minItems", [1]), ("maxItems", [1, 2]),
        ("uniqueItems", [True]), ("minProperties", [1]), ("maxProperties", [1, 2]),
        ("required", [["a"], ["a", "b"]]), ("nullable", [True]),
    ]  # fmt: skip
    for word, values in rules:
        if rng.random() < 0.12:
            out[word] = rng.choice(values)
    return out


def _value(rng: random.Random, depth: int = 0) -> Any:
    choice = rng.random()
    if depth < 3 and choice < 0.3:
        return {n: _value(rng, depth + 1) for n in rng.sample("abcde", rng.randint(0, 3))}
    if depth < 3 and choice < 0.5:
        return [_value(rng, depth + 1) for _ in range(rng.randint(0, 3))]
    return rng.choice(SCALARS)


def test_checks_agree_with_errors() -> None:
    """The compiled check says no exactly when the walk finds an error."""
    rng = random.Random(17)
    invalid = 0
    for _ in range(4000):
        schema = _schema(rng)
        check = compile_check(schema)
        for _ in range(4):
            value = _value(rng)
            errors = find_errors(schema, value)
            invalid += bool(errors)
            assert (check is None or check(value)) == (not errors), (schema, value, errors)
    assert 1000 < invalid < 15000
