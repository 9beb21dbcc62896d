"""What tables say of pods: readiness, a word for the state, restarts."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from kubern_kubeapi.groups.core.pod.printer import pod_cells, pod_row_conditions

Object = dict[str, Any]
RUNNING: dict[str, Any] = {"running": {}}


def waits(reason: str = "") -> Object:
    return {"waiting": {"reason": reason} if reason else {}}


def ended(code: int = 0, **more: Any) -> Object:
    return {"terminated": {"exitCode": code, **more}}


def container(state: Object, ready: bool = False, restarts: int = 0, name: str = "c", **more: Any) -> Object:
    return {"name": name, "state": state, "ready": ready, "restartCount": restarts, **more}


def condition(kind: str, status: str = "True", **more: Any) -> Object:
    return {"type": kind, "status": status, **more}


def row(spec: Object, status: Object, **metadata: Any) -> list[Any]:
    return pod_cells({"metadata": {"name": "p", **metadata}, "spec": spec, "status": status})


ONE, TWO = ({"containers": [{"name": str(i)} for i in range(n)]} for n in (1, 2))
INIT = {**ONE, "initContainers": [{"name": "i"}, {"name": "j"}]}
SIDECAR = {**ONE, "initContainers": [{"name": "s", "restartPolicy": "Always"}, {"name": "i"}]}


@pytest.mark.parametrize(
    ("spec", "status", "shown"),
    [
        (ONE, {"phase": "Pending"}, ["0/1", "Pending", "0"]),
        (ONE, {"phase": "Failed", "reason": "Evicted"}, ["0/1", "Evicted", "0"]),
        (
            ONE,
            {"phase": "Pending", "conditions": [condition("PodScheduled", "False", reason="SchedulingGated")]},
            ["0/1", "SchedulingGated", "0"],
        ),
        (ONE, {"phase": "Running", "containerStatuses": [container(RUNNING, True, 3)]}, ["1/1", "Running", "3"]),
        (ONE, {"phase": "Running", "containerStatuses": [container(RUNNING)]}, ["0/1", "Running", "0"]),
        (
            TWO,
            {"phase": "Running", "containerStatuses": [container(waits("CrashLoopBackOff"), restarts=5), container(RUNNING, True)]},
            ["1/2", "CrashLoopBackOff", "5"],
        ),
        (ONE, {"phase": "Pending", "containerStatuses": [container(waits())]}, ["0/1", "Pending", "0"]),
        (ONE, {"phase": "Failed", "containerStatuses": [container(ended(1, reason="Error"))]}, ["0/1", "Error", "0"]),
        (ONE, {"phase": "Failed", "containerStatuses": [container(ended(1, signal=9))]}, ["0/1", "Signal:9", "0"]),
        (ONE, {"phase": "Failed", "containerStatuses": [container(ended(7))]}, ["0/1", "ExitCode:7", "0"]),
        # The first container's word counts when there are several.
        (
            TWO,
            {"containerStatuses": [container(ended(1, reason="OOMKilled")), container(ended(2, reason="Error"))]},
            ["0/2", "OOMKilled", "0"],
        ),
        (
            TWO,
            {
                "containerStatuses": [container(ended(reason="Completed")), container(RUNNING, True)],
                "conditions": [condition("Ready")],
            },
            ["1/2", "Running", "0"],
        ),
        (
            TWO,
            {"containerStatuses": [container(ended(reason="Completed")), container(RUNNING, True)]},
            ["1/2", "NotReady", "0"],
        ),
        (TWO, {"containerStatuses": [container(ended(reason="Completed"))] * 2}, ["0/2", "Completed", "0"]),
        # Containers that prepare the pod.
        (INIT, {"initContainerStatuses": [container(waits("PodInitializing"), name="i")]}, ["0/1", "Init:0/2", "0"]),
        (
            INIT,
            {"initContainerStatuses": [container(ended(), name="i"), container(RUNNING, name="j", restarts=2)]},
            ["0/1", "Init:1/2", "2"],
        ),
        (INIT, {"initContainerStatuses": [container(waits("ErrImagePull"), name="i")]}, ["0/1", "Init:ErrImagePull", "0"]),
        (INIT, {"initContainerStatuses": [container(ended(3, reason="Error"), name="i")]}, ["0/1", "Init:Error", "0"]),
        (INIT, {"initContainerStatuses": [container(ended(3), name="i")]}, ["0/1", "Init:ExitCode:3", "0"]),
        (INIT, {"initContainerStatuses": [container(ended(3, signal=6), name="i")]}, ["0/1", "Init:Signal:6", "0"]),
        # Their restarts do not count once the pod runs.
        (
            INIT,
            {
                "phase": "Running",
                "initContainerStatuses": [container(ended(), name=n, restarts=4) for n in "ij"],
                "containerStatuses": [container(RUNNING, True, 1)],
            },
            ["1/1", "Running", "1"],
        ),
        # A pod that was initialized once shows its containers although an init container runs again.
        (
            INIT,
            {
                "phase": "Running",
                "initContainerStatuses": [container(RUNNING, name="i")],
                "containerStatuses": [container(RUNNING, True)],
                "conditions": [condition("Initialized")],
            },
            ["1/1", "Init:0/2", "0"],
        ),
        # Sidecars count as containers.
        (
            SIDECAR,
            {
                "phase": "Running",
                "initContainerStatuses": [
                    container(RUNNING, True, 2, "s", started=True), container(ended(), name="i", restarts=1),
                ],
                "containerStatuses": [container(RUNNING, True, 1)],
            },
            ["2/2", "Running", "3"],
        ),
        (
            SIDECAR,
            {
                "initContainerStatuses": [
                    container(RUNNING, True, 2, "s", started=True), container(RUNNING, name="i", restarts=1),
                ]
            },
            ["1/2", "Init:1/2", "3"],
        ),
        (SIDECAR, {"initContainerStatuses": [container(RUNNING, name="s", started=False)]}, ["0/2", "Init:0/2", "0"]),
    ],
)  # fmt: skip
def test_state(spec: Object, status: Object, shown: list[str]) -> None:
    """Ready containers, the state's word and restarts follow from the containers' states."""
    assert row(spec, status)[1:4] == shown


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ({"phase": "Running"}, "Terminating"),
        ({"phase": "Succeeded"}, "Succeeded"),
        ({"phase": "Failed"}, "Failed"),
        ({"phase": "Running", "reason": "NodeLost"}, "Unknown"),
        ({"phase": "Failed", "reason": "NodeLost"}, "Unknown"),
    ],
)
def test_deleted_pods(status: Object, word: str) -> None:
    """Pods on their way out say so, unless they have ended or their node is lost."""
    assert row(ONE, status, deletionTimestamp="2026-01-01T00:00:00Z")[2] == word


def test_the_last_restart() -> None:
    """Restarts come with how long ago the last of them was, over all containers."""
    now = datetime.datetime.now(datetime.UTC)
    times = [(now - datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ") for hours in (30, 5)]
    statuses = [container(RUNNING, True, 1, lastState=ended(finishedAt=time)) for time in times]
    assert row(TWO, {"phase": "Running", "containerStatuses": statuses})[3] == "2 (5h ago)"
    unrestarted = [container(RUNNING, True, 0, lastState=ended(finishedAt=times[0]))]
    assert row(ONE, {"phase": "Running", "containerStatuses": unrestarted})[3] == "0"


def test_wide_columns() -> None:
    """The first address, the node, the node to be, and how many readiness gates are open."""
    assert row(ONE, {})[5:] == ["<none>"] * 4
    spec = {**ONE, "nodeName": "n", "readinessGates": [{"conditionType": t} for t in ("a", "b", "c")]}
    status = {
        "podIP": "10.0.0.1",
        "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}],
        "nominatedNodeName": "m",
        "conditions": [condition("a"), condition("b", "False"), condition("d")],
    }
    assert row(spec, status)[5:] == ["10.0.0.1", "n", "m", "1/3"]


@pytest.mark.parametrize(
    ("phase", "message"),
    [("Succeeded", "The pod has completed successfully."), ("Failed", "The pod failed."), ("Running", "")],
)
def test_finished_pods_are_marked(phase: str, message: str) -> None:
    """Rows of ended pods carry a condition, by which clients may leave them out."""
    marks = pod_row_conditions({"status": {"phase": phase}})
    wanted = {"type": "Completed", "status": "True", "reason": phase, "message": message}
    assert marks == ([wanted] if message else [])
