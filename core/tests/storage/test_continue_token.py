"""Continue tokens are upstream's, bit for bit, and so are the refusals of bad ones."""

from __future__ import annotations

import base64

import pytest

from kubern.storage.cacher.continue_token import decode_continue, encode_continue
from kubern.storage.errors import InvalidContinue

BASE = "/registry/configmaps/ns"


def token(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_encoding_of_the_real_server() -> None:
    """A token made by kube-apiserver 1.36 for the same place is equal."""
    made = encode_continue(BASE + "/a2\0", BASE, 4663)
    assert made == "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NDY2Mywic3RhcnQiOiIvYTJcdTAwMDAifQ"
    assert decode_continue(made, BASE) == (BASE + "/a2\0", 4663)


def test_start_without_slash() -> None:
    """The slash in front may be missing, as in tokens of older servers."""
    assert decode_continue(token('{"v":"meta.k8s.io/v1","rv":-1,"start":"a"}'), BASE) == (BASE + "/a", -1)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("garbage", r"invalid character '\u0081' looking for beginning of value"),
        ("a", "illegal base64 data at input byte 0"),
        ("ab$d", "illegal base64 data at input byte 2"),
        ("e30", "server does not recognize this encoded version "),
        ("bnVsbA", "server does not recognize this encoded version "),
        (token("[" * 9000), "exceeded max depth"),
        (token("{"), "unexpected end of JSON input"),
        (token("{x"), "invalid character 'x' looking for beginning of object key string"),
        (token("[]"), "json: cannot unmarshal array into Go value of type storage.continueToken"),
        (
            token('{"v":1}'),
            "json: cannot unmarshal number into Go struct field continueToken.v of type string",
        ),
        (
            token('{"v":"meta.k8s.io/v1","rv":"1"}'),
            "json: cannot unmarshal string into Go struct field continueToken.rv of type int64",
        ),
        (token('{"v":"x/v2","rv":1,"start":"/a"}'), "server does not recognize this encoded version x/v2"),
        (
            token('{"v":"meta.k8s.io/v1","rv":0,"start":"/a"}'),
            "incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
        ),
        (token('{"v":"meta.k8s.io/v1","rv":1}'), "encoded start key empty (version meta.k8s.io/v1)"),
        (token('{"v":"meta.k8s.io/v1","rv":1,"start":"/../x"}'), "/../x"),
        (token('{"v":"meta.k8s.io/v1","rv":1,"start":"a//b"}'), "a//b"),
        (token('{"v":"meta.k8s.io/v1","rv":1,"start":"a/"}'), "a/"),
    ],
)
def test_bad_tokens(bad: str, message: str) -> None:
    """Each kind of damage has its message."""
    with pytest.raises(InvalidContinue) as caught:
        decode_continue(bad, BASE)
    assert str(caught.value) == "continue key is not valid: " + message
