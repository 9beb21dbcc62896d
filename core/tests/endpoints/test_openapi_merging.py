"""Definitions of several servers in one OpenAPI v2 document."""

from __future__ import annotations

from kubern.endpoints.openapi.documents import Fragment
from kubern.endpoints.openapi.merging import merged

THING = b'{"type":"object"}'
PATHS = b'"/a":{"get":{"schema":{"$ref":"#/definitions/a.Thing"}}}'


def test_definitions_that_differ_get_another_name() -> None:
    """Own names stay; each server's references follow its own definitions."""
    own = Fragment(b"", {"a.Thing": THING})
    second = Fragment(PATHS, {"a.Thing": b'{"type":"string"}'})
    third = Fragment(PATHS, {"a.Thing": b'{"type":"integer"}', "a.User": b'{"$ref":"#/definitions/a.Thing"}'})
    found = merged([own], [second, third])
    assert found[0] == Fragment(PATHS.replace(b"a.Thing", b"a.Thing_v2"), {"a.Thing_v2": b'{"type":"string"}'})
    assert found[1].definitions == {
        "a.Thing_v3": b'{"type":"integer"}',
        "a.User": b'{"$ref":"#/definitions/a.Thing_v3"}',
    }


def test_definitions_that_say_the_same_are_shared() -> None:
    """Other kinds and another order of keys make no difference; two servers share a renamed one."""
    kinds = b'{"x-kubernetes-group-version-kind":[{"kind":"A"}],"description":"d","type":"object"}'
    own = Fragment(b"", {"a.Thing": b'{"type":"object","description":"d"}'})
    same, other = Fragment(b"", {"a.Thing": kinds}), Fragment(b"", {"a.Thing": THING})
    assert merged([own], [same, other, other])[0] == same
    assert [list(one.definitions) for one in merged([own], [other, other])] == [["a.Thing_v2"], ["a.Thing_v2"]]
