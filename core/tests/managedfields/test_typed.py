"""Typed walks: validation texts, sets of configurations, comparison, merging and removal by kind of list and map."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.apimachinery.managedfields.compare import compare
from kubern.apimachinery.managedfields.errors import TypedError
from kubern.apimachinery.managedfields.fieldset import of_paths
from kubern.apimachinery.managedfields.merge import merge
from kubern.apimachinery.managedfields.remove import extract, remove
from kubern.apimachinery.managedfields.schemachange import ensure_named_fields_are_members, reconcile_with_schema
from kubern.apimachinery.managedfields.toset import to_field_set
from kubern.apimachinery.managedfields.types import Type, Types
from kubern.apimachinery.managedfields.validate import validate

_STRING = {"type": "string"}
_PORT = {
    "type": "object",
    "properties": {
        "port": {"type": "integer"},
        "proto": {"type": "string", "default": "TCP"},
        "name": _STRING,
        "tags": {"type": "array", "items": _STRING, "x-kubernetes-list-type": "set"},
    },
}
_SCHEMA = {
    "type": "object",
    "properties": {
        "name": _STRING,
        "n": {"type": "integer"},
        "on": {"type": "boolean"},
        "either": {"format": "int-or-string"},
        "labels": {"type": "object", "additionalProperties": _STRING},
        "selector": {"type": "object", "additionalProperties": _STRING, "x-kubernetes-map-type": "atomic"},
        "box": {"type": "object", "properties": {"a": _STRING, "b": _STRING}},
        "plain": {"type": "array", "items": _STRING},
        "set": {"type": "array", "items": _STRING, "x-kubernetes-list-type": "set"},
        "ports": {
            "type": "array",
            "items": _PORT,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["port", "proto"],
        },
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}


@pytest.fixture(scope="module")
def type_() -> Type:
    return Types().compile(_SCHEMA, False)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"colour": 1}, ".colour: field not declared in schema"),
        ({"name": 5}, ".name: expected string, got &value.valueUnstructured{Value:5}"),
        ({"name": 1234567}, ".name: expected string, got &value.valueUnstructured{Value:1.234567e+06}"),
        ({"on": [3000000]}, ".on: expected boolean, got &{[3e+06]}"),
        ({"name": ["a"]}, '.name: expected string, got &value.valueUnstructured{Value:[]interface {}{"a"}}'),
        ({"n": "x"}, ".n: expected numeric (int or float), got string"),
        ({"n": True}, ".n: expected numeric (int or float), got bool"),
        ({"on": "yes"}, ".on: expected boolean, got &{yes}"),
        ({"labels": "none"}, ".labels: expected map, got &{none}"),
        ({"labels": {"a": {"b": 1}}}, ".labels.a: expected string, got &value.valueUnstructured{Value:map[string]interface {}{\"b\":1}}"),
        ({"set": {"a": 1}}, ".set: expected list, got &{map[a:1]}"),
        ({"plain": ["a", 1]}, ".plain[1]: expected string, got &value.valueUnstructured{Value:1}"),
        ({"set": ["a", "b", "a"]}, '.set: duplicate entries for key [="a"]'),
        ({"set": [["a"]]}, ".set: element 0: not supported: associative list with lists as elements"),
        ({"set": [{}]}, ".set: element 0: associative list without keys has an element that's a map type"),
        ({"set": ["a", None]}, ".set: element 1: associative list without keys has an element that's an explicit null"),
        ({"ports": [{"port": 1}, {"port": 1, "proto": "TCP"}]}, '.ports: duplicate entries for key [port=1,proto="TCP"]'),
        ({"ports": [None]}, ".ports: element 0: associative list with keys may not have a null element"),
        ({"ports": ["x"]}, ".ports: element 0: associative list with keys may not have non-map elements"),
        ({"ports": [{"port": 1, "name": 2}]}, '.ports[port=1,proto="TCP"].name: expected string, got &value.valueUnstructured{Value:2}'),
        ({"name": 1, "n": "x"}, "errors:\n  .name: expected string, got &value.valueUnstructured{Value:1}\n  .n: expected numeric (int or float), got string"),
    ],
)  # fmt: skip
def test_validation(type_: Type, value: Any, message: str) -> None:
    """What does not fit is said in structured-merge-diff's words."""
    with pytest.raises(TypedError) as caught:
        validate(type_, value)
    assert str(caught.value) == message


def test_items_without_any_key() -> None:
    """An item must have at least one of its keys, given or by default."""
    keyed = {"type": "array", "items": {"type": "object", "properties": {"a": _STRING, "b": _STRING}},
             "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["b", "a"]}  # fmt: skip
    type_ = Types().compile({"type": "object", "properties": {"l": keyed}}, False)
    validate(type_, {"l": [{"a": "1"}, {"b": "1"}]})
    with pytest.raises(TypedError) as caught:
        validate(type_, {"l": [{"a": "1"}, {}]})
    assert str(caught.value) == (
        '.l: element 1: associative list with keys has an element that omits all key fields ["b" "a"] '
        "(and doesn't have default values for any key fields)"
    )


def test_valid_values(type_: Type) -> None:
    """Nulls fit everywhere; repeated items only where they are allowed."""
    validate(
        type_, {"name": None, "labels": None, "ports": None, "set": [], "free": {"a": [1, {"b": None}]}, "either": 5}
    )
    validate(type_, {"set": ["a", "a"]}, allow_duplicates=True)


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ({"name": "a", "n": None}, {"f:name": {}, "f:n": {}}),
        ({"labels": {"a": "1"}}, {"f:labels": {"f:a": {}}}),
        ({"labels": {}}, {"f:labels": {}}),
        ({"labels": None}, {"f:labels": {}}),
        ({"selector": {"a": "1"}}, {"f:selector": {}}),
        ({"box": {"a": "1"}}, {"f:box": {"f:a": {}}}),
        ({"plain": ["a"]}, {"f:plain": {}}),
        ({"set": ["a", "b"]}, {"f:set": {'v:"a"': {}, 'v:"b"': {}}}),
        ({"set": []}, {}),
        ({"set": ["a", "a"]}, {"f:set": {'v:"a"': {}}}),
        (
            {"ports": [{"port": 1, "name": "x", "tags": ["t"]}]},
            {"f:ports": {'k:{"port":1,"proto":"TCP"}': {".": {}, "f:port": {}, "f:name": {}, "f:tags": {'v:"t"': {}}}}},
        ),
        ({"free": {"a": {"b": [1]}, "c": {}}}, {"f:free": {"f:a": {".": {}, "f:b": {}}, "f:c": {}}}),
    ],
)
def test_sets_of_configurations(type_: Type, value: Any, fields: Any) -> None:
    """A configuration owns its leaves and list items, not the structs around them."""
    assert to_field_set(type_, value) == fields


@pytest.mark.parametrize(
    ("old", "new", "changed", "removed"),
    [
        ({"name": "a"}, {"name": "a"}, {}, {}),
        ({"name": "a"}, {"name": "b"}, {"f:name": {}}, {}),
        ({}, {"box": {"a": "1"}}, {"f:box": {".": {}, "f:a": {}}}, {}),
        ({"box": {}}, {"box": {"a": "1"}}, {"f:box": {"f:a": {}}}, {}),
        ({"box": None}, {"box": {"a": "1"}}, {"f:box": {"f:a": {}}}, {}),
        ({"box": None}, {"box": {}}, {"f:box": {}}, {}),
        ({"box": {"a": "1"}}, {}, {}, {"f:box": {".": {}, "f:a": {}}}),
        ({"selector": {"a": "1"}}, {"selector": {"b": "1"}}, {"f:selector": {}}, {}),
        ({"plain": ["a"]}, {"plain": ["a", "b"]}, {"f:plain": {}}, {}),
        ({"set": ["a", "b"]}, {"set": ["b", "c"]}, {"f:set": {'v:"c"': {}}}, {"f:set": {'v:"a"': {}}}),
        ({"set": ["a", "b"]}, {"set": ["b", "a"]}, {}, {}),
        ({"set": ["a", "a"]}, {"set": ["a"]}, {"f:set": {'v:"a"': {}}}, {"f:set": {'v:"a"': {}}}),
        ({"set": ["a"]}, {"set": ["a", "a"]}, {"f:set": {'v:"a"': {}}}, {"f:set": {'v:"a"': {}}}),
        ({"set": ["a", "a"]}, {"set": ["a", "a"]}, {}, {}),
        (
            {"ports": [{"port": 1, "name": "x"}]},
            {"ports": [{"port": 2}, {"port": 1, "name": "y", "proto": "TCP"}]},
            {"f:ports": {'k:{"port":2,"proto":"TCP"}': {".": {}, "f:port": {}},
                         'k:{"port":1,"proto":"TCP"}': {"f:name": {}, "f:proto": {}}}},
            {},
        ),
        ({"n": 1}, {"n": 1.0}, {}, {}),
        ({"free": {"a": True}}, {"free": {"a": 1}}, {"f:free": {"f:a": {}}}, {}),
        ({"free": {"a": [True]}}, {"free": {"a": [1]}}, {"f:free": {"f:a": {}}}, {}),
        ({"free": {"a": {"b": 1}}}, {"free": {"a": "x"}}, {"f:free": {"f:a": {}}}, {"f:free": {"f:a": {"f:b": {}}}}),
        ({"free": {"a": "x"}}, {"free": {"a": {"b": 1}}}, {"f:free": {"f:a": {".": {}, "f:b": {}}}}, {}),
    ],
)  # fmt: skip
def test_comparison(type_: Type, old: Any, new: Any, changed: Any, removed: Any) -> None:
    """Values that differ are changed; what appears is owned with all that is below it."""
    assert compare(type_, old, new) == (changed, removed)


@pytest.mark.parametrize(
    ("live", "config", "merged"),
    [
        ({"name": "a", "n": 1}, {"name": "b"}, {"name": "b", "n": 1}),
        ({"labels": {"a": "1"}}, {"labels": {"b": "2"}}, {"labels": {"a": "1", "b": "2"}}),
        ({"labels": {"a": "1"}}, {"labels": None}, {"labels": {"a": "1"}}),
        ({"selector": {"a": "1"}}, {"selector": {"b": "2"}}, {"selector": {"b": "2"}}),
        ({"plain": ["a", "b"]}, {"plain": ["c"]}, {"plain": ["c"]}),
        ({"set": ["a", "b", "c"]}, {"set": ["d", "b"]}, {"set": ["a", "d", "b", "c"]}),
        ({"set": ["a", "b"]}, {"set": ["b", "a"]}, {"set": ["b", "a"]}),
        ({"set": ["a", "a", "b"]}, {"set": ["a"]}, {"set": ["a", "b"]}),
        ({"set": ["a"]}, {"set": []}, {"set": ["a"]}),
        ({"set": ["x", "y", "z"]}, {"set": ["z", "n", "x"]}, {"set": ["y", "z", "n", "x"]}),
        (
            {"ports": [{"port": 1, "name": "x"}, {"port": 2}]},
            {"ports": [{"port": 2, "name": "y"}, {"port": 3}]},
            {"ports": [{"port": 1, "name": "x"}, {"port": 2, "name": "y"}, {"port": 3}]},
        ),
        ({"free": {"a": {"b": 1}}}, {"free": {"a": {"c": 2}}}, {"free": {"a": {"b": 1, "c": 2}}}),
        ({"free": {"a": [1]}}, {"free": {"a": {"c": 2}}}, {"free": {"a": {"c": 2}}}),
    ],
)
def test_merging(type_: Type, live: Any, config: Any, merged: Any) -> None:
    """The configuration wins leaf by leaf; lists interleave in the configuration's order."""
    before = repr((live, config))
    assert merge(type_, live, config) == merged
    assert repr((live, config)) == before


def test_removal_and_extraction(type_: Type) -> None:
    """Listed fields go, or alone stay; a map that is emptied from within is null."""
    value = {"name": "a", "labels": {"a": "1"}, "set": ["a", "b"], "ports": [{"port": 1, "name": "x"}, {"port": 2}]}
    fields = of_paths(
        [("f:name",), ("f:labels", "f:a"), ("f:set", 'v:"b"'), ("f:ports", 'k:{"port":1,"proto":"TCP"}', "f:name")]
    )
    assert remove(type_, value, fields) == {"labels": None, "set": ["a"], "ports": [{"port": 1}, {"port": 2}]}
    assert extract(type_, value, fields) == {"name": "a", "labels": {"a": "1"}, "set": ["b"], "ports": [{"name": "x"}]}


def test_named_fields(type_: Type) -> None:
    """Declared fields on the way become members, map keys do not."""
    fields = of_paths([("f:box", "f:a"), ("f:free", "f:x", "f:y")])
    assert ensure_named_fields_are_members(type_, fields) == {
        "f:box": {".": {}, "f:a": {}},
        "f:free": {".": {}, "f:x": {"f:y": {}}},
    }


def test_sets_follow_the_schema(type_: Type) -> None:
    """Paths into what has become atomic turn into the path of the whole; the rest is the very same set."""
    fields = of_paths([("f:selector", "f:a"), ("f:plain", 'v:"x"'), ("f:labels", "f:l"), ("f:gone", "f:x")])
    assert reconcile_with_schema(type_, fields) == {
        "f:selector": {}, "f:plain": {}, "f:labels": {"f:l": {}}, "f:gone": {"f:x": {}},
    }  # fmt: skip
    current = of_paths([("f:selector",), ("f:labels", "f:l"), ("f:free", "f:a", "f:b")])
    assert reconcile_with_schema(type_, current) is current
