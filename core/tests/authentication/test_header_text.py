"""Users in headers."""

from __future__ import annotations

import pytest

from kubern.authentication.header_text import extra_key, header_text


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        (b"scopes", "scopes"),
        (b"acme.example%2fteam", "acme.example/team"),
        (b"a+b", "a+b"),
        (b"%c3%bc", "ü"),
        (b"100%", "100%"),
        (b"a%2", "a%2"),
        (b"a%zz%41", "a%zz%41"),
        (b"", ""),
    ],
)
def test_extra_keys(encoded: bytes, key: str) -> None:
    """Percent-encoding is undone, all of it or none."""
    assert extra_key(encoded) == key


def test_values_are_utf8() -> None:
    """Not what HTTP once said."""
    assert header_text("jürgen".encode()) == "jürgen"
