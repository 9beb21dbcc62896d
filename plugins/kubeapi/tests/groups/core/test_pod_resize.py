"""pods/resize: cpu and memory of running containers and pods."""

from __future__ import annotations

from typing import Any

import pytest

Object = dict[str, Any]
SMALL, LARGE = {"cpu": "1"}, {"cpu": "2"}


def container(name: str = "c", **resources: Any) -> Object:
    return {"name": name, "image": "i", "resources": resources}


STORAGE = {"ephemeral-storage": "1"}
SIDECAR = container("b") | {"restartPolicy": "Always"}


@pytest.mark.parametrize(
    ("old", "new", "causes"),
    [
        ({"containers": [container(requests=SMALL)]}, {"containers": [container(requests=LARGE)]}, []),
        (
            {"containers": [container(requests=SMALL, limits=LARGE)]},
            {"containers": [container(requests=SMALL)]},
            ["spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"],
        ),
        (
            {"containers": [container(requests=SMALL)]},
            {"containers": [container(requests=SMALL, limits={"ephemeral-storage": "1"})]},
            ["spec: Forbidden: only cpu and memory resources are mutable"],
        ),
        (
            {"containers": [container(requests=SMALL)]},
            {"containers": [container(requests=SMALL), container("d")]},
            ["spec.containers: Forbidden: containers may not be added or removed on resize"],
        ),
        (
            {"containers": [container(requests=SMALL), container("d", requests=SMALL)]},
            {"containers": [container("d", requests=SMALL), container(requests=SMALL)]},
            [
                "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize",
                "spec.containers[1].name: Forbidden: containers may not be renamed or reordered on resize",
            ],
        ),
        (
            {"containers": [container(requests=SMALL)]},
            {"containers": [container(requests=LARGE, limits=LARGE)]},
            [],
        ),
        (
            {"containers": [container(requests=SMALL)], "initContainers": [container("a", requests=SMALL), SIDECAR]},
            {
                "containers": [container(requests=SMALL)],
                "initContainers": [container("a", requests=LARGE), SIDECAR | {"resources": {"requests": STORAGE}}],
            },
            [
                "spec: Forbidden: resources for non-sidecar init containers are immutable",
                "spec: Forbidden: only cpu and memory resources for sidecar containers are mutable",
            ],
        ),
        (
            {"containers": [container()]},
            {"containers": [container(requests=SMALL)]},
            ['spec: Invalid value: "BestEffort": Pod QOS Class may not change as a result of resizing'],
        ),
        (
            {"resources": {"requests": SMALL}, "containers": [container()]},
            {"resources": {"requests": LARGE}, "containers": [container()]},
            [],
        ),
        (
            {"resources": {"requests": SMALL, "limits": LARGE}, "containers": [container()]},
            {"resources": {"requests": SMALL, "limits": None}, "containers": [container()]},
            ["spec.resources.limits: Forbidden: pod-level resource limits cannot be removed"],
        ),
        (
            {"resources": {"requests": SMALL}, "containers": [container()]},
            {"resources": None, "containers": [container(requests=SMALL)]},
            ["spec.resources: Forbidden: pod-level resources cannot be removed"],
        ),
    ],
)
def test_resize(pods: Any, old: Object, new: Object, causes: list[str]) -> None:
    """What may change, and what may not."""
    assert pods.update_causes(pods.created({"spec": old}), {"spec": new}, "resize") == causes


def test_other_fields_are_dropped(pods: Any) -> None:
    """A resize changes nothing but resources and the generation that counts them."""
    pod = pods.created({"spec": {"containers": [container(requests=SMALL)]}})
    changed = {"metadata": {"labels": {"a": "b"}}, "spec": {"hostname": "h", "containers": [container(requests=LARGE)]}}
    resized, _ = pods.update(pod, changed, "resize")
    assert "labels" not in resized["metadata"]
    assert "hostname" not in resized["spec"]
    assert resized["spec"]["containers"][0]["resources"] == {"requests": LARGE}
    assert resized["metadata"]["generation"] == 2


def test_updates_give_no_warnings(pods: Any) -> None:
    """Pods are updated by machines, which read no warnings."""
    pod, warnings = pods.create({"spec": {"terminationGracePeriodSeconds": -1}})
    assert warnings
    assert pods.update(pod, {"metadata": {"labels": {"a": "b"}}})[1] == []
