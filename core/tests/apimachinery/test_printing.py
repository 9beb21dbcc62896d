"""Times in cells."""

from __future__ import annotations

import pytest

from kubern.apimachinery.printing import parse_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:10Z", 10),
        ("2026-01-02T03:04:05Z", 1767323045),
        ("2026-01-02T03:04:05.25Z", 1767323045.25),
        ("2026-01-02T05:04:05+02:00", 1767323045),
        ("2016-12-31T23:59:60Z", 1483228800),
    ],
)
def test_rfc_3339_times_are_read(text: str, seconds: float) -> None:
    """With fractions, offsets and leap seconds."""
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["2026-W01-1T03:04:05Z", "2026-01-02 03:04:05Z", "2026-13-02T03:04:05Z", "x" * 20, ""])
def test_what_is_no_time_is_refused(text: str) -> None:
    """Other spellings of ISO 8601 too."""
    with pytest.raises(ValueError):
        parse_time(text)
