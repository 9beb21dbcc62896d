"""Times on the wire: accepted spellings, canonical text, Go's words for errors."""

import pytest

from kubern.apimachinery.time import TimeError, normalise_micro_time, normalise_time

SECONDS = "2006-01-02T15:04:05Z07:00"
MICRO = "2006-01-02T15:04:05.000000Z07:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.9+02:00", "2026-01-02T01:04:05Z"),
        ("2026-01-02T3:04:05Z", "2026-01-02T03:04:05Z"),
        ("2024-02-29T00:00:00-00:30", "2024-02-29T00:30:00Z"),
    ],
)
def test_canonical_time(text: str, expected: str) -> None:
    """Any RFC 3339 time becomes UTC in whole seconds."""
    assert normalise_time(text) == expected


def test_canonical_micro_time() -> None:
    """A micro time keeps six digits of a second."""
    assert normalise_micro_time("2026-01-02T03:04:05.500000+02:00") == "2026-01-02T01:04:05.500000Z"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("yesterday", f'as "{SECONDS}": cannot parse "yesterday" as "2006"'),
        ("2026-01-02", f'as "{SECONDS}": cannot parse "" as "T"'),
        ("2026-01-02T03:04:05", f'as "{SECONDS}": cannot parse "" as "Z07:00"'),
        ("2026-13-02T03:04:05Z", ": month out of range"),
        ("2026-02-30T03:04:05Z", ": day out of range"),
        ("2026-01-02T03:04:05Zx", ': extra text: "x"'),
    ],
)
def test_time_errors(text: str, message: str) -> None:
    """What is no time is refused as Go's time.Parse does."""
    with pytest.raises(TimeError) as caught:
        normalise_time(text)
    glue = "" if message.startswith(":") else " "
    assert str(caught.value) == f'parsing time "{text}"{glue}{message}'


def test_micro_time_needs_its_fraction() -> None:
    """A micro time without exactly six digits is refused where it ends too early or too late."""
    with pytest.raises(TimeError, match=r'cannot parse "Z" as "\.000000"'):
        normalise_micro_time("2026-01-02T03:04:05Z")
    with pytest.raises(TimeError, match=r'cannot parse "1Z" as "Z07:00"'):
        normalise_micro_time("2026-01-02T03:04:05.5000001Z")
