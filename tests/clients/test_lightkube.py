"""lightkube, a typed client: its models, server-side apply, waiting and generic resources."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lightkube import ApiError, Client, KubeConfig
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.apps_v1 import DeploymentSpec
from lightkube.models.autoscaling_v1 import ScaleSpec
from lightkube.models.core_v1 import Container, PodSpec, PodTemplateSpec
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Namespace
from lightkube.types import CascadeType, PatchType

from kubern.testing.servers import RunningServer


@pytest.fixture
def client(cluster: RunningServer, namespace: str) -> Iterator[Client]:
    with Client(
        config=KubeConfig.from_file(cluster.kubeconfig), namespace=namespace, field_manager="lightkube"
    ) as made:
        yield made


def deployment(name: str) -> Deployment:
    labels = {"app": name}
    template = PodTemplateSpec(ObjectMeta(labels=labels), PodSpec([Container("main", image="busybox")]))
    return Deployment(
        metadata=ObjectMeta(name=name), spec=DeploymentSpec(LabelSelector(matchLabels=labels), template, replicas=1)
    )


def test_typed_objects(client: Client) -> None:
    """Create, scale, patch, wait, delete in the foreground."""
    assert client.create(deployment("d")).status.replicas is None
    client.replace(Deployment.Scale(metadata=ObjectMeta(name="d"), spec=ScaleSpec(3)), name="d")
    assert client.get(Deployment, "d").spec.replicas == 3
    status = {"status": {"conditions": [{"type": "Available", "status": "True"}]}}
    client.patch(Deployment.Status, "d", status)
    assert client.wait(Deployment, "d", for_conditions=["Available"]).metadata.generation == 2
    client.delete(Deployment, "d", cascade=CascadeType.FOREGROUND)
    assert client.get(Deployment, "d").metadata.finalizers == ["foregroundDeletion"]


def test_server_side_apply(client: Client) -> None:
    """A conflict between two managers, and the forced way through it."""
    wanted = ConfigMap(metadata=ObjectMeta(name="c"), data={"k": "1"})
    client.apply(wanted, field_manager="a")
    wanted.data = {"k": "2"}
    with pytest.raises(ApiError) as conflict:
        client.apply(wanted, field_manager="b")
    assert conflict.value.status.code == 409
    assert conflict.value.status.details.causes[0].field == ".data.k"
    assert client.apply(wanted, field_manager="b", force=True).data == {"k": "2"}


def test_lists_and_watches(client: Client, namespace: str) -> None:
    """Lists in chunks with selectors, and a watch that starts where the list ended."""
    for name in "abc":
        client.create(ConfigMap(metadata=ObjectMeta(name=name, labels={"own": "yes"})))
    found = client.list(ConfigMap, labels={"own": ["yes", "maybe"]}, chunk_size=2)
    assert [each.metadata.name for each in found] == ["a", "b", "c"]
    client.patch(ConfigMap, "b", [{"op": "add", "path": "/data", "value": {"k": "v"}}], patch_type=PatchType.JSON)
    for event, changed in client.watch(ConfigMap, labels={"own": "yes"}, resource_version=found.resourceVersion):
        assert (event, changed.metadata.name, changed.data) == ("MODIFIED", "b", {"k": "v"})
        break
    assert namespace in {each.metadata.name for each in client.list(Namespace)}


def test_custom_resources(client: Client, widgets: str) -> None:
    """A generic resource with its status and scale."""
    widget = create_namespaced_resource("clients.example.com", "v1", "Widget", widgets)
    client.create(widget(metadata=ObjectMeta(name="w"), spec={"size": "s"}))
    client.patch(widget.Status, "w", {"status": {"replicas": 2}}, patch_type=PatchType.MERGE)
    found = client.get(widget, "w")
    assert (found.spec, found.status) == ({"size": "s", "replicas": 1}, {"replicas": 2})
    with pytest.raises(ApiError) as unsupported:
        client.patch(widget, "w", {"spec": {}}, patch_type=PatchType.STRATEGIC)
    assert unsupported.value.response.status_code == 415
