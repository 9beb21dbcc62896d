"""RequestInfo: what paths and methods mean."""

from __future__ import annotations

import pytest

from kubern.endpoints.request_info import request_info


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", "/api/v1/namespaces/a/pods", {}, ("list", "", "v1", "a", "pods", "", "")),
        ("GET", "/api/v1/namespaces/a/pods", {"watch": ["1"]}, ("watch", "", "v1", "a", "pods", "", "")),
        ("GET", "/api/v1/namespaces/a/pods", {"watch": ["false"]}, ("list", "", "v1", "a", "pods", "", "")),
        ("GET", "/api/v1/namespaces/a/pods/p", {}, ("get", "", "v1", "a", "pods", "", "p")),
        ("DELETE", "/api/v1/namespaces/a/pods", {}, ("deletecollection", "", "v1", "a", "pods", "", "")),
        ("PUT", "/api/v1/namespaces/a/pods/p/status", {}, ("update", "", "v1", "a", "pods", "status", "p")),
        ("GET", "/api/v1/namespaces/a", {}, ("get", "", "v1", "a", "namespaces", "", "a")),
        ("PUT", "/api/v1/namespaces/a/finalize", {}, ("update", "", "v1", "a", "namespaces", "finalize", "a")),
        ("GET", "/api/v1/namespaces", {}, ("list", "", "v1", "", "namespaces", "", "")),
        ("POST", "/apis/apps/v1/namespaces/a/deployments", {}, ("create", "apps", "v1", "a", "deployments", "", "")),
        ("GET", "/api/v1/watch/namespaces/a/pods/p", {}, ("watch", "", "v1", "a", "pods", "", "p")),
        (
            "GET",
            "/api/v1/pods",
            {"fieldSelector": ["spec.nodeName=n,metadata.name=x"]},
            ("list", "", "v1", "", "pods", "", "x"),
        ),
    ],
)
def test_resource_requests(method: str, path: str, query: dict[str, list[str]], expected: tuple[str, ...]) -> None:
    """Group, version, namespace, resource, subresource and name come from the path, the verb from all of it."""
    info = request_info(method, path, query)
    assert info.is_resource_request
    found = (info.verb, info.api_group, info.api_version, info.namespace, info.resource, info.subresource, info.name)
    assert found == expected


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/version"]
)
def test_other_paths_are_no_resource_requests(path: str) -> None:
    """Discovery documents and everything else keep the method as their verb."""
    info = request_info("GET", path, {})
    assert not info.is_resource_request
    assert info.verb == "get"
    assert info.path == path
