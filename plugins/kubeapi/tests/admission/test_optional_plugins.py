"""Plugins that are off by default, switched on together on one server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, running_server

CONFIGURATION = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: EventRateLimit
  configuration:
    apiVersion: eventratelimit.admission.k8s.io/v1alpha1
    kind: Configuration
    limits: [{type: Namespace, qps: 1, burst: 2}]
- name: PodNodeSelector
  path: nodes.yaml
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: baseline, enforce-version: latest}
    exemptions: {namespaces: [free]}
"""
PLUGINS = (
    "AlwaysAdmit,NamespaceAutoProvision,NamespaceExists,LimitPodHardAntiAffinityTopology,NodeRestriction,"
    "AlwaysPullImages,PodNodeSelector,PodTolerationRestriction,EventRateLimit,ExtendedResourceToleration,"
    "OwnerReferencesPermissionEnforcement,DenyServiceExternalIPs"
)
USERS = "admin-token,admin,admin,system:masters\nnode-token,system:node:n1,n1,system:nodes\n"
Object = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    directory: Path = tmp_path_factory.mktemp("optional")
    (directory / "admission.yaml").write_text(CONFIGURATION)
    (directory / "nodes.yaml").write_text("podNodeSelectorPluginConfig: {clusterDefaultNodeSelector: 'pool=a'}\n")
    (directory / "users.csv").write_text(USERS)
    with running_server(
        f"--enable-admission-plugins={PLUGINS}",
        "--disable-admission-plugins=ServiceAccount",
        f"--admission-control-config-file={directory}/admission.yaml",
        f"--token-auth-file={directory}/users.csv",
    ) as running:
        yield running


def _send(server: RunningServer, path: str, body: Object, method: str = "POST", token: str = "admin-token") -> Any:
    headers = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else None
    return server.request(method, path, body, headers, token=token)


def _pod(name: str, **spec: Any) -> Object:
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "i"}], **spec}}


def test_pod_is_completed(server: RunningServer) -> None:
    """The namespace appears; the pod gets its pull policy, node selector and tolerations."""
    spec: Object = {"resources": {"limits": {"example.com/gpu": "1"}}}
    body = _pod("p", containers=[{"name": "c", "image": "i:1", **spec}])
    answer = _send(server, "/api/v1/namespaces/fresh/pods", body)
    assert answer.status == 201, answer.body
    pod = answer.json()["spec"]
    assert pod["containers"][0]["imagePullPolicy"] == "Always"
    assert pod["nodeSelector"] == {"pool": "a"}
    assert {"key": "example.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in pod["tolerations"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            {"nodeSelector": {"pool": "b"}},
            "pod node label selector conflicts with its namespace node label selector",
        ),
        (
            {"hostNetwork": True},
            'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
        ),
        (
            {
                "affinity": {
                    "podAntiAffinity": {
                        "requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "zone", "labelSelector": {}}]
                    }
                }
            },
            "affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key "
            "kubernetes.io/hostname is allowed",
        ),
    ],
)
def test_refused_pods(server: RunningServer, spec: Object, message: str) -> None:
    """Each plugin refuses in its own words."""
    answer = _send(server, "/api/v1/namespaces/fresh/pods", _pod("q", **spec))
    assert answer.status == 403
    assert answer.json()["message"] == f'pods "q" is forbidden: {message}'


def test_exempt_namespace(server: RunningServer) -> None:
    """Pod Security leaves exempt namespaces alone."""
    assert _send(server, "/api/v1/namespaces/free/pods", _pod("p", hostNetwork=True)).status == 201


def test_external_ips(server: RunningServer) -> None:
    """Services get no external IPs."""
    body = {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 1}], "externalIPs": ["1.2.3.4"]}}
    answer = _send(server, "/api/v1/namespaces/fresh/services", body)
    assert answer.json()["message"] == 'services "s" is forbidden: Use of external IPs is denied by admission control'


def test_events_are_limited(server: RunningServer) -> None:
    """Beyond the burst events are told to come later."""
    event = {"metadata": {"generateName": "e"}, "involvedObject": {"namespace": "noisy"}, "reason": "r"}
    answers = [_send(server, "/api/v1/namespaces/noisy/events", event) for _ in range(4)]
    assert [a.status for a in answers[:2]] == [201, 201]
    assert answers[3].status == 429
    assert answers[3].json()["message"] == "limit reached on type Namespace for key noisy"


def test_node_restriction(server: RunningServer) -> None:
    """A kubelet registers its own node, without labels that attract pods, and creates mirror pods only."""
    node: Object = {"metadata": {"name": "n1", "labels": {"kubernetes.io/hostname": "n1"}}}
    other = {"metadata": {"name": "n2"}}
    answer = _send(server, "/api/v1/nodes", other, token="node-token")
    assert answer.json()["message"] == 'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"'
    restricted = {"metadata": {**node["metadata"], "labels": {"node-restriction.kubernetes.io/x": "y", "a": "b"}}}
    answer = _send(server, "/api/v1/nodes", restricted, token="node-token")
    assert answer.json()["message"] == (
        'nodes "n1" is forbidden: node "n1" is not allowed to set the following labels: '
        "node-restriction.kubernetes.io/x"
    )
    assert _send(server, "/api/v1/nodes", node, token="node-token").status == 201
    answer = _send(server, "/api/v1/nodes/n1", {"spec": {"taints": None}}, "PATCH", token="node-token")
    assert answer.json()["message"] == 'nodes "n1" is forbidden: node "n1" is not allowed to modify taints'
    answer = _send(server, "/api/v1/namespaces/fresh/pods", _pod("r", nodeName="n1"), token="node-token")
    assert answer.json()["message"] == (
        'pods "r" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only '
        "create mirror pods"
    )
