"""OpenAPI documents of the built-in groups against documents recorded from kube-apiserver, texts aside."""

import functools
import json
import lzma
import pathlib
from typing import Any

import orjson
import pytest

from kubern.apimachinery.protobuf.wire import fields
from kubern.endpoints.openapi.documents import Part, parts_of
from kubern.endpoints.openapi.service import OpenAPIService
from kubern_kubeapi.groups.all import API_GROUPS

DATA = pathlib.Path(__file__).parent / "data" / "openapi.json.xz"
ISSUER_PATHS = ("/.well-known/openid-configuration", "/openid/v1/jwks")
ELSEWHERE = ("apis/apiregistration.k8s.io", "apis/apiextensions.k8s.io")


@functools.cache
def recorded() -> dict[str, Any]:
    return dict(json.loads(lzma.decompress(DATA.read_bytes())))


def find_parts() -> dict[str, Part]:
    return parts_of(API_GROUPS, ISSUER_PATHS)


def without_texts(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: without_texts(v) for k, v in node.items() if not (k == "description" and isinstance(v, str))}
    return [without_texts(item) for item in node] if isinstance(node, list) else node


@pytest.fixture(scope="module")
def service() -> OpenAPIService:
    return OpenAPIService(find_parts)


def test_index_names_all_parts(service: OpenAPIService) -> None:
    """The index has an entry with a hash for every document that the built-in groups have upstream."""
    paths = orjson.loads(service.index())["paths"]
    want = {path for path in recorded() if path != "v2" and not path.startswith(ELSEWHERE)}
    assert set(paths) == want
    assert paths["api/v1"]["serverRelativeURL"].startswith("/openapi/v3/api/v1?hash=")


@pytest.mark.parametrize("path", sorted(find_parts()))
def test_v3_document(service: OpenAPIService, path: str) -> None:
    """A part's document is the recorded one."""
    assert without_texts(orjson.loads(service.v3(path))) == recorded()[path]


def test_v2_document(service: OpenAPIService) -> None:
    """The v2 document holds the recorded paths, definitions and parameters of the built-in groups."""
    document = without_texts(orjson.loads(service.v2()[0]))
    want = recorded()["v2"]
    for path in [p for p in want["paths"] if p.strip("/").startswith(ELSEWHERE)]:
        del want["paths"][path]
    for name in [n for n in want["definitions"] if n.startswith(("io.k8s.apiext", "io.k8s.kube-agg"))]:
        del want["definitions"][name]
    assert document == want


def test_a_change_forgets_its_own_group_only(service: OpenAPIService) -> None:
    """After a change of one group, other parts are the same bytes and are not made again."""
    apps, batch = service.v3("apis/apps/v1"), service.v3("apis/batch/v1")
    service.invalidate("apps")
    assert service.v3("apis/batch/v1") is batch
    assert service.v3("apis/apps/v1") is not apps


def messages(data: bytes, number: int) -> list[bytes]:
    """The values of a length-delimited field."""
    return [value for found, _, value in fields(data) if found == number and isinstance(value, bytes)]


def named(data: bytes, number: int = 1) -> dict[str, bytes]:
    """A map written as (name, value) pairs."""
    return {messages(pair, 1)[0].decode(): messages(pair, 2)[0] for pair in messages(data, number)}


def test_v2_protobuf(service: OpenAPIService) -> None:
    """The protobuf form of the v2 document holds the same paths and definitions."""
    document = orjson.loads(service.v2()[0])
    data = service.v2_protobuf()[0]
    assert messages(data, 1) == [b"2.0"]
    paths = named(messages(data, 8)[0], 2)
    definitions = named(messages(data, 9)[0])
    assert set(paths) == set(document["paths"])
    assert set(definitions) == set(document["definitions"])
    pod = definitions["io.k8s.api.core.v1.Pod"]
    spec = named(messages(pod, 25)[0])["spec"]
    assert messages(spec, 1) == [b"#/definitions/io.k8s.api.core.v1.PodSpec"]
    kinds = {messages(e, 1)[0]: messages(messages(e, 2)[0], 2)[0] for e in messages(pod, 31)}
    assert kinds == {b"x-kubernetes-group-version-kind": b'- group: ""\n  kind: Pod\n  version: v1\n'}
    read = messages(paths["/api/v1/namespaces/{namespace}/pods/{name}"], 2)[0]
    assert messages(read, 5) == [b"readCoreV1NamespacedPod"]
