"""Whether a text names a member twice, and what Go accepts that orjson does not."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubern.apimachinery.codec.json import SyntaxProblem, may_have_duplicates, parse_json

TEXTS = st.text(alphabet='ab":\\ \n', max_size=4)
VALUES = st.recursive(
    st.none() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.tuples(TEXTS, VALUES), max_size=4), st.sampled_from([":", ": ", " :", "  : ", "\n:"]))
def test_no_duplicate_is_overlooked(members: list[tuple[str, object]], colon: str) -> None:
    """Whatever strings and spaces a text holds, a duplicate member is never taken for none."""
    text = "{" + ",".join(json.dumps(k) + colon + json.dumps(v) for k, v in members) + "}"
    if len({k for k, _ in members}) < len(members):
        assert may_have_duplicates(text.encode(), orjson.loads(text))


def test_plain_texts_have_none() -> None:
    """Ordinary bodies are told apart without a second look."""
    body = b'{"a": {"b": "x:y", "c": "say \\"hi\\": now"}, "d": [1, 2]}'
    assert not may_have_duplicates(body, orjson.loads(body))


def test_broken_text_is_repaired() -> None:
    """Bytes that are no UTF-8 and lone surrogates become the replacement character, as in Go."""
    assert parse_json(b'{"a": "x\xffy"}')[0] == {"a": "x\ufffdy"}
    assert parse_json(b'{"a": "\\ud800"}')[0] == {"a": "\ufffd"}


@pytest.mark.parametrize("text", [b"[" * 20_000, b'{"a":' * 20_000, b"[" * 5_000 + b"]" * 5_000])
def test_deep_nesting_is_refused(text: bytes) -> None:
    """Nesting that no object has ends in an error."""
    with pytest.raises(SyntaxProblem, match="exceeded max depth"):
        parse_json(text)
