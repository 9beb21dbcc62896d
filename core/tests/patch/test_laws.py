"""Laws of patches on random documents."""

from __future__ import annotations

import copy
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.patch.json_patch import apply_json_patch, parse_json_patch
from kubern.apimachinery.patch.merge_patch import merge

_SCALAR = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "a", "b"]))
_KEY = st.sampled_from(["a", "b", "x/y", "t~"])
_VALUE = st.recursive(
    _SCALAR,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEY, inner, max_size=3)),
    max_leaves=8,
)
_DOCUMENT = st.dictionaries(_KEY, _VALUE, max_size=4)
_POINTER = st.lists(st.sampled_from(["a", "b", "x~1y", "t~0", "0", "1", "-1", "-"]), min_size=0, max_size=3).map(
    lambda parts: "".join("/" + part for part in parts)
)
_OPERATION = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]), "path": _POINTER, "from": _POINTER},
    optional={"value": _VALUE},
)


@given(_DOCUMENT, st.lists(_OPERATION, max_size=6))
def test_json_patch_never_changes_its_input(doc: Any, operations: list[Any]) -> None:
    """Applied or not, a patch leaves the document and itself as they were, and applies twice alike."""
    patch = parse_json_patch(orjson.dumps(operations))
    before = copy.deepcopy((doc, patch))
    outcomes = []
    for _ in range(2):
        try:
            outcomes.append(apply_json_patch(doc, patch))
        except StatusError as error:
            assert error.code == 422
            outcomes.append(error.status())
        assert (doc, patch) == before
    assert outcomes[0] == outcomes[1]


_PATCH = st.dictionaries(
    _KEY,
    st.recursive(
        st.one_of(_SCALAR, st.lists(_SCALAR, max_size=3)),
        lambda inner: st.dictionaries(_KEY, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)
"""Objects in lists keep their nulls where they replace an object, so that merging again would drop them."""


@given(_DOCUMENT, _PATCH)
def test_merging_twice_is_merging_once(doc: Any, patch: Any) -> None:
    """A merge patch is idempotent, and changes neither side."""
    before = copy.deepcopy((doc, patch))
    once = merge(doc, patch)
    assert merge(once, patch) == once
    assert (doc, patch) == before


@given(_DOCUMENT)
def test_neutral_patches(doc: Any) -> None:
    """The empty patch changes nothing; merging into nothing gives the patch without its nulls."""
    assert merge(doc, {}) == doc
    assert merge({}, merge({}, doc)) == merge({}, doc)
