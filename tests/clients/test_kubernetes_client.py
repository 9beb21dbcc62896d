"""The official Python client: typed and dynamic, watches, patches of every type, eviction, leases, custom objects."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException

from kubern.testing.servers import RunningServer

POD_SPEC = client.V1PodSpec(containers=[client.V1Container(name="main", image="busybox")])


@pytest.fixture
def api(cluster: RunningServer) -> Iterator[client.ApiClient]:
    with config.new_client_from_config(str(cluster.kubeconfig)) as made:
        yield made


def pod(name: str, **labels: str) -> client.V1Pod:
    return client.V1Pod(metadata=client.V1ObjectMeta(name=name, labels=labels or None), spec=POD_SPEC)


def deployment(name: str) -> client.V1Deployment:
    labels = {"app": name}
    template = client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels=labels), spec=POD_SPEC)
    spec = client.V1DeploymentSpec(replicas=2, selector=client.V1LabelSelector(match_labels=labels), template=template)
    return client.V1Deployment(metadata=client.V1ObjectMeta(name=name), spec=spec)


def test_typed_objects(api: client.ApiClient, namespace: str) -> None:
    """Create, read, replace, scale and delete with the client's own classes; times and defaults are understood."""
    apps = client.AppsV1Api(api)
    made = apps.create_namespaced_deployment(namespace, deployment("web"))
    assert isinstance(made.metadata.creation_timestamp, datetime.datetime)
    assert (made.spec.strategy.type, made.spec.progress_deadline_seconds) == ("RollingUpdate", 600)
    made.spec.replicas = 3
    assert apps.replace_namespaced_deployment("web", namespace, made).metadata.generation == 2
    with pytest.raises(ApiException) as conflict:
        apps.replace_namespaced_deployment("web", namespace, made)
    assert (conflict.value.status, conflict.value.reason) == (409, "Conflict")
    scale = apps.read_namespaced_deployment_scale("web", namespace)
    assert (scale.spec.replicas, scale.status.selector) == (3, "app=web")
    scale.spec.replicas = 5
    apps.replace_namespaced_deployment_scale("web", namespace, scale)
    assert apps.read_namespaced_deployment("web", namespace).spec.replicas == 5
    apps.delete_namespaced_deployment("web", namespace)
    with pytest.raises(ApiException, match="Not Found"):
        apps.read_namespaced_deployment("web", namespace)


def test_patches_of_every_type(api: client.ApiClient, namespace: str) -> None:
    """JSON, merge, strategic merge and apply patches through one call, told apart by the body and the media type."""
    apps = client.AppsV1Api(api)
    apps.create_namespaced_deployment(namespace, deployment("web"))
    apps.patch_namespaced_deployment("web", namespace, [{"op": "replace", "path": "/spec/replicas", "value": 4}])
    strategic = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "busybox"}]}}}}
    patched = apps.patch_namespaced_deployment("web", namespace, strategic)
    assert [each.name for each in patched.spec.template.spec.containers] == ["side", "main"]
    assert patched.spec.replicas == 4
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": {"by": "apply"}}}
    applied = apps.patch_namespaced_deployment(
        "web", namespace, wanted, field_manager="tests", force=True, _content_type="application/apply-patch+yaml"
    )
    assert applied.metadata.labels == {"by": "apply"}
    assert ("tests", "Apply") in {(entry.manager, entry.operation) for entry in applied.metadata.managed_fields}


def test_watches(api: client.ApiClient, namespace: str) -> None:
    """A watch from a list's revision sees what happens after it, in order, and ends by its timeout."""
    core = client.CoreV1Api(api)
    core.create_namespaced_config_map(namespace, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="before")))
    since = core.list_namespaced_config_map(namespace).metadata.resource_version
    core.create_namespaced_config_map(namespace, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="a")))
    core.patch_namespaced_config_map("a", namespace, {"data": {"k": "v"}})
    core.delete_namespaced_config_map("a", namespace)
    events = watch.Watch().stream(core.list_namespaced_config_map, namespace, resource_version=since, timeout_seconds=1)
    seen = [(event["type"], event["object"].metadata.name, event["object"].data) for event in events]
    assert seen == [("ADDED", "a", None), ("MODIFIED", "a", {"k": "v"}), ("DELETED", "a", {"k": "v"})]


def test_lists_in_pieces(api: client.ApiClient, namespace: str) -> None:
    """limit and continue, label and field selectors."""
    core = client.CoreV1Api(api)
    for number in range(5):
        meta = client.V1ObjectMeta(name=f"m{number}", labels={"odd": str(number % 2)})
        core.create_namespaced_config_map(namespace, client.V1ConfigMap(metadata=meta))
    names, token = [], None
    while token != "":
        page = core.list_namespaced_config_map(
            namespace, limit=2, label_selector="odd", **({"_continue": token} if token else {})
        )
        names += [item.metadata.name for item in page.items]
        token = page.metadata._continue or ""
    assert names == [f"m{number}" for number in range(5)]
    assert len(core.list_namespaced_config_map(namespace, field_selector="metadata.name=m3").items) == 1
    core.delete_collection_namespaced_config_map(namespace, label_selector="odd=1")
    left = core.list_namespaced_config_map(namespace, label_selector="odd").items
    assert [item.metadata.name for item in left] == ["m0", "m2", "m4"]


def test_eviction_and_budgets(api: client.ApiClient, namespace: str) -> None:
    """A pod under a budget without room stays, with 429; another one goes."""
    core, policy = client.CoreV1Api(api), client.PolicyV1Api(api)
    core.create_namespaced_pod(namespace, pod("kept", app="kept"))
    core.create_namespaced_pod(namespace, pod("free"))
    status = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
    core.patch_namespaced_pod_status("kept", namespace, status)
    budget_spec = client.V1PodDisruptionBudgetSpec(
        min_available=1, selector=client.V1LabelSelector(match_labels={"app": "kept"})
    )
    meta = client.V1ObjectMeta(name="budget")
    policy.create_namespaced_pod_disruption_budget(
        namespace, client.V1PodDisruptionBudget(metadata=meta, spec=budget_spec)
    )
    eviction = client.V1Eviction(metadata=client.V1ObjectMeta(name="kept"))
    with pytest.raises(ApiException) as refused:
        core.create_namespaced_pod_eviction("kept", namespace, eviction)
    assert refused.value.status == 429
    core.create_namespaced_pod_eviction("free", namespace, client.V1Eviction(metadata=client.V1ObjectMeta(name="free")))
    assert [item.metadata.name for item in core.list_namespaced_pod(namespace).items] == ["kept"]


def test_tokens_and_reviews(api: client.ApiClient, namespace: str) -> None:
    """A token made for a service account authenticates it, and RBAC says what it may do."""
    core = client.CoreV1Api(api)
    request = client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=3600))
    token = core.create_namespaced_service_account_token("default", namespace, request).status.token
    review = client.V1TokenReview(spec=client.V1TokenReviewSpec(token=token))
    told = client.AuthenticationV1Api(api).create_token_review(review).status
    assert (told.authenticated, told.user.username) == (True, f"system:serviceaccount:{namespace}:default")
    asked = client.V1ResourceAttributes(namespace=namespace, verb="get", resource="pods")
    spec = client.V1SubjectAccessReviewSpec(user=told.user.username, resource_attributes=asked)
    answer = client.AuthorizationV1Api(api).create_subject_access_review(client.V1SubjectAccessReview(spec=spec))
    assert answer.status.allowed is False


def test_leases(api: client.ApiClient, namespace: str) -> None:
    """Two holders of one lease: the slower one meets a conflict. Micro times survive."""
    leases = client.CoordinationV1Api(api)
    now = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.UTC)
    spec = client.V1LeaseSpec(holder_identity="a", lease_duration_seconds=15, renew_time=now)
    leases.create_namespaced_lease(namespace, client.V1Lease(metadata=client.V1ObjectMeta(name="l"), spec=spec))
    first, second = (leases.read_namespaced_lease("l", namespace) for _ in range(2))
    assert first.spec.renew_time == now
    first.spec.holder_identity, second.spec.holder_identity = "b", "c"
    leases.replace_namespaced_lease("l", namespace, first)
    with pytest.raises(ApiException) as conflict:
        leases.replace_namespaced_lease("l", namespace, second)
    assert conflict.value.status == 409


def test_custom_objects(api: client.ApiClient, widgets: str, namespace: str) -> None:
    """The CustomObjectsApi: defaults, status and scale of a custom resource."""
    custom = client.CustomObjectsApi(api)
    place = ("clients.example.com", "v1", namespace, widgets)
    body = {"apiVersion": "clients.example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": "s"}}
    assert custom.create_namespaced_custom_object(*place, body)["spec"] == {"size": "s", "replicas": 1}
    custom.patch_namespaced_custom_object_status(*place, "w", {"status": {"replicas": 1}})
    scale = custom.patch_namespaced_custom_object_scale(*place, "w", {"spec": {"replicas": 7}})
    assert (scale["spec"], scale["status"]) == ({"replicas": 7}, {"replicas": 1})
    assert custom.get_namespaced_custom_object(*place, "w")["metadata"]["generation"] == 2
    assert custom.list_cluster_custom_object(*place[:2], widgets)["kind"] == "WidgetList"
    custom.delete_namespaced_custom_object(*place, "w")


def test_the_dynamic_client(api: client.ApiClient, widgets: str, namespace: str) -> None:
    """Discovery, server-side apply and watches of what the client has no classes for."""
    found = dynamic.DynamicClient(api)
    resource = found.resources.get(api_version="clients.example.com/v1", kind="Widget")
    body = {
        "apiVersion": "clients.example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "d"},
        "spec": {"replicas": 2},
    }
    applied = resource.server_side_apply(body=body, namespace=namespace, field_manager="tests")
    assert applied.spec.replicas == 2
    since = resource.get(namespace=namespace).metadata.resourceVersion
    resource.patch(
        body={"spec": {"replicas": 3}}, name="d", namespace=namespace, content_type="application/merge-patch+json"
    )
    event = next(resource.watch(namespace=namespace, resource_version=since, timeout=2))
    assert (event["type"], event["object"].spec.replicas) == ("MODIFIED", 3)
    resource.delete(name="d", namespace=namespace)
    with pytest.raises(dynamic.exceptions.NotFoundError):
        resource.get(name="d", namespace=namespace)
