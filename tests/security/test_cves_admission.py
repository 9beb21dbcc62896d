"""Published vulnerabilities of kube-apiserver in what writes are admitted; docs/security.md has the table of all."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import ADMIN_TOKEN, RunningServer, running_server
from kubern.testing.waiting import eventually
from kubern.testing.webhooks import WebhookServer, webhook_server
from kubern.util.certificates import new_ca, new_certificate

Object = dict[str, Any]
NODE_TOKEN = "node-token"
MERGE = {"Content-Type": "application/merge-patch+json"}
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}
_NAMES = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The plugins that the fixes are in, a node's token, and an image policy that refuses everything."""
    directory = tmp_path_factory.mktemp("admission")
    (directory / "users.csv").write_text(
        f"{ADMIN_TOKEN},admin,admin,system:masters\n{NODE_TOKEN},system:node:n1,n1,system:nodes\n"
    )
    with running_server(
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction,DenyServiceExternalIPs",
        f"--token-auth-file={directory}/users.csv",
        "--controllers=namespace",
    ) as running:
        yield running


@pytest.fixture
def namespace(server: RunningServer) -> str:
    """A namespace with the service account `bound`, which may mount the secret `own` only."""
    name = f"cve-{next(_NAMES)}"
    assert server.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}}).status == 201
    account = {
        "metadata": {"name": "bound", "annotations": {"kubernetes.io/enforce-mountable-secrets": "true"}},
        "secrets": [{"name": "own"}],
        "automountServiceAccountToken": False,
    }
    assert server.request("POST", f"/api/v1/namespaces/{name}/serviceaccounts", account).status == 201
    return name


def _pod(name: str, **spec: Any) -> Object:
    container = {"name": "c", "image": "i", **spec.pop("container", {})}
    return {"metadata": {"name": name}, "spec": {"serviceAccountName": "bound", "containers": [container], **spec}}


def test_cve_2020_8554_external_ips(server: RunningServer, namespace: str) -> None:
    """CVE-2020-8554: with DenyServiceExternalIPs nobody takes over addresses of others."""
    service: Any = {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}], "externalIPs": ["198.51.100.1"]}}
    path = f"/api/v1/namespaces/{namespace}/services"
    assert server.request("POST", path, service).status == 403
    del service["spec"]["externalIPs"]
    assert server.request("POST", path, service).status == 201
    patch = {"spec": {"externalIPs": ["198.51.100.1"]}}
    assert server.request("PATCH", f"{path}/s", patch, MERGE).status == 403


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "::1", "fe80::1"])
def test_cve_2021_25737_addresses_of_endpoints(server: RunningServer, namespace: str, address: str) -> None:
    """CVE-2021-25737: neither endpoints nor slices lead to addresses of a node itself or of its links."""
    family = "IPv6" if ":" in address else "IPv4"
    endpoint_slice = {
        "metadata": {"name": "s"}, "addressType": family, "endpoints": [{"addresses": [address]}], "ports": [],
    }  # fmt: skip
    path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
    assert server.request("POST", path, endpoint_slice).status == 422
    endpoints = {
        "metadata": {"name": "s"}, "subsets": [{"addresses": [{"ip": address}], "ports": [{"port": 80}]}],
    }  # fmt: skip
    assert server.request("POST", f"/api/v1/namespaces/{namespace}/endpoints", endpoints).status == 422


def test_cve_2021_25740_edit_writes_no_endpoints(server: RunningServer) -> None:
    """CVE-2021-25740: the roles for users of a namespace do not write endpoints."""
    roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
    for role in ("system:aggregate-to-edit", "system:aggregate-to-admin"):
        for rule in server.request("GET", f"{roles}/{role}").json()["rules"]:
            if {"endpoints", "endpointslices"} & set(rule["resources"]):
                assert set(rule["verbs"]) <= {"get", "list", "watch"}


@pytest.mark.parametrize(
    ("container", "use"),
    [
        ({"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "other", "key": "k"}}}]}, "envVar A"),
        ({"envFrom": [{"secretRef": {"name": "other"}}]}, "envFrom"),
    ],
)
def test_cve_2023_2728_and_2024_3177_mountable_secrets(
    server: RunningServer, namespace: str, container: Object, use: str
) -> None:
    """CVE-2023-2728, CVE-2024-3177: secrets that an account may not mount are in no variable of any container."""
    path = f"/api/v1/namespaces/{namespace}/pods"
    end = (
        f'{use} referencing secret.secretName="other" is not allowed because service account bound does not '
        "reference that secret"
    )
    answer = server.request("POST", path, _pod("a", container=container))
    assert answer.json()["message"] == f'pods "a" is forbidden: container c with {end}'
    init = [{"name": "i", "image": "i", **container}]
    answer = server.request("POST", path, _pod("a", initContainers=init))
    assert answer.json()["message"] == f'pods "a" is forbidden: init container i with {end}'
    assert server.request("POST", path, _pod("a")).status == 201
    patch = {"spec": {"ephemeralContainers": [{"name": "e", "image": "i", **container}]}}
    answer = server.request("PATCH", f"{path}/a/ephemeralcontainers", patch, STRATEGIC)
    assert answer.json()["message"] == f'pods "a" is forbidden: ephemeral container e with {end}'


def _node(server: RunningServer) -> str:
    answer = server.request("POST", "/api/v1/nodes", {"metadata": {"name": "n1"}}, token=NODE_TOKEN)
    assert answer.status in (201, 409)
    return str(server.request("GET", "/api/v1/nodes/n1").json()["metadata"]["uid"])


def test_cve_2025_5187_nodes_do_not_delete_themselves(server: RunningServer) -> None:
    """CVE-2025-5187: a node cannot make itself depend on something that is gone, and come back with other labels."""
    _node(server)
    reference = {"apiVersion": "v1", "kind": "Pod", "name": "gone", "uid": "1"}
    patch = {"metadata": {"ownerReferences": [reference]}}
    answer = server.request("PATCH", "/api/v1/nodes/n1", patch, MERGE, token=NODE_TOKEN)
    assert answer.status == 403
    assert answer.json()["message"] == 'nodes "n1" is forbidden: node "n1" is not allowed to modify ownerReferences'
    assert server.request("DELETE", "/api/v1/nodes/n1", token=NODE_TOKEN).status == 403


def test_cve_2025_4563_mirror_pods_have_no_claims(server: RunningServer, namespace: str) -> None:
    """CVE-2025-4563: a node gets no access to resource claims through mirror pods, nor through their status."""
    uid = _node(server)
    owner = {"apiVersion": "v1", "kind": "Node", "name": "n1", "uid": uid, "controller": True}
    pod: Any = {
        "metadata": {
            "name": "m", "annotations": {"kubernetes.io/config.mirror": "x"}, "ownerReferences": [owner],
        },
        "spec": {
            "nodeName": "n1", "containers": [{"name": "c", "image": "i"}],
            "resourceClaims": [{"name": "r", "resourceClaimName": "theirs"}],
        },
    }  # fmt: skip
    path = f"/api/v1/namespaces/{namespace}/pods"
    answer = server.request("POST", path, pod, token=NODE_TOKEN)
    assert answer.json()["message"] == (
        'pods "m" is forbidden: node "n1" can not create pods that reference resourceclaims'
    )
    del pod["spec"]["resourceClaims"]
    assert server.request("POST", path, pod, token=NODE_TOKEN).status == 201
    patch = {"status": {"resourceClaimStatuses": [{"name": "r", "resourceClaimName": "theirs"}]}}
    answer = server.request("PATCH", f"{path}/m/status", patch, MERGE, token=NODE_TOKEN)
    assert answer.status in (403, 422)


def test_cve_2016_1905_patches_are_admitted(server: RunningServer, namespace: str) -> None:
    """CVE-2016-1905: a patch is admitted as what it makes of the object, not as what it looks like."""
    label = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}}
    assert server.request("PATCH", f"/api/v1/namespaces/{namespace}", label, MERGE).status == 200
    path = f"/api/v1/namespaces/{namespace}/pods"
    assert server.request("POST", path, _pod("a")).status == 201
    privileged = [{"name": "e", "image": "i", "securityContext": {"privileged": True}}]
    patch = {"spec": {"ephemeralContainers": privileged}}
    answer = server.request("PATCH", f"{path}/a/ephemeralcontainers", patch, STRATEGIC)
    assert answer.status == 403
    assert "violates PodSecurity" in answer.json()["message"]


def test_cve_2024_7598_pods_are_deleted_first(server: RunningServer, namespace: str) -> None:
    """CVE-2024-7598: what restricts pods stays until the last pod of a dying namespace is gone."""
    pod = _pod("a")
    pod["metadata"]["finalizers"] = ["example.com/hold"]
    assert server.request("POST", f"/api/v1/namespaces/{namespace}/pods", pod).status == 201
    policies = f"/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies"
    policy = {"metadata": {"name": "closed"}, "spec": {"podSelector": {}, "policyTypes": ["Ingress"]}}
    assert server.request("POST", policies, policy).status == 201
    assert server.request("DELETE", f"/api/v1/namespaces/{namespace}").status == 200
    deadline_path = f"/api/v1/namespaces/{namespace}/pods/a"
    eventually(lambda: "deletionTimestamp" in server.request("GET", deadline_path).json()["metadata"])
    assert server.request("GET", f"{policies}/closed").status == 200
    assert server.request("PATCH", deadline_path, {"metadata": {"finalizers": None}}, MERGE).status == 200
    server.request("DELETE", f"{deadline_path}?gracePeriodSeconds=0")
    eventually(lambda: server.request("GET", f"{policies}/closed").status == 404)


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WebhookServer, Path]]:
    """A webhook over TLS and its CA's file."""
    directory = tmp_path_factory.mktemp("hooks")
    ca = new_ca("hooks")
    pair = new_certificate(ca, "hook", names=("127.0.0.1",), server=True)
    (directory / "ca.crt").write_bytes(ca.cert)
    (directory / "server.crt").write_bytes(pair.cert)
    (directory / "server.key").write_bytes(pair.key)
    with webhook_server(directory, client_certificates=False) as running:
        yield running, directory / "ca.crt"


def test_cve_2021_25735_webhooks_see_nodes_as_they_become(
    server: RunningServer, hooks: tuple[WebhookServer, Path]
) -> None:
    """CVE-2021-25735: a webhook decides on the node that is going to be stored, not on an older state of it."""
    import base64

    _node(server)
    running, ca = hooks
    running.respond["/nodes"] = lambda request: {
        "allowed": request["object"]["metadata"].get("labels", {}).get("changed-by") != "kubelet"
        and request["oldObject"]["metadata"].get("labels", {}).get("changed-by") != "kubelet"
    }
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["nodes"], "operations": ["UPDATE"]}
    webhook = {
        "name": "nodes.example.com",
        "clientConfig": {"url": f"{running.url}/nodes", "caBundle": base64.b64encode(ca.read_bytes()).decode()},
        "rules": [rule], "sideEffects": "None", "admissionReviewVersions": ["v1"],
    }  # fmt: skip
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    assert server.request("POST", path, {"metadata": {"name": "nodes"}, "webhooks": [webhook]}).status == 201
    for label, status in (("kubelet", 400), ("admin", 200), ("kubelet", 400)):
        patch = {"metadata": {"labels": {"changed-by": label}}}
        assert server.request("PATCH", "/api/v1/nodes/n1", patch, MERGE).status == status
    assert running.seen[-1]["request"]["object"]["metadata"]["labels"]["changed-by"] == "kubelet"
    server.request("DELETE", f"{path}/nodes")
