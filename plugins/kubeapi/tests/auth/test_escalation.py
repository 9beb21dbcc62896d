"""Writes of roles and bindings by users who hold less: refusals in kube-apiserver's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, running_server

Object = dict[str, Any]
GROUP = "rbac.authorization.k8s.io"
API = f"/apis/{GROUP}/v1"
NS = f"{API}/namespaces/default"
RBAC = {"apiGroups": [GROUP], "resources": ["*"], "verbs": ["create", "update", "patch", "get", "delete"]}
MAPS = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
SECRETS = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}
ANN = {"Impersonate-User": "ann"}
MERGE = {"Content-Type": "application/merge-patch+json"}
LACKS = 'user "ann" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n'
LACKS_SECRETS = LACKS + '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}'
LACKS_ALL = LACKS + '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}'


def _ref(name: str, kind: str = "Role") -> Object:
    return {"apiGroup": GROUP, "kind": kind, "name": name}


def _binding(name: str, ref: Object, *subjects: Object) -> Object:
    return {"metadata": {"name": name}, "roleRef": ref, "subjects": list(subjects)}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    ann: Object = {"kind": "User", "name": "ann"}
    everybody: Object = {"kind": "Group", "name": "system:authenticated"}
    with running_server("--authorization-mode=RBAC", "--disable-plugins=aggregator,apiextensions") as running:
        for path, obj in (
            (f"{API}/clusterroles", {"metadata": {"name": "rbac"}, "rules": [RBAC, MAPS]}),
            (f"{API}/clusterrolebindings", _binding("rbac", _ref("rbac", "ClusterRole"), everybody, ann)),
            (f"{NS}/roles", {"metadata": {"name": "secrets"}, "rules": [SECRETS]}),
            (f"{NS}/rolebindings", _binding("secrets", _ref("secrets"))),
        ):
            assert running.request("POST", path, obj).status == 201
        yield running


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("POST", f"{NS}/roles", {"metadata": {"name": "m"}, "rules": [MAPS]}, 201, None),
        ("POST", f"{NS}/roles", {"metadata": {"generateName": "g"}, "rules": [SECRETS]}, 403, LACKS_SECRETS),
        ("PUT", f"{NS}/roles/m", {"metadata": {"name": "m"}, "rules": [SECRETS]}, 403, LACKS_SECRETS),
        ("PUT", f"{NS}/roles/new", {"metadata": {"name": "new"}, "rules": [SECRETS]}, 403, LACKS_SECRETS),
        ("PATCH", f"{NS}/roles/secrets", {"metadata": {"labels": {"a": "b"}}}, 403, LACKS_SECRETS),
        ("PATCH", f"{NS}/roles/secrets", {"metadata": {"finalizers": ["example.com/x"]}}, 200, None),
        ("PUT", f"{NS}/roles/secrets", {"metadata": {"name": "secrets"}, "rules": [SECRETS]}, 403, LACKS_SECRETS),
        ("PATCH", f"{NS}/roles/secrets", {"metadata": {"finalizers": None}}, 200, None),
        ("POST", f"{NS}/rolebindings", _binding("b", _ref("secrets")), 403, LACKS_SECRETS),
        ("PATCH", f"{NS}/rolebindings/secrets", {"subjects": [{"kind": "User", "name": "ann"}]}, 403, LACKS_SECRETS),
        ("POST", f"{NS}/rolebindings", _binding("b", _ref("lost")), 404, f'rolebindings.{GROUP} "lost" not found'),
        ("POST", f"{NS}/rolebindings", _binding("b", _ref("")), 400, "Name parameter required."),
        (
            "POST",
            f"{NS}/rolebindings",
            _binding("b", _ref("a/b")),
            400,
            "Name parameter invalid: \"a/b\": may not contain '/'",
        ),
        (
            "POST",
            f"{NS}/rolebindings",
            _binding("b", _ref("a", "ConfigMap")),
            500,
            'unsupported role reference kind: "ConfigMap"',
        ),
        ("POST", f"{API}/clusterrolebindings", _binding("b", _ref("secrets")), 400, "Namespace parameter required."),
        (
            "POST",
            f"{API}/clusterroles",
            {"metadata": {"name": "a"}, "aggregationRule": {"clusterRoleSelectors": [{}]}},
            403,
            "must have cluster-admin privileges to use the aggregationRule",
        ),
        (
            "POST",
            f"{API}/clusterroles",
            {"metadata": {"name": "a"}, "aggregationRule": {"clusterRoleSelectors": []}},
            422,
            None,
        ),
        (
            "POST",
            f"{API}/clusterrolebindings",
            _binding("b", _ref("cluster-admin", "ClusterRole")),
            403,
            LACKS_ALL,
        ),
    ],
)
def test_writes(server: RunningServer, method: str, path: str, body: Object, status: int, message: str | None) -> None:
    """What the writer lacks, compacted and sorted; or what is wrong with the role that a binding names."""
    headers = {**ANN, **(MERGE if method == "PATCH" else {})}
    answer = server.request(method, path, body, headers=headers)
    assert answer.status == status
    if message is not None:
        assert answer.json()["message"].split(" is forbidden: ")[-1] == message


def test_roles_that_are_missing_are_told(server: RunningServer) -> None:
    """Named by the resource of the request; the authorizer itself names their kind."""
    for name in ("gone-a", "gone-b"):
        binding = _binding(name, _ref(name), {"kind": "User", "name": "ann"})
        assert server.request("POST", f"{NS}/rolebindings", binding).status == 201
    role = {"metadata": {"name": "s"}, "rules": [SECRETS]}
    message = server.request("POST", f"{NS}/roles", role, headers=ANN).json()["message"]
    problems = [f'roles.{GROUP} "gone-{x}" not found' for x in "ab"]
    assert message == f'roles.{GROUP} "s" is forbidden: {LACKS_SECRETS}; resolution errors: [[{", ".join(problems)}]]'
    message = server.request("GET", "/api/v1/namespaces/default/secrets/x", headers=ANN).json()["message"]
    problems = [f'role.{GROUP} "gone-{x}" not found' for x in "ab"]
    assert message.endswith(f'in the namespace "default": RBAC: [{", ".join(problems)}]')


def test_a_binding_counts_once_by_its_first_subject(server: RunningServer) -> None:
    """Whoever is named in a binding by name and by group gets its rules once."""
    review = {"spec": {"namespace": "default"}}
    rules = server.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", review, headers=ANN)
    assert [r["resources"] for r in rules.json()["status"]["resourceRules"]].count(["configmaps"]) == 1
    asked = {"spec": {"resourceAttributes": {"namespace": "default", "resource": "configmaps", "verb": "get"}}}
    answer = server.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", asked, headers=ANN)
    assert answer.json()["status"]["reason"] == (
        'RBAC: allowed by ClusterRoleBinding "rbac" of ClusterRole "rbac" to Group "system:authenticated"'
    )
