"""Quantities: canonical text, comparison and arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubern.apimachinery.quantity import FORMAT_WRONG, SUFFIX_WRONG, Quantity, QuantityError, canonical


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.5", "500m"),
        ("1024Mi", "1Gi"),
        ("1e3", "1e3"),
        ("2000m", "2"),
        ("1.5Gi", "1536Mi"),
        ("0.1Ki", "102400m"),
        ("1.500", "1.500"),
        ("+1", "+1"),
        ("100E", "100E"),
        ("0Mi", "0"),
        (".", "0"),
        ("8Ei", "9223372036854775807"),
        ("123456789012345678901", "123456789012345678901"),
        ("0.9n", "1n"),
        ("-0.5", "-500m"),
        ("12e-10", "2e-9"),
        ("1023Ki", "1023Ki"),
        ("1000000", "1M"),
        ("1e1000000", "10e999999"),
    ],
)
def test_canonical_text(text: str, expected: str) -> None:
    """A quantity is shown with the largest suffix that needs no fraction, or as written when that is canonical."""
    assert canonical(text) == expected


@pytest.mark.parametrize(
    ("text", "message"), [("1 core", FORMAT_WRONG), ("", FORMAT_WRONG), ("1.2.3", FORMAT_WRONG), ("1eMi", SUFFIX_WRONG)]
)
def test_errors(text: str, message: str) -> None:
    """What is no quantity is refused in upstream's words."""
    with pytest.raises(QuantityError) as caught:
        Quantity.parse(text)
    assert str(caught.value) == message


def test_comparison_ignores_spelling() -> None:
    """Quantities compare by value."""
    assert Quantity.parse("1Gi") == Quantity.parse("1024Mi") == Quantity.parse("1073741824")
    assert Quantity.parse("1m") < Quantity.parse("0.01") < Quantity.parse("1e1000000")
    assert hash(Quantity.parse("1000m")) == hash(Quantity.parse("1"))


def test_sum_keeps_the_first_format() -> None:
    """A sum is written in the format of the first summand, or of the second when the first is zero."""
    assert str(Quantity.parse("1Gi") + Quantity.parse("512Mi")) == "1536Mi"
    assert str(Quantity.parse("100m") + Quantity.parse("1")) == "1100m"
    assert str(Quantity.parse("0") + Quantity.parse("1Ki")) == "1Ki"
    assert str(Quantity.parse("1") - Quantity.parse("1")) == "0"


def test_rounding_is_away_from_zero() -> None:
    """Scaled values and round_up never shrink a request."""
    assert Quantity.parse("100u").milli_value() == 1
    assert Quantity.parse("-1.5").value() == -2
    assert str(Quantity.parse("0.0001").round_up(-3)) == "1m"


def test_hostile_sizes_end_quickly() -> None:
    """Huge numbers and exponents are refused or bounded."""
    with pytest.raises(QuantityError):
        Quantity.parse("9" * 100_000)
    assert Quantity.parse("1e2000000000") + Quantity.parse("1") == Quantity.parse("1e2000000000")


@given(
    st.integers(-(10**20), 10**20), st.sampled_from(["", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-3"])
)
def test_canonical_text_is_stable(number: int, suffix: str) -> None:
    """The canonical text parses to the same value and format, and is its own canonical text."""
    quantity = Quantity.parse(f"{number}{suffix}")
    again = Quantity.parse(str(quantity))
    assert again == quantity
    assert str(again) == str(quantity)
