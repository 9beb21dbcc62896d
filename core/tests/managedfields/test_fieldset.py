"""Field sets: operations agree with those on plain sets of paths; FieldsV1 is read strictly and written in order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubern.apimachinery.managedfields import elements, fieldsv1
from kubern.apimachinery.managedfields.fieldset import (
    difference,
    has,
    intersection,
    iterate,
    leaves,
    of_paths,
    ordered,
    recursive_difference,
    union,
)

Paths = set[tuple[str, ...]]
_ELEMENT = st.sampled_from(["f:a", "f:b", 'k:{"name":"x"}', 'k:{"name":"y"}', 'v:"s"', "v:1", "i:0"])
_PATHS = st.sets(st.lists(_ELEMENT, min_size=1, max_size=4).map(tuple), max_size=8)


def paths(fields: dict[str, Any]) -> Paths:
    return set(iterate(fields))


@given(_PATHS, _PATHS)
def test_operations_are_those_of_sets_of_paths(a: Paths, b: Paths) -> None:
    """Union, intersection and difference go path by path; recursive difference also drops what is below."""
    x, y = of_paths(a), of_paths(b)
    before = (repr(x), repr(y))
    assert paths(x) == a
    assert paths(union(x, y)) == a | b
    assert paths(intersection(x, y)) == a & b
    assert paths(difference(x, y)) == a - b
    assert paths(recursive_difference(x, y)) == {p for p in a if not any(p[:i] in b for i in range(1, len(p) + 1))}
    assert paths(leaves(x)) == {p for p in a if not any(q != p and q[: len(p)] == p for q in a)}
    assert (repr(x), repr(y)) == before


@given(_PATHS, _PATHS)
def test_sets_have_one_form(a: Paths, b: Paths) -> None:
    """Equal sets are equal dicts with their keys in one order however they came about, and empty ones are falsy."""
    x, y = of_paths(a), of_paths(b)
    assert repr(union(x, y)) == repr(of_paths(a | b))
    assert repr(intersection(x, y)) == repr(of_paths(a & b))
    assert repr(difference(x, y)) == repr(of_paths(a - b))
    assert bool(difference(x, y)) == bool(a - b)


@given(_PATHS)
def test_fields_v1_round_trip(a: Paths) -> None:
    """Writing and reading a set gives the same set, and membership is kept."""
    fields = of_paths(a)
    written = ordered(fields)
    assert written == fields
    assert fieldsv1.decode(written) == fields
    assert all(has(fields, path) for path in a)
    assert not has(fields, ("f:none",))


def test_written_order() -> None:
    """`.` first, then fields by name, keys by value, set values (numbers before text), indices."""
    names = ["i:2", 'v:"b"', "v:10", "v:9", 'k:{"port":443}', 'k:{"port":80}', "f:b", "f:a", "."]
    fields: dict[str, Any] = {"f:x": {name: {} for name in names}}
    assert list(ordered(fields)["f:x"]) == [
        ".", "f:a", "f:b", 'k:{"port":80}', 'k:{"port":443}', "v:9", "v:10", 'v:"b"', "i:2",
    ]  # fmt: skip


def test_text_keys_sort_by_value() -> None:
    """A shorter name comes before those that continue it, whatever they continue with."""
    names = ["a b", "a", "a}", "a!", "b"]
    fields: dict[str, Any] = {f'k:{{"name":"{name}"}}': {} for name in names}
    assert list(ordered(fields)) == [f'k:{{"name":"{name}"}}' for name in ["a", "a b", "a!", "a}", "b"]]
    fields = {f'k:{{"name":{elements.to_json(name)}}}': {} for name in [*names, 'a"']}
    assert list(ordered(fields))[:4] == [f'k:{{"name":{elements.to_json(n)}}}' for n in ["a", "a b", "a!", 'a"']]


def test_iteration_goes_level_by_level() -> None:
    """Members of a level come before what is below its children, as conflicts are listed."""
    fields = of_paths([("f:a", "f:x"), ("f:b",), ("f:a", "f:y", "f:z")])
    assert list(iterate(fields)) == [("f:b",), ("f:a", "f:x"), ("f:a", "f:y", "f:z")]


@pytest.mark.parametrize(
    ("raw", "decoded"),
    [
        ({}, {}),
        ({"f:a": None}, {"f:a": {}}),
        ({"f:a": {".": {}}}, {"f:a": {}}),
        ({".": {}, "f:a": {}}, {"f:a": {}}),
        ({"f:a": {"z:future": {}}}, {"f:a": {}}),
        ({'k:{ "b": 1, "a": "x" }': {}}, {'k:{"a":"x","b":1}': {}}),
        ({"v:1.0": {}}, {"v:1": {}}),
        ({'v:"<"': {}}, {'v:"\\u003c"': {}}),
        ({"i:007": {}}, {"i:7": {}}),
    ],
)
def test_reading_brings_sets_to_one_form(raw: Any, decoded: Any) -> None:
    """Key order, spaces and redundant marks do not matter; unknown kinds of elements are dropped."""
    assert fieldsv1.decode(raw) == decoded


@pytest.mark.parametrize("raw", [{"f:a": 1}, {"x": {}}, {"fa": {}}, {"k:[]": {}}, {"k:{": {}}, {"v:": {}}, {"i:x": {}}])
def test_what_is_no_set_is_refused(raw: Any) -> None:
    """Elements that cannot be read are errors."""
    with pytest.raises(ValueError, match=r".+"):
        fieldsv1.decode(raw)


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", '"a"'), ('q"\\', '"q\\"\\\\"'), ("<&>", '"\\u003c\\u0026\\u003e"'), ("\u2028\b", '"\\u2028\\u0008"'),
     ("é", '"é"'), (1, "1"), (1.0, "1"), (1.5, "1.5"), (1e21, "1e+21"), (1e-7, "1e-7"), (True, "true"), (None, "null")],
)  # fmt: skip
def test_values_are_written_as_go_writes_them(value: Any, text: str) -> None:
    """Elements hold JSON in the one form that kube-apiserver stores."""
    assert elements.to_json(value) == text


def test_paths_in_messages() -> None:
    """Paths are shown with keys and values spelt out."""
    path = ("f:spec", 'k:{"port":80,"protocol":"TCP"}', 'v:"s"', "v:true", "i:3", "f:x.y")
    assert elements.show(path) == '.spec[port=80,protocol="TCP"][="s"][=true][3].x.y'
