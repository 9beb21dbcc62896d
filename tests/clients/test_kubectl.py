"""kubectl as its users call it, against the server's own kubeconfig."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from kubern.testing.servers import RunningServer

from .conftest import create_crd

_BESIDE_PYTHON = Path(sys.executable).with_name("kubectl")
KUBECTL = str(_BESIDE_PYTHON) if _BESIDE_PYTHON.exists() else shutil.which("kubectl")
pytestmark = pytest.mark.skipif(KUBECTL is None, reason="no kubectl")
Run = Callable[..., str]


@pytest.fixture
def run(cluster: RunningServer, namespace: str, tmp_path: Path) -> Run:
    """run("get", "pods", stdin=..., fails=1) gives kubectl's output; another exit code than `fails` fails the test."""

    def call(*arguments: str, stdin: str = "", fails: int = 0, **environment: str) -> str:
        command = [
            str(KUBECTL),
            f"--kubeconfig={cluster.kubeconfig}",
            f"--cache-dir={tmp_path}",
            "-n",
            namespace,
            *arguments,
        ]
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, **environment},
            check=False,
        )
        assert done.returncode == fails, (arguments, done.stdout, done.stderr)
        return done.stdout + done.stderr

    return call


def deployment(image: str = "nginx:1") -> str:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": image}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    return json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec})


def test_apply_and_diff(run: Run) -> None:
    """Client-side apply, diff, unchanged, then server-side apply with a conflict and without."""
    assert run("apply", "-f", "-", stdin=deployment()) == "deployment.apps/web created\n"
    assert run("apply", "-f", "-", stdin=deployment()) == "deployment.apps/web unchanged\n"
    assert "+        - image: nginx:2" in run("diff", "-f", "-", stdin=deployment("nginx:2"), fails=1).replace(
        "+      ", "+        "
    )
    assert run("apply", "-f", "-", stdin=deployment("nginx:2")) == "deployment.apps/web configured\n"
    refused = run("apply", "--server-side", "--field-manager=other", "-f", "-", stdin=deployment("nginx:3"), fails=1)
    assert 'conflict with "kubectl-client-side-apply"' in refused and ".spec.template.spec.containers" in refused
    assert "serverside-applied" in run(
        "apply", "--server-side", "--force-conflicts", "-f", "-", stdin=deployment("nginx:3")
    )
    assert run("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}") == "nginx:3"


def test_patches_edit_and_set(run: Run, tmp_path: Path) -> None:
    """Patches of the three types, an edit with an editor, set image, label, annotate, scale, autoscale."""
    run("apply", "-f", "-", stdin=deployment())
    for kind, patch in (
        ("strategic", {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "busybox"}]}}}}),
        ("merge", {"metadata": {"labels": {"a": "b"}}}),
        ("json", [{"op": "replace", "path": "/spec/replicas", "value": 3}]),
    ):
        assert (
            run("patch", "deployment", "web", f"--type={kind}", "-p", json.dumps(patch))
            == "deployment.apps/web patched\n"
        )
    editor = tmp_path / "editor.sh"
    editor.write_text('#!/bin/sh\nsed -i "s/replicas: 3/replicas: 4/" "$1"\n')
    editor.chmod(0o755)
    assert run("edit", "deployment", "web", KUBE_EDITOR=str(editor)) == "deployment.apps/web edited\n"
    assert run("set", "image", "deployment/web", "main=nginx:9") == "deployment.apps/web image updated\n"
    assert run("scale", "deployment/web", "--replicas=5", "--current-replicas=4") == "deployment.apps/web scaled\n"
    assert "autoscaled" in run("autoscale", "deployment", "web", "--max=9", "--cpu=50%")
    run("label", "deployment", "web", "c=d")
    run("annotate", "deployment", "web", "e=f")
    found = json.loads(run("get", "deployment", "web", "-o", "json"))
    assert (found["spec"]["replicas"], found["metadata"]["labels"]) == (5, {"a": "b", "c": "d"})
    images = {each["name"]: each["image"] for each in found["spec"]["template"]["spec"]["containers"]}
    assert images == {"main": "nginx:9", "side": "busybox"}


def test_waiting_and_deleting(run: Run) -> None:
    """wait for a condition and for a field, cascades, and what is not there."""
    run("apply", "-f", "-", stdin=deployment())
    status = {
        "status": {"conditions": [{"type": "Available", "status": "True"}], "observedGeneration": 1, "replicas": 2}
    }
    run("patch", "deployment", "web", "--subresource=status", "--type=merge", "-p", json.dumps(status))
    assert (
        run("wait", "--for=condition=Available", "deployment/web", "--timeout=5s")
        == "deployment.apps/web condition met\n"
    )
    assert "condition met" in run("wait", "--for=jsonpath={.status.replicas}=2", "deployment/web", "--timeout=5s")
    assert run("delete", "deployment", "web", "--cascade=foreground", "--wait=false").startswith(
        'deployment.apps "web" deleted'
    )
    assert "foregroundDeletion" in run("get", "deployment", "web", "-o", "yaml")
    run("patch", "deployment", "web", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert "NotFound" in run("get", "deployment", "web", fails=1)


def test_rollouts(run: Run) -> None:
    """restart, pause, resume, status, and a history that no controller writes here."""
    run("apply", "-f", "-", stdin=deployment())
    assert run("rollout", "restart", "deployment/web") == "deployment.apps/web restarted\n"
    assert run("rollout", "pause", "deployment/web") == "deployment.apps/web paused\n"
    assert run("rollout", "resume", "deployment/web") == "deployment.apps/web resumed\n"
    found = json.loads(run("get", "deployment", "web", "-o", "json"))
    done = {
        "observedGeneration": found["metadata"]["generation"],
        "replicas": 2,
        "updatedReplicas": 2,
        "availableReplicas": 2,
        "readyReplicas": 2,
    }
    run("patch", "deployment", "web", "--subresource=status", "--type=merge", "-p", json.dumps({"status": done}))
    assert "successfully rolled out" in run("rollout", "status", "deployment/web", "--timeout=5s")
    assert "No rollout history found" in run("rollout", "history", "deployment/web")


def test_nodes(run: Run, namespace: str) -> None:
    """cordon, taint, drain with eviction, uncordon."""
    node = f"node-{namespace}"
    run("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Node", "metadata": {"name": node}}))
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"nodeName": node, "terminationGracePeriodSeconds": 0, "containers": [{"name": "c", "image": "i"}]},
    }
    run("create", "-f", "-", stdin=json.dumps(pod))
    assert run("taint", "node", node, "a=b:NoSchedule") == f"node/{node} tainted\n"
    assert run("cordon", node) == f"node/{node} cordoned\n"
    assert "pod/p evicted" in run("drain", node, "--force", "--grace-period=0", "--timeout=10s")
    assert run("uncordon", node) == f"node/{node} uncordoned\n"
    assert "a=b:NoSchedule" in run("describe", "node", node)


CREATED = {
    "configmap": ("c", "--from-literal=a=b"),
    "secret generic": ("s", "--from-literal=a=b"),
    "secret docker-registry": ("s", "--docker-username=u", "--docker-password=p"),
    "serviceaccount": ("a",),
    "role": ("r", "--verb=get", "--resource=pods"),
    "rolebinding": ("b", "--clusterrole=view", "--user=u"),
    "service clusterip": ("s", "--tcp=80:80"),
    "service nodeport": ("s", "--tcp=80"),
    "service externalname": ("s", "--external-name=example.com"),
    "service loadbalancer": ("s", "--tcp=80"),
    "deployment": ("d", "--image=i"),
    "job": ("j", "--image=i"),
    "cronjob": ("j", "--image=i", "--schedule=* * * * *"),
    "ingress": ("i", "--rule=example.com/*=s:80"),
    "poddisruptionbudget": ("p", "--selector=a=b", "--min-available=1"),
    "quota": ("q", "--hard=pods=5"),
    "token": ("default",),
    "namespace": ("dry-run", "--dry-run=server"),
    "clusterrole": ("dry-run", "--verb=get", "--resource=pods", "--dry-run=server"),
    "clusterrolebinding": ("dry-run", "--clusterrole=view", "--user=u", "--dry-run=server"),
    "priorityclass": ("dry-run", "--value=5", "--dry-run=server"),
}  # fmt: skip


def test_every_imperative_create(run: Run) -> None:
    """What `kubectl create KIND` makes is taken and shown with `get -o wide`."""
    for kind, arguments in CREATED.items():
        name, *flags = arguments
        unique = "default" if kind == "token" else f"{name}-{kind.replace(' ', '-')}"
        run("create", *kind.split(), unique, *flags)
    shown = run("get", "all,cm,secrets,sa,roles,rolebindings,ingress,pdb,quota", "-o", "wide")
    for line in (
        "configmap/c-configmap",
        "service/s-service-nodeport",
        "cronjob.batch/j-cronjob",
        "ingress.networking.k8s.io/i-ingress",
    ):
        assert line in shown


def test_every_kind_is_listed_and_explained(run: Run, cluster: RunningServer) -> None:
    """api-resources, get -A -o wide over all of them, and explain --recursive of each."""
    create_crd(cluster, "doodads", "Doodad", {"v1": True})
    listed = run("api-resources", "--verbs=list", "-o", "name").split()
    assert "doodads.clients.example.com" in listed and len(listed) > 55
    run("get", ",".join(listed), "-A", "-o", "wide")
    for resource in (
        "pods",
        "deployments",
        "services",
        "customresourcedefinitions",
        "doodads",
        "flowschemas",
        "apiservices",
    ):
        assert "FIELDS:" in run("explain", resource, "--recursive")
    assert "replicas\t<integer>" in run("explain", "doodads.spec")
    assert "Server Version: v1.36" in run("version")


def test_reading(run: Run) -> None:
    """get as YAML, as custom columns, sorted, by selector, watched; auth can-i; describe."""
    for name in ("b", "a"):
        run("create", "configmap", name, "--from-literal=k=v")
    names = run("get", "cm", "--sort-by=.metadata.name", "-o", "name").split()
    assert [name for name in names if len(name) == len("configmap/a")] == ["configmap/a", "configmap/b"]
    assert yaml.safe_load(run("get", "cm", "a", "-o", "yaml"))["data"] == {"k": "v"}
    assert run("get", "cm", "a", "-o", "custom-columns=N:.metadata.name", "--no-headers") == "a\n"
    assert "a " in run("get", "cm", "a", "--watch", "--request-timeout=1s", fails=0)
    assert run("auth", "can-i", "create", "pods") == "yes\n"
    assert run("auth", "can-i", "create", "pods", "--as=jane", fails=1) == "no\n"
    assert "Data" in run("describe", "cm", "a")
    assert "system:masters" in run("auth", "whoami")
