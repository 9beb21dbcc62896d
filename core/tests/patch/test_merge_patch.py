"""JSON merge patch: RFC 7386 with the library's handling of nulls, and the answers to bad bodies."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.patch.merge_patch import apply_merge_patch, merge, parse_merge_patch


@pytest.mark.parametrize(
    ("doc", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b"}, {"none": None}, {"a": "b"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"a": "foo"}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({}, {"a": [{"b": None}, None]}, {"a": [{}, None]}),
        ({"a": {}}, {"a": [{"b": None}]}, {"a": [{"b": None}]}),
        ({"a": None}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": 1}, [1, {"b": None}], [1, {"b": None}]),
    ],
)
def test_merging(doc: Any, patch: Any, result: Any) -> None:
    """Objects merge, null removes, everything else replaces; neither side is changed."""
    before = copy.deepcopy((doc, patch))
    assert merge(doc, patch) == result
    assert (doc, patch) == before


def test_what_a_patch_does_not_touch_is_shared() -> None:
    """Untouched parts of the outcome are the original's own."""
    doc = {"metadata": {"labels": {"a": "1"}}, "spec": {"x": {}}}
    patched = apply_merge_patch(doc, parse_merge_patch(b'{"metadata": {"labels": {"b": "2"}}}'))
    assert patched["metadata"]["labels"] == {"a": "1", "b": "2"}
    assert patched["spec"] is doc["spec"]


@pytest.mark.parametrize(
    ("body", "strict", "message"),
    [
        (
            b"[1, 2]",
            True,
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        (b"null", True, "Invalid JSON Patch"),
        (b"", True, "error decoding patch: unexpected end of JSON input"),
        (b'{"spec": ', True, "error decoding patch: unexpected end of JSON input"),
        (b'{"spec": ', False, "Invalid JSON Patch"),
        (b"null", False, "Invalid JSON Patch"),
        (b'"x"', False, "Invalid JSON Patch"),
    ],
)
def test_bodies_that_are_no_patch(body: bytes, strict: bool, message: str) -> None:
    """A body that is no object is a bad request, worded as kube-apiserver does."""
    with pytest.raises(StatusError) as caught:
        parse_merge_patch(body, strict)
    assert (caught.value.code, caught.value.reason, caught.value.message) == (400, "BadRequest", message)


def test_a_list_replaces_everything_when_not_validated() -> None:
    """With field validation off a list passes as a patch and becomes the document."""
    assert apply_merge_patch({"a": 1}, parse_merge_patch(b"[1]", strict=False)) == [1]


def test_duplicate_fields_are_reported() -> None:
    """Keys given twice are strict errors; the last one counts."""
    patch = parse_merge_patch(b'{"data": {"k": "1", "k": "2"}}')
    assert patch.patch == {"data": {"k": "2"}}
    assert patch.strict_errors == ['duplicate field "data.k"']
