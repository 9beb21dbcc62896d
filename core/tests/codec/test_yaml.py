"""YAML as sigs.k8s.io/yaml reads and writes it."""

from typing import Any

import pytest

from kubern.apimachinery.codec.json import SyntaxProblem
from kubern.apimachinery.yaml import dump_yaml, load_yaml


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y", True), ("off", False), ("~", None), ("014", 12), ("0o14", 12), ("09", 9), ("1:30", "1:30"),
        ("1e3", 1000), ("1_000", 1000), ("0b101", 5), ("-0x1f", -31), ("2020-01-01", "2020-01-01"), ("1.", 1),
        ("'y'", "y"), ("!!str 5", "5"), ("18446744073709551616", 18446744073709551616.0), ("e5", "e5"), (".5", 0.5),
    ],
)  # fmt: skip
def test_scalars(text: str, expected: Any) -> None:
    """Plain scalars mean what goyaml v2 takes them for."""
    value, problems = load_yaml(f"a: {text}\n".encode())
    assert value == {"a": expected}
    assert type(value["a"]) is type(expected)
    assert problems == []


def test_keys_become_text() -> None:
    """Keys that are no strings are written as JSON member names."""
    assert load_yaml(b"1: a\ntrue: b\n1.5: c\n")[0] == {"1": "a", "true": "b", "1.5": "c"}


def test_duplicate_keys_are_named_with_their_line() -> None:
    """The last of duplicate keys wins; all are reported."""
    value, problems = load_yaml(b"a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    assert value == {"a": 3, "b": {"c": 2}}
    assert problems == [
        'yaml: unmarshal errors:\n  line 4: key "c" already set in map\n  line 5: key "a" already set in map'
    ]


def test_the_line_of_a_duplicate_is_its_values() -> None:
    """goyaml counts the line on which the second value begins."""
    assert load_yaml(b"a: 1\na:\n  - b\n")[1] == ['yaml: unmarshal errors:\n  line 3: key "a" already set in map']


def test_aliases_are_copies_and_merges_work() -> None:
    """An alias is a value of its own; << merges mappings."""
    value, _ = load_yaml(b"a: &x {k: [1]}\nb: *x\nc: {<<: *x, l: 2}\n")
    value["a"]["k"].append(2)
    assert value["b"] == {"k": [1]}
    assert value["c"] == {"k": [1], "l": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "yaml: line 1: did not find expected node content"),
        ("a: 1\n\tb: 2\n", "yaml: line 2: found a tab character that violates indentation"),
        ("a: *x\n", "yaml: unknown anchor 'x' referenced"),
        ("a: &x [*x]\n", "yaml: anchor 'x' value contains itself"),
        ("a: !!int b\n", "yaml: cannot decode !!str `b` as a !!int"),
        ("[a, 1]: b\n", 'yaml: invalid map key: []interface {}{"a", 1}'),
        ("~: b\n", 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "b"'),
        ("a: .inf\n", "json: unsupported value: +Inf"),
        ("a: .nan\nb: [\n", "yaml: line 2: did not find expected node content"),
    ],
)
def test_errors(text: str, message: str) -> None:
    """Broken documents are refused in goyaml's words."""
    with pytest.raises(SyntaxProblem) as caught:
        load_yaml(text.encode())
    assert str(caught.value) == message


def test_alias_bombs_are_refused() -> None:
    """A document that grows without bounds through aliases is refused before it does."""
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(SyntaxProblem, match="excessive aliasing"):
        load_yaml("\n".join(lines).encode())


def test_depth_is_limited() -> None:
    """Deep nesting is refused instead of exhausting the stack."""
    with pytest.raises(SyntaxProblem, match="depth"):
        load_yaml(b"[" * 5000 + b"]" * 5000)
    nested = "[" * 100 + "%s" + "]" * 100
    chain = "a: &a " + nested % 1 + "\nb: &b " + nested % "*a" + "\nc: " + nested % "*b"
    with pytest.raises(SyntaxProblem, match="depth"):
        load_yaml(chain.encode())


def test_dump() -> None:
    """Keys in goyaml's order, lists not indented, strings quoted only where they would read as something else."""
    value = {
        "a10": 1, "a2": [{"x": "y", "n": None}, []], "Z": {}, "t": "2026-01-01T00:00:00Z", "m": "one\ntwo\n",
        "o": "on", "c": "a: b", "f": 1.5, "long": "word " * 20 + "end",
    }  # fmt: skip
    assert dump_yaml(value).decode() == (
        "Z: {}\na2:\n- \"n\": null\n  x: \"y\"\n- []\na10: 1\nc: 'a: b'\nf: 1.5\n"
        "long: word word word word word word word word word word word word word word word word\n"
        "  word word word word end\nm: |\n  one\n  two\no: \"on\"\nt: \"2026-01-01T00:00:00Z\"\n"
    )  # fmt: skip


def test_numbers_that_no_type_holds() -> None:
    """Long integers are floats, and what is beyond a float is text, as in goyaml."""
    text = "a: " + "1" * 30 + "\nb: 1e999\nc: " + "1" * 5000 + "\nd: 1e308\n"
    assert load_yaml(text.encode())[0] == {"a": float("1" * 30), "b": "1e999", "c": "1" * 5000, "d": 1e308}
