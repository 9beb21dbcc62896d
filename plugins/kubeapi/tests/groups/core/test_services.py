"""Services: causes, what goes with a change of type, and warnings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Object = dict[str, Any]
PORTS = [{"port": 80, "nodePort": 30001, "name": "a"}, {"port": 81, "nodePort": 30002, "name": "b"}]


@pytest.fixture(scope="module")
def services(kind: Callable[[str, Object], Any]) -> Any:
    return kind("services", {"spec": {"ports": [{"port": 80}], "clusterIP": "10.0.0.9", "clusterIPs": ["10.0.0.9"]}})


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        (
            {"trafficDistribution": "Nearby"},
            [
                'spec.trafficDistribution: Unsupported value: "Nearby": '
                'supported values: "PreferClose", "PreferSameZone", "PreferSameNode"'
            ],
        ),
        (
            {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "loadBalancerClass": "a b"},
            [
                'spec.loadBalancerClass: Invalid value: "a b": name part must consist of alphanumeric characters, '
                "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or "
                "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
                "spec.healthCheckNodePort: Required value",
            ],
        ),
        (
            {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 86401}}},
            [
                "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: "
                "must be greater than 0 and less than 86400"
            ],
        ),
        (
            {"ports": [{"port": 1}, {"port": 1, "name": "A", "targetPort": "no good"}]},
            [
                "spec.ports[0].name: Required value",
                'spec.ports[1].name: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case '
                "alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. "
                "'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                'spec.ports[1].targetPort: Invalid value: "no good": must contain only alpha-numeric characters '
                "(a-z, 0-9), and hyphens (-)",
                'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":1,'
                '"TargetPort":0,"NodePort":0}',
            ],
        ),
        (
            {"type": "ExternalName", "clusterIP": None, "clusterIPs": None, "externalName": "A."},
            [
                'spec.externalName: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case '
                "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. "
                "'example.com', regex used for validation is "
                "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
            ],
        ),
    ],
)
def test_causes(services: Any, spec: Object, causes: list[str]) -> None:
    """Each field by its rule."""
    assert services.causes({"spec": spec}) == causes


def test_source_ranges_of_an_annotation(services: Any) -> None:
    """Ranges in the old annotation are judged when it changes only."""
    key = "service.beta.kubernetes.io/load-balancer-source-ranges"
    balancer = {"spec": {"type": "LoadBalancer"}}
    problem = 'Invalid value: "nope": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
    assert services.causes({**balancer, "metadata": {"annotations": {key: "10.0.0.0/8, nope"}}}) == [
        f"metadata.annotations[{key}]: {problem}"
    ]
    old = services.created(balancer)
    old["metadata"]["annotations"] = {key: "nope"}
    assert services.update_causes(old, {"metadata": {"labels": {"a": "b"}}}) == []
    assert services.update_causes(old, {"metadata": {"annotations": {key: "nope,10.0.0.0/8"}}}) == [
        f"metadata.annotations[{key}]: {problem}"
    ]


def test_labels_are_judged_by_store_and_kind(services: Any) -> None:
    """The store judges a change's metadata twice and the kind once; the rules for new objects do not come on top."""
    causes = services.update_causes(services.created({}), {"metadata": {"labels": {"a": "-"}}})
    assert len(causes) == 3


def test_node_ports_go_with_their_type(services: Any) -> None:
    """Node ports that the client did not choose anew are wiped, also when some ports were removed."""
    old = services.created({"spec": {"type": "NodePort", "ports": PORTS}})
    changed = {"type": "ClusterIP", "ports": PORTS[:1], "externalTrafficPolicy": "Cluster"}
    updated, _ = services.update(old, {"spec": changed})
    assert [port.get("nodePort") for port in updated["spec"]["ports"]] == [None]
    fresh = [{**PORTS[0], "nodePort": 30009}]
    assert services.update_causes(old, {"spec": {**changed, "ports": fresh}}) == [
        "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"
    ]


@pytest.mark.parametrize(
    ("spec", "warnings"),
    [
        (
            {
                "clusterIP": "None",
                "clusterIPs": ["None"],
                "loadBalancerIP": "1.2.3.4",
                "externalIPs": ["1.2.3.4"],
                "sessionAffinity": "ClientIP",
            },
            [
                "spec.loadBalancerIP is ignored for headless services",
                "spec.externalIPs is ignored for headless services",
                "spec.SessionAffinity is ignored for headless services",
            ],
        ),
        ({"externalIPs": ["1.2.3.4"]}, ["spec.externalIPs is deprecated"]),
        ({"externalName": "a.b"}, ['spec.externalName is ignored when spec.type is not "ExternalName"']),
    ],
)
def test_warnings(services: Any, spec: Object, warnings: list[str]) -> None:
    """Fields without an effect and fields on their way out."""
    assert services.warnings({"spec": spec}) == warnings
