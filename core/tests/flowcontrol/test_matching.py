"""Which requests a schema is about."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.flowcontrol.configuration import FlowSchema
from kubern.flowcontrol.matching import compile_schema
from kubern.request import RequestInfo, User

PODS = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "namespaces": ["a"]}
ANYBODY = User("u", groups=("g",))
EVERY_PATH = {"verbs": ["*"], "nonResourceURLs": ["*"]}


def resource(verb: str = "get", *, subresource: str = "", namespace: str = "a", group: str = "") -> RequestInfo:
    return RequestInfo(
        "/x", verb, True, "api", group, "v1", namespace=namespace, resource="pods", subresource=subresource
    )


def matches(rule: dict[str, Any], info: RequestInfo, user: User = ANYBODY) -> bool:
    rule = {"subjects": [{"kind": "User", "user": {"name": "*"}}], **rule}
    return compile_schema(FlowSchema("s", "", "l", 1, "", (rule,)))(user, info)


@pytest.mark.parametrize(
    ("kind", "details", "yes", "no"),
    [
        ("User", {"user": {"name": "u"}}, User("u"), User("v")),
        ("User", {"user": {"name": "*"}}, User("anybody"), None),
        ("Group", {"group": {"name": "g"}}, User("u", groups=("f", "g")), User("g", groups=("f",))),
        ("Group", {"group": {"name": "*"}}, User("nobody"), None),
        (
            "ServiceAccount",
            {"serviceAccount": {"namespace": "n", "name": "s"}},
            User("system:serviceaccount:n:s"),
            User("system:serviceaccount:n:t"),
        ),
        (
            "ServiceAccount",
            {"serviceAccount": {"namespace": "n", "name": "*"}},
            User("system:serviceaccount:n:t"),
            User("system:serviceaccount:nn:t"),
        ),
        ("User", {}, None, User("u")),
    ],
)
def test_subjects(kind: str, details: dict[str, Any], yes: User | None, no: User | None) -> None:
    """Users, groups and service accounts, by name or all of them."""
    rule = {"subjects": [{"kind": kind, **details}], "nonResourceRules": [EVERY_PATH]}
    if yes is not None:
        assert matches(rule, RequestInfo("/", "get"), yes)
    if no is not None:
        assert not matches(rule, RequestInfo("/", "get"), no)


def test_resources() -> None:
    """Verb, group, resource with subresource, and namespace or cluster scope must all fit."""
    assert matches({"resourceRules": [PODS]}, resource())
    for other in (resource("list"), resource(subresource="log"), resource(namespace="b"), resource(group="apps")):
        assert not matches({"resourceRules": [PODS]}, other)
    assert matches({"resourceRules": [{**PODS, "resources": ["pods/log"]}]}, resource(subresource="log"))
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}
    assert matches({"resourceRules": [everything]}, resource("list", subresource="log", namespace="z"))
    assert not matches({"resourceRules": [everything]}, resource(namespace=""))
    assert matches({"resourceRules": [{**everything, "clusterScope": True}]}, resource(namespace=""))
    assert not matches({"nonResourceRules": [EVERY_PATH]}, resource())


@pytest.mark.parametrize(
    ("url", "path", "expected"),
    [
        ("*", "/any", True),
        ("/healthz", "/healthz", True),
        ("/healthz", "/healthz/etcd", True),
        ("/healthz", "/healthzz", False),
        ("/debug/*", "/debug/pprof", True),
        ("/debug/*", "/debug", False),
    ],
)
def test_paths(url: str, path: str, expected: bool) -> None:
    """A path stands for itself and what is below it."""
    rule = {"nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": [url]}]}
    assert matches(rule, RequestInfo(path, "get")) is expected
    assert not matches(rule, RequestInfo(path, "put"))
