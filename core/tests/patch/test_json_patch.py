"""JSON patch: evanphx/json-patch v4's rules, and what kube-apiserver answers to bad patches."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest

from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.patch.json_patch import apply_json_patch, parse_json_patch


def apply(doc: Any, *operations: Any) -> Any:
    before = copy.deepcopy(doc)
    patch = parse_json_patch(orjson.dumps(operations))
    try:
        return apply_json_patch(doc, patch)
    finally:
        assert doc == before
        assert patch.operations == list(operations)


def op(kind: str, path: str, value: Any = ..., from_: str | None = None) -> dict[str, Any]:
    out: dict[str, Any] = {"op": kind, "path": path}
    if value is not ...:
        out["value"] = value
    if from_ is not None:
        out["from"] = from_
    return out


@pytest.mark.parametrize(
    ("doc", "operation", "result"),
    [
        ({"a": 1}, op("add", "/b", 2), {"a": 1, "b": 2}),
        ({"a": 1}, op("add", "/b"), {"a": 1, "b": None}),
        ({"a": {"x/y": 1, "t~z": 2}}, op("replace", "/a/x~1y", 3), {"a": {"x/y": 3, "t~z": 2}}),
        ({"a": {"x/y": 1, "t~z": 2}}, op("remove", "/a/t~0z"), {"a": {"x/y": 1}}),
        ({"a": {"~1": 1}}, op("remove", "/a/~01"), {"a": {}}),
        ({"a": 1}, op("replace", "/none", 2), {"a": 1, "none": 2}),
        ({"l": [1, 2, 3]}, op("add", "/l/-", 4), {"l": [1, 2, 3, 4]}),
        ({"l": [1, 2, 3]}, op("add", "/l/1", 9), {"l": [1, 9, 2, 3]}),
        ({"l": [1, 2, 3]}, op("add", "/l/-1", 9), {"l": [1, 2, 3, 9]}),
        ({"l": [1, 2, 3]}, op("add", "/l/-4", 9), {"l": [9, 1, 2, 3]}),
        ({"l": [1, 2, 3]}, op("remove", "/l/-1"), {"l": [1, 2]}),
        ({"l": [1, 2, 3]}, op("replace", "/l/01", 9), {"l": [1, 9, 3]}),
        ({"l": [{"a": 1}]}, op("add", "/l/0/b", 2), {"l": [{"a": 1, "b": 2}]}),
        ({"a": 1}, op("replace", "", {"b": 2}), {"b": 2}),
        ({"a": 1}, op("move", "/b", from_="/a"), {"b": 1}),
        ({"a": 1}, op("copy", "/b", from_="/none"), {"a": 1, "b": None}),
        ({"a": 1}, op("test", "/none", None), {"a": 1}),
        ({"a": 1}, op("test", "/none"), {"a": 1}),
        ({"a": None}, op("test", "/a", None), {"a": None}),
        ({"a": {"b": [1, "x"]}}, op("test", "", {"a": {"b": [1, "x"]}}), {"a": {"b": [1, "x"]}}),
        ({"a": 1}, op("add", "x/b", 2), {"a": 1, "b": 2}),
    ],
)
def test_operations(doc: Any, operation: dict[str, Any], result: Any) -> None:
    """Each operation does what the library does, and the original stays as it was."""
    assert apply(doc, operation) == result


def test_later_operations_see_earlier_ones() -> None:
    """Operations are applied in order, each to the outcome of the one before."""
    doc = {"data": {"a": "1", "b": "2"}}
    result = apply(
        doc,
        op("move", "/data/moved", from_="/data/a"),
        op("copy", "/data/copied", from_="/data/b"),
        op("remove", "/data/b"),
        op("add", "/more", {"x": {}}),
        op("add", "/more/x/y", 1),
    )
    assert result == {"data": {"moved": "1", "copied": "2"}, "more": {"x": {"y": 1}}}


def test_a_copied_container_changes_alone() -> None:
    """After a copy the two places are independent of each other."""
    result = apply({"a": {"l": []}}, op("add", "/a/x", 1), op("copy", "/b", from_="/a"), op("add", "/b/l/-", 2))
    assert result == {"a": {"l": [], "x": 1}, "b": {"l": [2], "x": 1}}


@pytest.mark.parametrize(
    "operation",
    [
        op("remove", "/none"),
        op("move", "/b", from_="/none"),
        op("add", "/none/b", 1),
        op("add", "/a/b", 1),
        op("add", "a", 1),
        op("add", "", {}),
        op("replace", "", 1),
        op("replace", "/n/x", 1),
        op("replace", "/l/3", 1),
        op("replace", "/l/-", 1),
        op("add", "/l/4", 1),
        op("add", "/l/x", 1),
        op("add", "/l/-5", 1),
        op("add", "/l/1_0", 1),
        op("remove", "/l/9"),
        op("test", "/a", 2),
        op("test", "/a", True),
        op("test", "/a", 1.0),
        op("test", "/a"),
        op("test", "/none", "x"),
        op("test", "/l/9", None),
        op("test", "", {"a": 1}),
        op("swap", "/a", 1),
        {"path": "/a"},
        {"op": "add", "value": 1},
        {"op": "copy", "path": "/a"},
        None,
    ],
)
def test_what_does_not_apply_is_unprocessable(operation: Any) -> None:
    """A patch that does not fit is answered with 422 and no detail."""
    with pytest.raises(StatusError) as caught:
        apply({"a": 1, "l": [1, 2, 3], "n": None}, operation)
    assert caught.value.status() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "the server rejected our request due to an error in our request",
        "reason": "Invalid",
        "details": {},
        "code": 422,
    }


@pytest.mark.parametrize(
    ("body", "strict", "message"),
    [
        (b'[{"op": "add"', True, "error decoding patch: unexpected end of JSON input"),
        (b'[{"op": "add"', False, "unexpected end of JSON input"),
        (
            b'{"op": "add"}',
            True,
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
        ),
        (b"{}", False, "json: cannot unmarshal object into Go value of type jsonpatch.Patch"),
        (
            b"[1]",
            True,
            "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp",
        ),
        (
            b'[{"op": 1}]',
            True,
            "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string",
        ),
    ],
)
def test_bodies_that_are_no_patch(body: bytes, strict: bool, message: str) -> None:
    """A body that is no list of operations is a bad request, worded as kube-apiserver does."""
    with pytest.raises(StatusError) as caught:
        parse_json_patch(body, strict)
    assert (caught.value.code, caught.value.reason, caught.value.message) == (400, "BadRequest", message)


def test_too_many_operations() -> None:
    """More than 10,000 operations are too large an entity."""
    body = orjson.dumps([op("test", "/a", 1)] * 10_001)
    with pytest.raises(StatusError) as caught:
        parse_json_patch(body)
    assert caught.value.code == 413
    assert caught.value.message == (
        "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001"
    )
    assert len(parse_json_patch(orjson.dumps([op("test", "/a", 1)] * 10_000)).operations) == 10_000


def test_copies_are_limited() -> None:
    """Copy operations may not add more than 3 MiB."""
    doc = {"a": "x" * 1_000_000}
    copies = [op("copy", f"/b{i}", from_="/a") for i in range(4)]
    assert len(apply(doc, *copies[:3])) == 4
    with pytest.raises(StatusError):
        apply(doc, *copies)


def test_an_empty_patch_changes_nothing() -> None:
    """No operations, or null, give back the very same object."""
    doc = {"a": 1}
    assert apply_json_patch(doc, parse_json_patch(b"[]")) is doc
    assert apply_json_patch(doc, parse_json_patch(b"null")) is doc


def test_strict_errors() -> None:
    """Unknown and repeated members of operations are reported for field validation, unless it is off."""
    body = b'[{"op": "test", "path": "/a", "path": "/b", "colour": "red"}]'
    assert parse_json_patch(body).strict_errors == [
        'json patch duplicate field "[0].path"',
        'json patch unknown field "[0].colour"',
    ]
    assert parse_json_patch(body, strict=False).strict_errors == []


_OUT_OF_RANGE = "Unable to access invalid index: 9: invalid index referenced"
_NOT_A_NUMBER = 'strconv.Atoi: parsing "x": invalid syntax'


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        (op("add", "/no/b", 1), 'add operation does not apply: doc is missing path: "/no/b": missing value'),
        (op("add", "/l/9", 1), f"error in add for path: '/l/9': {_OUT_OF_RANGE}"),
        (
            op("add", "/l/x", 1),
            f"error in add for path: '/l/x': value was not a proper array index: 'x': {_NOT_A_NUMBER}",
        ),
        (op("remove", "/l/9/a"), 'remove operation does not apply: doc is missing path: "/l/9/a": missing value'),
        (op("remove", "/b"), "error in remove for path: '/b': Unable to remove nonexistent key: b: missing value"),
        (op("remove", "/l/x"), f"error in remove for path: '/l/x': {_NOT_A_NUMBER}"),
        (op("replace", "/no/b", 1), "replace operation does not apply: doc is missing path: /no/b: missing value"),
        (op("replace", "/l/9", 1), "replace operation does not apply: doc is missing key: /l/9: missing value"),
        (
            op("move", "/b", from_="/no/a"),
            "move operation does not apply: doc is missing from path: /no/a: missing value",
        ),
        (
            op("move", "/b", from_="/m/a"),
            "error in move for path: 'a': Unable to remove nonexistent key: a: missing value",
        ),
        (
            op("move", "/no/b", from_="/a"),
            "move operation does not apply: doc is missing destination path: /no/b: missing value",
        ),
        (op("move", "/b"), "move operation failed to decode from: operation, missing from field: missing value"),
        (op("copy", "/b", from_="/l/9"), f"error in copy for from: '/l/9': {_OUT_OF_RANGE}"),
        (op("copy", "/l/9", from_="/a"), f"error while adding value during copy: {_OUT_OF_RANGE}"),
        (op("test", "/no/b", 1), "test operation does not apply: is missing path: /no/b: missing value"),
        (op("test", "/a", 2), "testing value /a failed: test failed"),
        ({"op": "add"}, "add operation failed to decode path: missing value"),
        ({"op": "test"}, "test operation failed to decode path: operation missing path field: missing value"),
        ({"op": "spin", "path": "/a"}, "Unexpected kind: spin"),
        ({"path": "/a"}, "Unexpected kind: unknown"),
    ],
)
def test_why_it_does_not_apply(operation: dict[str, Any], text: str) -> None:
    """What admission shows of a patch that does not apply are the library's words."""
    with pytest.raises(StatusError) as caught:
        apply({"a": 1, "l": [1], "m": {}}, operation)
    assert str(caught.value.__context__) == text
