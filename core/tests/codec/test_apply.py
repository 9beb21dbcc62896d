"""Bodies of server-side apply."""

from __future__ import annotations

import pytest

from kubern.apimachinery.codec.apply import decode_apply_patch


@pytest.mark.parametrize("body", [b'{"x": %s, "l": [%s], "s": "%s"}', b"x: %s\nl: [%s]\ns: '%s'\n"])
def test_integers_are_as_exact_as_floats(body: bytes) -> None:
    """Upstream decodes numbers of a configuration as floats: beyond 2**53 they are rounded, texts are not."""
    number = b"9007199254740993"
    value, errors = decode_apply_patch(body % (number, b"-" + number, number))
    assert value == {"x": 9007199254740992, "l": [-9007199254740992], "s": number.decode()}
    assert isinstance(value["x"], int)
    assert errors == []


def test_numbers_that_floats_hold_stay() -> None:
    """2**53 and everything nearer to zero."""
    assert decode_apply_patch(b'{"a": 9007199254740992, "b": 3}')[0] == {"a": 2**53, "b": 3}
