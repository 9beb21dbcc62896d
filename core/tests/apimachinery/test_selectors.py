"""Label and field selectors: what they match and how they refuse."""

from __future__ import annotations

import pytest

from kubern.apimachinery.selectors import SelectorError, parse_field_selector, parse_label_selector

LABELS = {"env": "prod", "tier": "front", "n": "5", "empty": ""}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("env=prod", True),
        ("env==prod", True),
        ("env=dev", False),
        ("env!=dev", True),
        ("env!=prod", False),
        ("other!=x", True),
        ("env in (dev, prod)", True),
        ("env notin (dev,prod)", False),
        ("other notin (x)", True),
        ("env", True),
        ("other", False),
        ("!env", False),
        ("!other", True),
        ("n>4", True),
        ("n<5", False),
        ("env>4", False),
        ("env=prod,tier=front", True),
        ("env=prod,tier=back", False),
        ("empty=", True),
        ("empty in ()", True),
        ("env in (,prod)", True),
        ("in in (in)", False),
    ],
)
def test_label_selectors(text: str, matches: bool) -> None:
    """Every operator, alone and joined."""
    assert parse_label_selector(text).matches(LABELS) is matches


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("env in (prod", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("env,", "found '', expected: identifier after ','"),
        ("env===x", "unable to parse requirement: found '=', expected: identifier"),
        ("n>x", "for 'Gt', 'Lt' operators, the value must be an integer"),
        ("-bad=x", 'unable to parse requirement: <nil>: Invalid value: "-bad": name part must consist of'),
    ],
)
def test_bad_label_selectors(text: str, message: str) -> None:
    """The message is upstream's parser's."""
    with pytest.raises(SelectorError, match=None) as caught:
        parse_label_selector(text)
    assert message in str(caught.value)


def test_field_selectors() -> None:
    """Terms are joined by commas; a backslash takes a special character's meaning away."""
    fields = {"metadata.name": "a,b", "status.phase": "Running"}
    assert parse_field_selector("metadata.name=a\\,b,status.phase!=Failed").matches(fields)
    assert not parse_field_selector("metadata.name==a").matches(fields)
    assert parse_field_selector("metadata.name=x").exact("metadata.name") == "x"


@pytest.mark.parametrize("text", ["metadata.name", "metadata.name=a\\b", "metadata.name=a=b"])
def test_bad_field_selectors(text: str) -> None:
    """A term without an operator or with a bad escape does not parse."""
    with pytest.raises(SelectorError):
        parse_field_selector(text)


def test_numbers_in_selectors_and_labels_are_gos() -> None:
    """Digits alone: what Python would take for a number as well compares with nothing."""
    above = parse_label_selector("n>5")
    assert above.matches({"n": "6"})
    assert not above.matches({"n": "1_0"})
    assert not above.matches({"n": "9223372036854775808"})
    with pytest.raises(SelectorError, match="the value must be an integer"):
        parse_label_selector("n>1_0")


def test_problems_of_values_are_counted_in_sorted_order() -> None:
    """The values are a set, as upstream's."""
    with pytest.raises(SelectorError, match=r'values\[0\]\[k\]: Invalid value: "-a"'):
        parse_label_selector("k in (b,-a)")
