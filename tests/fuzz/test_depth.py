"""Nesting: what is stored can be read in every representation, what is too deep is refused with 400."""

from __future__ import annotations

import pytest

from kubern.testing.servers import RunningServer

WIDGETS = "/apis/fuzz.example.com/v2/namespaces/fuzz/widgets"
LEVELS = (200, 235, 253, 300, 980, 20000)
READS = ("json", "yaml", "json;as=Table;g=meta.k8s.io;v=v1", "json;as=PartialObjectMetadata{};g=meta.k8s.io;v=v1")


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


@pytest.mark.parametrize("levels", LEVELS)
def test_deep_objects(fuzzed: RunningServer, levels: int) -> None:
    """Whatever way an object gets its depth, no answer is a 5xx, and one that was stored can be read."""
    name = f"deep-{levels}"
    body = b'{"apiVersion":"fuzz.example.com/v2","kind":"Widget","metadata":{"name":"%b"},"spec":{"free":%b}}'
    deep, shallow = body % (name.encode(), nested(levels)), body % (name.encode(), b"{}")
    add = b'[{"op":"add","path":"/spec/free","value":%b}]' % nested(levels)
    grow = b"[" + b",".join([b'{"op":"copy","from":"/spec/free","path":"/spec/free/b"}'] * 11) + b"]"
    patches = {"json-patch+json": add, "merge-patch+json": deep, "apply-patch+yaml": deep}
    for content, sent in (("json", deep), ("yaml", deep), ("json", shallow)):
        created = fuzzed.request("POST", WIDGETS, sent, {"Content-Type": f"application/{content}"})
        assert created.status in (201, 400), created.body
        for content_type, patch in {**patches, "json-patch+json ": grow}.items():
            force = "&force=true" if content_type.startswith("apply") else ""
            target = f"{WIDGETS}/{name}?fieldManager=a{force}"
            answer = fuzzed.request("PATCH", target, patch, {"Content-Type": f"application/{content_type}".strip()})
            assert answer.status in (200, 201, 400, 404, 422), answer.body
            read_all_ways(fuzzed, f"{WIDGETS}/{name}")
        assert fuzzed.request("DELETE", f"{WIDGETS}/{name}").status in (200, 404)


def read_all_ways(server: RunningServer, path: str) -> None:
    for media in READS:
        one = server.request(
            "GET", f"{path}?includeObject=Object", headers={"Accept": f"application/{media.format('')}"}
        )
        assert one.status in (200, 404), one.body
        accept = f"application/{media.format('List')}"
        assert server.request("GET", f"{WIDGETS}?includeObject=Object", headers={"Accept": accept}).status == 200
