"""Declared types: what rules see of objects with special formats, names and lists."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.cel.errors import CelError
from kubern.cel.escaping import escape, unescape
from kubern.cel.kubernetes import base_env
from kubern.cel.openapi import decl_type
from kubern.cel.runtime.conversion import to_json

STRING = {"type": "string"}
ITEM = {"type": "object", "properties": {"k": STRING, "v": {"type": "integer"}}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "ratio": {"type": "number"},
        "when": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "wait": {"type": "string", "format": "duration"},
        "blob": {"type": "string", "format": "byte"},
        "port": {"x-kubernetes-int-or-string": True},
        "namespace": STRING,
        "with-dash": STRING,
        "set": {"type": "array", "x-kubernetes-list-type": "set", "items": STRING},
        "map": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["k"],
            "items": ITEM,
        },
        "plain": {"type": "array", "items": ITEM},
        "ratios": {"type": "object", "additionalProperties": {"type": "number"}},
        "nested": {"type": "object", "properties": {"a": {"type": "integer"}}},
        "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}
VALUE: dict[str, Any] = {
    "ratio": 1,
    "when": "2020-01-02T03:04:05Z",
    "day": "2020-01-02",
    "wait": "1h30m",
    "blob": "aGVsbG8=",
    "port": "http",
    "namespace": "ns",
    "with-dash": "d",
    "set": ["b", "a"],
    "map": [{"k": "x", "v": 1}, {"k": "y", "v": 2}],
    "plain": [{"k": "x", "v": 1}],
    "ratios": {"r": 2},
    "nested": {"a": 1},
}


def evaluate(rule: str, value: dict[str, Any] = VALUE, old: dict[str, Any] | None = None) -> Any:
    decl = decl_type(SCHEMA, "selfType")
    assert decl is not None
    env = base_env().extend(variables={"self": decl, "oldSelf": decl})
    return env.compile(rule).evaluate({"self": value, "oldSelf": old}).value


@pytest.mark.parametrize(
    "rule",
    [
        "self.ratio / 2.0 == 0.5",
        "self.when.getFullYear() == 2020 && self.when < timestamp('2021-01-01T00:00:00Z')",
        "self.day.getDayOfMonth() == 1",
        "self.wait == duration('90m')",
        "self.blob == b'hello'",
        "type(self.port) == string && self.port == 'http'",
        "self.__namespace__ == 'ns' && self.with__dash__dash == 'd'",
        "self.set == ['a', 'b'] && ['a', 'b'] == self.set",
        "self.set + ['a', 'c'] == ['c', 'a', 'b']",
        "self.map + [self.map[1]] == self.map",
        "self.ratios.all(k, self.ratios[k] > 1.5) && self.ratios.r == 2.0",
        "self.nested.a == 1 && has(self.nested.a) && !has(self.any)",
        "self.plain.map(p, p.v).sum() == 1",
        "self.plain == self.plain && self.nested == self.nested",
        "self.map.exists_one(m, m.k == 'x')",
    ],
)
def test_rules_see_declared_types(rule: str) -> None:
    """Plain JSON values are read as their declared types."""
    assert evaluate(rule) is True


def test_transition_compares_lists_by_their_type() -> None:
    """Sets and keyed lists do not care for order, atomic lists do."""
    old = VALUE | {"set": ["a", "b"], "map": list(reversed(VALUE["map"]))}
    assert evaluate("self.set == oldSelf.set && self.map == oldSelf.map", old=old) is True
    other = VALUE | {"plain": [{"k": "x", "v": 2}]}
    assert evaluate("self.plain == oldSelf.plain", old=other) is False


def test_fields_that_are_not_there() -> None:
    """A missing field of a declared object is an error, and absent for has()."""
    assert evaluate("has(self.ratio)", {}) is False
    assert evaluate("self.?ratio.orValue(3.0)", {}) == 3.0
    with pytest.raises(CelError, match="no such key: ratio"):
        evaluate("self.ratio > 1.0", {})


def test_objects_are_not_copied() -> None:
    """A viewed part of an object is the object's own."""
    assert evaluate("self.nested") is VALUE["nested"]
    assert to_json(evaluate("self.ratios")) is VALUE["ratios"]
    assert to_json(evaluate("self.when")) == "2020-01-02T03:04:05Z"


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("namespace", "__namespace__"),
        ("a-b", "a__dash__b"),
        ("a.b/c", "a__dot__b__slash__c"),
        ("a__b", "a__underscores__b"),
        ("plain_name", "plain_name"),
        ("1x", None),
        ("a b", None),
    ],
)
def test_escaping_of_field_names(name: str, escaped: str | None) -> None:
    """Names are written in expressions as Kubernetes escapes them, or not at all."""
    assert escape(name) == escaped
    if escaped is not None:
        assert unescape(escaped) == name


def test_resource_root_knows_its_name() -> None:
    """apiVersion, kind and the name are declared at the root of a resource, other metadata is not."""
    decl = decl_type({"type": "object"}, "selfType", resource_root=True)
    assert decl is not None
    env = base_env().extend(variables={"self": decl})
    value = {"kind": "K", "metadata": {"name": "n", "labels": {}}}
    assert env.compile("self.kind + self.metadata.name").evaluate({"self": value}).value == "Kn"
    with pytest.raises(Exception, match="undefined field 'labels'"):
        env.compile("self.metadata.labels")
