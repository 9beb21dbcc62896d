"""Texts of the command line become values as pflag's do."""

from __future__ import annotations

import typing

import pytest

from kubern.options import values
from kubern.options.values import FlagType, PortRange, SNICertKey


def kind(annotation: object) -> FlagType:
    return next(extra for extra in typing.get_args(annotation) if isinstance(extra, FlagType))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1m30s", 90), ("2h", 7200), ("1.5s", 1.5), ("300ms", 0.3), ("0", 0), ("-1m", -60), ("1h0m0s", 3600)],
)
def test_durations_read_as_go_writes_them(text: str, seconds: float) -> None:
    """A duration text gives its seconds."""
    assert kind(values.Duration).parse(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "1", "s", "1x", "1m 30s", "-", "."])
def test_other_texts_are_no_durations(text: str) -> None:
    """Numbers without unit and unknown units are refused."""
    with pytest.raises(ValueError, match="duration"):
        kind(values.Duration).parse(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(60, "1m0s"), (3600, "1h0m0s"), (0, "0s"), (0.25, "250ms"), (1.5, "1.5s"), (90, "1m30s"), (-60, "-1m0s")],
)
def test_durations_print_as_go_prints_them(seconds: float, text: str) -> None:
    """Defaults in help look like kube-apiserver's."""
    assert kind(values.Duration).format(seconds) == text


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (values.Strings, "a,b", ("a", "b")),
        (values.Strings, '"a,b",c', ("a,b", "c")),
        (values.StringArray, "a,b", ("a,b",)),
        (values.IP, "2001:db8:0::1", "2001:db8::1"),
        (values.Ports, "30000-32767", PortRange(30000, 32767)),
        (values.Ports, "80+10", PortRange(80, 90)),
        (values.Ports, "80", PortRange(80, 80)),
        (values.SNICertKeys, "c,k:a,b", (SNICertKey("c", "k", ("a", "b")),)),
        (values.Bytes, "4Ki", 4096),
        (values.Int32Slice, "23,29", (23, 29)),
    ],
)
def test_values_parse(annotation: object, text: str, value: object) -> None:
    """Each type of flag reads its own notation."""
    assert kind(annotation).parse(text) == value


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (values.IP, "x"),
        (values.Ports, "9-1"),
        (values.Ports, "1-99999"),
        (values.SNICertKeys, "only-cert"),
        (values.SNICertKeys, "c,k:a,,b"),
        (values.StringToString, "a"),
        (values.Bytes, "many"),
    ],
)
def test_wrong_values_say_what_would_be_accepted(annotation: object, text: str) -> None:
    """A refused value's message starts with `must be`."""
    with pytest.raises(ValueError, match=r"^must be"):
        kind(annotation).parse(text)


def test_maps_join_and_forgive_missing_values() -> None:
    """--runtime-config takes keys without a value, and repeated flags add to the map."""
    flag = kind(values.MapStringString)
    assert flag.join is not None
    joined = flag.join(flag.parse("a=1,b"), flag.parse("c=3,a=2"))
    assert dict(joined) == {"a": "2", "b": "", "c": "3"}
