"""Durations read and print as Go's do."""

from __future__ import annotations

import pytest

from kubern.util.goduration import format_duration, parse_duration

CASES = [
    ("0s", 0),
    ("1ns", 1),
    ("1.5µs", 1_500),
    ("100ms", 100_000_000),
    ("1.5s", 1_500_000_000),
    ("1m0s", 60 * 10**9),
    ("1h0m0s", 3600 * 10**9),
    ("-2h30m0.25s", -(9000 * 10**9 + 250_000_000)),
    ("2562047h47m16.854775807s", (1 << 63) - 1),
]


@pytest.mark.parametrize(("text", "value"), CASES)
def test_both_ways(text: str, value: int) -> None:
    """Canonical texts parse to their value and print as themselves."""
    assert parse_duration(text) == value
    assert format_duration(value) == text


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("+5s", 5 * 10**9), (".5h", 1800 * 10**9), ("1.s", 10**9)])
def test_other_spellings(text: str, value: int) -> None:
    """Unusual but valid spellings are understood."""
    assert parse_duration(text) == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", 'invalid duration ""'),
        ("-", 'invalid duration "-"'),
        ("h", 'invalid duration "h"'),
        ("5", 'missing unit in duration "5"'),
        ("1x", 'unknown unit "x" in duration "1x"'),
        ("1h 2m", 'unknown unit "h " in duration "1h 2m"'),
        ("9223372036854775808ns", 'invalid duration "9223372036854775808ns"'),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """What is no duration is refused in Go's words."""
    with pytest.raises(ValueError) as caught:
        parse_duration(text)
    assert str(caught.value) == f"time: {problem}"
