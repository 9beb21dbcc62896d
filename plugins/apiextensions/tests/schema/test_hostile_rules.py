"""Rules that take too long, in definitions and on objects."""

from __future__ import annotations

import time
from typing import Any

from kubern_apiextensions.api.defaults import set_defaults
from kubern_apiextensions.api.validation.crd import validate_crd
from kubern_apiextensions.schema.rule_evaluation import run_rules
from kubern_apiextensions.schema.rules import compile_rules

SLOW = "self.all(x, 'aaaa'.matches('a{0,' + string(x) + '}b') || true)"


def slow_schema(rules: list[dict[str, Any]]) -> dict[str, Any]:
    items = {"type": "integer"}
    return {"type": "array", "maxItems": 100_000, "items": items, "x-kubernetes-validations": rules}


def test_one_slow_rule_is_the_last() -> None:
    """A rule that is interrupted is reported, and no further rule of the object runs."""
    node = compile_rules(slow_schema([{"rule": SLOW}] * 20), resource_root=False)
    started = time.thread_time()
    run = run_rules(node, [900 - i % 500 for i in range(50_000)], None)
    assert time.thread_time() - started < 5
    assert [str(e) for e in run.errors] == [
        f'<nil>: Invalid value: "array": operation interrupted evaluating rule: {SLOW}'
    ]
    assert run.budget < 0


def test_a_slow_message_is_left_out() -> None:
    """A messageExpression that is interrupted gives way to the message, and no further rule runs."""
    message = SLOW + " ? 'a' : 'b'"
    rules = [{"rule": "size(self) == 0", "message": "no", "messageExpression": message}] * 20
    node = compile_rules(slow_schema(rules), resource_root=False)
    started = time.thread_time()
    run = run_rules(node, [900 - i % 500 for i in range(50_000)], None)
    assert time.thread_time() - started < 5
    assert [e.detail for e in run.errors] == ["no"]


def test_a_definition_with_a_type_that_doubles() -> None:
    """The checker refuses an expression whose type grows beyond reason, with its place in the definition."""
    rule = "[1]" + ".map(x, {x: x})" * 100 + ".size() > 0"
    schema = {"type": "object", "x-kubernetes-validations": [{"rule": rule}]}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": "widgets", "kind": "Widget"}
    spec = {"group": "example.com", "scope": "Cluster", "names": names, "versions": [version]}
    crd = {"metadata": {"name": "widgets.example.com"}, "spec": spec, "status": {"storedVersions": ["v1"]}}
    set_defaults(crd)
    [error] = validate_crd(crd)
    assert error.field == "spec.validation.openAPIV3Schema.x-kubernetes-validations[0].rule"
    assert error.detail == "compilation failed: ERROR: <input>:-1:0: type of expression is too large"
