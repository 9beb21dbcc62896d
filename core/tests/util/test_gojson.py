"""JSON decoding with Go's error texts."""

from __future__ import annotations

import json

import pytest

from kubern.util import gojson


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "unexpected end of JSON input"),
        (b'[{"op": "add"', "unexpected end of JSON input"),
        (b'{"spec": ', "unexpected end of JSON input"),
        (b"{", "unexpected end of JSON input"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b'{"a":1 "b":2}', "invalid character '\"' after object key:value pair"),
        (b"[1 2]", "invalid character '2' after array element"),
        (b"{a: 1}", "invalid character 'a' looking for beginning of object key string"),
        (b'{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        (b"hello", "invalid character 'h' looking for beginning of value"),
        (b"'x'", r"invalid character '\'' looking for beginning of value"),
        (b"trux", "invalid character 'x' in literal true (expecting 'e')"),
        (b'"a\nb"', "invalid character '\\n' in string literal"),
        (b'"\\x"', "invalid character 'x' in string escape code"),
        (b'"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"),
        (b"-x", "invalid character 'x' in numeric literal"),
        (b"1.x", "invalid character 'x' after decimal point in numeric literal"),
        (b"1ex", "invalid character 'x' in exponent of numeric literal"),
        (b"01", "invalid character '1' after top-level value"),
        (b"{} x", "invalid character 'x' after top-level value"),
        (b"[" * 10001, "exceeded max depth"),
    ],
)
def test_syntax_errors_read_as_in_go(body: bytes, message: str) -> None:
    """What is wrong with a body is said in encoding/json's words."""
    with pytest.raises(gojson.JSONSyntaxError) as caught:
        gojson.decode(body)
    assert str(caught.value) == message


def test_broken_text_is_replaced_as_go_does() -> None:
    """Bytes that are no UTF-8 and lone surrogates become U+FFFD."""
    assert gojson.decode(b'{"a": "\xff"}') == {"a": "�"}
    assert gojson.decode(b'{"a": "\\ud800"}') == {"a": "�"}


def test_what_no_number_holds_is_refused() -> None:
    """A number beyond float64 ends in an error, wherever it is; a large one is what orjson makes of it."""
    for literal in ("1e999", "-1e999", "1" + "0" * 400, "1" * 5000):
        message = f"json: cannot unmarshal number {literal} into Go value of type float64"
        with pytest.raises(gojson.JSONSyntaxError, match=message):
            gojson.decode(b'{"a": [' + literal.encode() + b"]}")
    numbers = b"[18446744073709551615, 18446744073709551616, -9223372036854775808, 100000000000000000000, 1.5]"
    assert gojson.decode(numbers[:-1] + b', "\xff"]')[:-1] == gojson.decode(numbers)


@pytest.mark.parametrize("body", [b"[" * 5000 + b"]" * 5000, b'{"a":' * 5000 + b"1" + b"}" * 5000])
def test_deep_nesting_is_an_error_too(body: bytes) -> None:
    """What Go would still read but nobody can store."""
    with pytest.raises(gojson.JSONSyntaxError, match="exceeded max depth"):
        gojson.decode(body)
    assert gojson.duplicate_fields(body) == []


def test_deep_json_decodes() -> None:
    """Nesting beyond orjson's limit is read, up to the interpreter's."""
    assert gojson.decode(b'{"a":' * 3 + b"1" + b"}" * 3) == {"a": {"a": {"a": 1}}}


def test_duplicate_fields_are_named_by_path() -> None:
    """Keys given twice are found at any depth, each named once."""
    body = b'{"a": 1, "a": 2, "m": {"l": {"x": 1, "x": 2, "x": 3}}, "s": [{"k": 1}, {"k": 1, "k": 2}]}'
    assert gojson.duplicate_fields(body) == ["a", "m.l.x", "s[1].k"]
    assert gojson.duplicate_fields(json.dumps({"a": [{}]}).encode()) == []
    assert gojson.duplicate_fields(b'{"a": "\xff", "a": ' + b"1" * 5000 + b"}") == ["a"]


def test_encode() -> None:
    """Texts are written as encoding/json writes them, HTML's characters escaped."""
    value = {"message": "failed expression: a < b && c > d", "line": "\u2028", "plain": "é"}
    text = r'{"message":"failed expression: a \u003c b \u0026\u0026 c \u003e d","line":"\u2028","plain":"é"}'
    assert gojson.encode(value) == text
