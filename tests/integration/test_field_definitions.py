"""Definitions of projects in the field: they install, take what their documentation shows, refuse what is wrong.

`scripts/build_field_definitions.py` says where they come from.
"""

from __future__ import annotations

import copy
import functools
import gzip
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubern.testing.servers import RunningServer
from kubern.testing.waiting import eventually

Object = dict[str, Any]
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CRDS: list[Object] = json.loads(
    gzip.decompress((Path(__file__).parent / "data/field-definitions.json.gz").read_bytes())
)
POD = {"containers": [{"name": "main", "image": "app:1"}]}
EXAMPLES: dict[str, Object] = {
    "certificates.cert-manager.io/v1": {
        "spec": {
            "secretName": "tls", "dnsNames": ["example.com"], "duration": "2160h", "usages": ["server auth"],
            "issuerRef": {"name": "ca"}, "privateKey": {"algorithm": "ECDSA", "size": 256},
        },
    },
    "issuers.cert-manager.io/v1": {
        "spec": {
            "acme": {
                "server": "https://acme.example.com/directory", "privateKeySecretRef": {"name": "key"},
                "solvers": [{"http01": {"ingress": {"class": "nginx"}}}],
            },
        },
    },
    "gateways.gateway.networking.k8s.io/v1": {
        "spec": {
            "gatewayClassName": "public",
            "listeners": [{"name": "web", "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "All"}}}],
        },
    },
    "httproutes.gateway.networking.k8s.io/v1": {
        "spec": {
            "parentRefs": [{"name": "web"}], "hostnames": ["*.example.com"],
            "rules": [{
                "matches": [{"path": {"type": "PathPrefix", "value": "/shop"}}],
                "backendRefs": [{"name": "shop", "port": 8080, "weight": 90}],
            }],
        },
    },
    "rollouts.argoproj.io/v1alpha1": {
        "spec": {
            "replicas": 3, "selector": {"matchLabels": {"app": "shop"}},
            "strategy": {"canary": {"maxSurge": "25%", "maxUnavailable": 0, "steps": [{"setWeight": 20}, {"pause": {"duration": "1h"}}]}},
            "template": {"metadata": {"labels": {"app": "shop"}}, "spec": POD},
        },
    },
    "analysistemplates.argoproj.io/v1alpha1": {
        "spec": {
            "args": [{"name": "service"}],
            "metrics": [{
                "name": "success", "interval": "5m", "failureLimit": 3, "successCondition": "result[0] >= 0.95",
                "provider": {"prometheus": {"address": "http://prometheus:9090", "query": "sum(rate(ok[5m]))"}},
            }],
        },
    },
    "scaledobjects.keda.sh/v1alpha1": {
        "spec": {
            "scaleTargetRef": {"name": "worker"}, "minReplicaCount": 0, "maxReplicaCount": 30,
            "triggers": [{"type": "rabbitmq", "metadata": {"queueName": "jobs", "queueLength": "20"}}],
        },
    },
    "triggerauthentications.keda.sh/v1alpha1": {
        "spec": {"secretTargetRef": [{"parameter": "host", "name": "rabbitmq", "key": "url"}]},
    },
    "servicemonitors.monitoring.coreos.com/v1": {
        "spec": {
            "selector": {"matchLabels": {"app": "shop"}},
            "endpoints": [{"port": "metrics", "interval": "30s"}, {"targetPort": 9090}, {"targetPort": "web"}],
        },
    },
    "prometheuses.monitoring.coreos.com/v1": {
        "spec": {"replicas": 2, "retention": "15d", "serviceMonitorSelector": {}, "resources": {"requests": {"memory": "2Gi"}}},
    },
    "prometheusrules.monitoring.coreos.com/v1": {
        "spec": {"groups": [{"name": "shop", "rules": [{"alert": "Down", "expr": "up == 0", "for": "5m", "labels": {"severity": "page"}}]}]},
    },
    "helmreleases.helm.toolkit.fluxcd.io/v2beta1": {
        "spec": {
            "interval": "5m",
            "chart": {"spec": {"chart": "shop", "version": "1.x", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}},
            "values": {"replicas": 2, "anything": {"goes": [1, "a", None]}},
        },
    },
    "kustomizations.kustomize.toolkit.fluxcd.io/v1beta2": {
        "spec": {"interval": "10m", "prune": True, "path": "./deploy", "sourceRef": {"kind": "GitRepository", "name": "apps"}},
    },
    "virtualservices.networking.istio.io/v1beta1": {
        "spec": {
            "hosts": ["shop"],
            "http": [{"match": [{"uri": {"prefix": "/api"}}], "route": [{"destination": {"host": "shop", "subset": "v2"}, "weight": 100}]}],
        },
    },
    "destinationrules.networking.istio.io/v1beta1": {
        "spec": {
            "host": "shop", "trafficPolicy": {"loadBalancer": {"simple": "ROUND_ROBIN"}},
            "subsets": [{"name": "v2", "labels": {"version": "v2"}}],
        },
    },
    "sealedsecrets.bitnami.com/v1alpha1": {"spec": {"encryptedData": {"password": "AgBy8h"}, "template": {"type": "Opaque"}}},
    "daskclusters.kubernetes.dask.org/v1": {
        "spec": {
            "worker": {"replicas": 2, "spec": POD},
            "scheduler": {
                "spec": POD,
                "service": {"type": "NodePort", "selector": {"app": "dask"}, "ports": [{"name": "tcp", "port": 8786, "targetPort": "tcp"}]},
            },
        },
    },
    "daskautoscalers.kubernetes.dask.org/v1": {"spec": {"cluster": "shop", "minimum": 1, "maximum": 10}},
}  # fmt: skip

# What to change in an example, and where the server must see it.
BROKEN: dict[str, tuple[list[str | int], Any, str]] = {
    "certificates.cert-manager.io/v1": (["spec", "privateKey", "algorithm"], "DSA", "spec.privateKey.algorithm"),
    "issuers.cert-manager.io/v1": (["spec", "acme", "server"], None, "spec.acme.server"),
    "gateways.gateway.networking.k8s.io/v1": (["spec", "listeners", 0, "port"], 70000, "spec.listeners[0].port"),
    "httproutes.gateway.networking.k8s.io/v1": (["spec", "hostnames", 0], "no host", "spec.hostnames[0]"),
    "rollouts.argoproj.io/v1alpha1": (["spec", "strategy", "canary", "maxSurge"], 0.5, "spec.strategy.canary.maxSurge"),
    "analysistemplates.argoproj.io/v1alpha1": (["spec", "metrics", 0, "provider"], None, "spec.metrics[0].provider"),
    "scaledobjects.keda.sh/v1alpha1": (["spec", "triggers", 0, "type"], None, "spec.triggers[0].type"),
    "triggerauthentications.keda.sh/v1alpha1": (["spec", "secretTargetRef", 0, "key"], 1, "spec.secretTargetRef[0].key"),
    "servicemonitors.monitoring.coreos.com/v1": (["spec", "endpoints", 1, "targetPort"], True, "spec.endpoints[1].targetPort"),
    "prometheuses.monitoring.coreos.com/v1": (
        ["spec", "resources", "requests", "memory"], 2, "spec.resources.requests.memory",
    ),
    "prometheusrules.monitoring.coreos.com/v1": (
        ["spec", "groups", 0, "rules", 0, "expr"], [], "spec.groups[0].rules[0].expr",
    ),
    "helmreleases.helm.toolkit.fluxcd.io/v2beta1": (
        ["spec", "chart", "spec", "sourceRef", "kind"], "Shelf", "spec.chart.spec.sourceRef.kind",
    ),
    "kustomizations.kustomize.toolkit.fluxcd.io/v1beta2": (["spec", "prune"], "yes", "spec.prune"),
    "virtualservices.networking.istio.io/v1beta1": (["spec", "hosts"], "shop", "spec.hosts"),
    "destinationrules.networking.istio.io/v1beta1": (
        ["spec", "trafficPolicy", "loadBalancer", "simple"], "WHEEL", "spec.trafficPolicy.loadBalancer.simple",
    ),
    "sealedsecrets.bitnami.com/v1alpha1": (["spec", "encryptedData"], [], "spec.encryptedData"),
    "daskclusters.kubernetes.dask.org/v1": (
        ["spec", "worker", "spec", "containers", 0, "name"], None, "spec.worker.spec.containers[0].name",
    ),
    "daskautoscalers.kubernetes.dask.org/v1": (["spec", "maximum"], "ten", "spec.maximum"),
}  # fmt: skip


@pytest.fixture(scope="module")
def installed(server: RunningServer) -> Iterator[RunningServer]:
    """A server with all definitions established."""
    for crd in CRDS:
        made = server.request("POST", DEFINITIONS, crd)
        assert made.status == 201, made.body
    for crd in CRDS:
        eventually(functools.partial(is_established, server, crd["metadata"]["name"]))
    yield server
    for crd in CRDS:
        server.request("DELETE", f"{DEFINITIONS}/{crd['metadata']['name']}")


def is_established(server: RunningServer, name: str) -> bool:
    return conditions(server, name).get("Established") == "True"


def conditions(server: RunningServer, name: str) -> dict[str, str]:
    status = server.request("GET", f"{DEFINITIONS}/{name}").json()["status"]
    return {c["type"]: c["status"] for c in status.get("conditions") or ()}


def place(case: str) -> tuple[str, str, str]:
    """Plural, group and version of a case."""
    name, _, version = case.partition("/")
    plural, _, group = name.partition(".")
    return plural, group, version


def create(server: RunningServer, case: str, body: Object) -> Any:
    plural, group, version = place(case)
    crd = next(c for c in CRDS if c["metadata"]["name"] == f"{plural}.{group}")
    obj = {
        "apiVersion": f"{group}/{version}",
        "kind": crd["spec"]["names"]["kind"],
        "metadata": {"name": "example", "namespace": "default"},
        **body,
    }
    path = f"/apis/{group}/{version}/namespaces/default/{plural}?fieldValidation=Strict&dryRun=All"
    return server.request("POST", path, obj)


def test_every_definition_has_an_example() -> None:
    """No fixture goes untested."""
    assert {case.split("/")[0] for case in EXAMPLES} == {crd["metadata"]["name"] for crd in CRDS}
    assert EXAMPLES.keys() == BROKEN.keys()


@pytest.mark.parametrize("name", [crd["metadata"]["name"] for crd in CRDS])
def test_they_are_structural(installed: RunningServer, name: str) -> None:
    """A definition of the field is established and has no NonStructuralSchema condition."""
    found = conditions(installed, name)
    assert found["NamesAccepted"] == found["Established"] == "True"
    assert "NonStructuralSchema" not in found


@pytest.mark.parametrize("case", EXAMPLES)
def test_they_take_their_examples(installed: RunningServer, case: str) -> None:
    """An object as the project's documentation has it is taken whole, no field of it unknown."""
    answer = create(installed, case, EXAMPLES[case])
    assert answer.status == 201, answer.body
    made = answer.json()["spec"]
    given = EXAMPLES[case]["spec"]
    assert made.keys() >= given.keys()


@pytest.mark.parametrize("case", BROKEN)
def test_they_refuse_broken_ones(installed: RunningServer, case: str) -> None:
    """One wrong value is refused, and named by its place."""
    path, value, field = BROKEN[case]
    body = copy.deepcopy(EXAMPLES[case])
    node: Any = body
    for step in path[:-1]:
        node = node[step]
    if value is None:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    answer = create(installed, case, body)
    assert answer.status == 422, answer.body
    assert field in [cause["field"] for cause in answer.json()["details"]["causes"]]


@pytest.mark.parametrize("case", EXAMPLES)
def test_unknown_fields_are_named(installed: RunningServer, case: str) -> None:
    """With strict field validation a field that the project does not know is refused."""
    body = copy.deepcopy(EXAMPLES[case])
    body["spec"]["unheardOf"] = 1
    answer = create(installed, case, body)
    assert answer.status == 400
    assert 'unknown field "spec.unheardOf"' in answer.json()["message"]


@pytest.mark.parametrize("case", EXAMPLES)
def test_kubectl_explain_can_read_them(installed: RunningServer, case: str) -> None:
    """OpenAPI v3 of the group-version has the kind by its name, with all fields of the definition."""
    plural, group, version = place(case)
    document = installed.request("GET", f"/openapi/v3/apis/{group}/{version}").json()
    crd = next(c for c in CRDS if c["metadata"]["name"] == f"{plural}.{group}")
    declared = next(v for v in crd["spec"]["versions"] if v["name"] == version)["schema"]["openAPIV3Schema"]
    gvk = {"group": group, "version": version, "kind": crd["spec"]["names"]["kind"]}
    [schema] = [
        s for s in document["components"]["schemas"].values() if gvk in s.get("x-kubernetes-group-version-kind", ())
    ]
    assert schema["properties"]["spec"]["properties"].keys() == declared["properties"]["spec"]["properties"].keys()
    assert f"/apis/{group}/{version}/namespaces/{{namespace}}/{plural}" in document["paths"]


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl")
def test_kubectl_explains_a_field(installed: RunningServer) -> None:
    """kubectl finds a field deep in a definition, with its type."""
    command = [
        "kubectl",
        f"--kubeconfig={installed.kubeconfig}",
        "explain",
        "rollouts.spec.strategy.canary.steps",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["FIELD:", "steps", "<[]Object>"] in lines
    assert ["setWeight", "<integer>"] in lines
    assert ["pause", "<Object>"] in lines
