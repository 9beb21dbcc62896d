"""Pods in tables (upstream: printPod in pkg/printers/internalversion). Next: `kubern/apimachinery/printing.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery.printing import age, since
from kubern.apimachinery.resource import AGE_COLUMN, NAME_COLUMN, Column
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.pod.aggregate import is_restartable_init_container

Object = Mapping[str, Any]
_NONE = "<none>"

COLUMNS = (
    NAME_COLUMN,
    Column("Ready", description="The aggregate readiness state of this pod for accepting traffic."),
    Column("Status", description="The aggregate status of the containers in this pod."),
    Column(
        "Restarts",
        description="The number of times the containers in this pod have been restarted and when the last "
        "container in this pod has restarted.",
    ),
    AGE_COLUMN,
    described("IP", "core.v1.PodStatus.podIP", priority=1),
    described("Node", "core.v1.PodSpec.nodeName", priority=1),
    described("Nominated Node", "core.v1.PodStatus.nominatedNodeName", priority=1),
    described("Readiness Gates", "core.v1.PodSpec.readinessGates", priority=1),
)
_FINISHED = {
    "Succeeded": "The pod has completed successfully.",
    "Failed": "The pod failed.",
}


def pod_row_conditions(pod: Object) -> list[dict[str, Any]]:
    """Finished pods are marked, so that clients can leave them out."""
    phase = (pod.get("status") or {}).get("phase")
    if phase not in _FINISHED:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": _FINISHED[phase]}]


class _Tally:
    """Counts over a pod's containers, and the word for its state."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.ready = 0
        self.restarts = 0
        self.last_restart = ""

    def add_restarts(self, status: Object) -> None:
        self.restarts += status.get("restartCount") or 0
        ended = (status.get("lastState") or {}).get("terminated") or {}
        self.last_restart = max(self.last_restart, ended.get("finishedAt") or "")


def pod_cells(pod: Object) -> list[Any]:
    """Name, Ready, Status, Restarts, Age and the wide columns."""
    spec, status, meta = pod.get("spec") or {}, pod.get("status") or {}, pod["metadata"]
    init_containers = {c.get("name"): c for c in spec.get("initContainers") or ()}
    sidecars = {name for name, c in init_containers.items() if is_restartable_init_container(c)}
    tally = _tally_containers(spec, status, sidecars)
    reason = tally.reason
    if meta.get("deletionTimestamp") is not None:
        if status.get("reason") == "NodeLost":
            reason = "Unknown"
        elif status.get("phase") not in _FINISHED:
            reason = "Terminating"
    restarts = str(tally.restarts)
    if tally.restarts and tally.last_restart:
        restarts = f"{restarts} ({since(tally.last_restart)} ago)"
    total = len(spec.get("containers") or ()) + len(sidecars)
    return [
        meta.get("name", ""),
        f"{tally.ready}/{total}",
        reason,
        restarts,
        age(pod),
        next((ip.get("ip") for ip in status.get("podIPs") or ()), "") or _NONE,
        spec.get("nodeName") or _NONE,
        status.get("nominatedNodeName") or _NONE,
        _readiness_gates(spec, status),
    ]


def _tally_containers(spec: Object, status: Object, sidecars: set[Any]) -> _Tally:
    reason = status.get("reason") or status.get("phase") or ""
    conditions = status.get("conditions") or ()
    if any(c.get("type") == "PodScheduled" and c.get("reason") == "SchedulingGated" for c in conditions):
        reason = "SchedulingGated"
    tally, of_sidecars = _Tally(reason), _Tally(reason)
    initializing = _tally_init_containers(spec, status, sidecars, tally, of_sidecars)
    if initializing and not _is_true(conditions, "Initialized"):
        return tally
    of_sidecars.reason, of_sidecars.ready = tally.reason, tally.ready
    running = False
    for container in reversed(status.get("containerStatuses") or ()):
        of_sidecars.add_restarts(container)
        word = _state_word(container)
        if word:
            of_sidecars.reason = word
        elif container.get("ready") and (container.get("state") or {}).get("running") is not None:
            running = True
            of_sidecars.ready += 1
    if of_sidecars.reason == "Completed" and running:
        of_sidecars.reason = "Running" if _is_true(conditions, "Ready") else "NotReady"
    return of_sidecars


def _tally_init_containers(
    spec: Object, status: Object, sidecars: set[Any], tally: _Tally, of_sidecars: _Tally
) -> bool:
    """Whether an init container still runs or failed; its word is then the tally's reason."""
    for i, container in enumerate(status.get("initContainerStatuses") or ()):
        tally.add_restarts(container)
        is_sidecar = container.get("name") in sidecars
        if is_sidecar:
            of_sidecars.add_restarts(container)
        state = container.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting") or {}
        if ended is not None and not ended.get("exitCode"):
            continue
        if is_sidecar and container.get("started"):
            tally.ready += bool(container.get("ready"))
            continue
        if ended is not None:
            tally.reason = "Init:" + _ended_word(ended)
        elif waiting.get("reason") and waiting["reason"] != "PodInitializing":
            tally.reason = "Init:" + waiting["reason"]
        else:
            tally.reason = f"Init:{i}/{len(spec.get('initContainers') or ())}"
        return True
    return False


def _state_word(container: Object) -> str:
    state = container.get("state") or {}
    waiting, ended = state.get("waiting") or {}, state.get("terminated")
    if waiting.get("reason"):
        return str(waiting["reason"])
    return _ended_word(ended) if ended is not None else ""


def _ended_word(ended: Object) -> str:
    if ended.get("reason"):
        return str(ended["reason"])
    signal = ended.get("signal")
    return f"Signal:{signal}" if signal else f"ExitCode:{ended.get('exitCode') or 0}"


def _is_true(conditions: Any, kind: str) -> bool:
    return any(c.get("type") == kind and c.get("status") == "True" for c in conditions)


def _readiness_gates(spec: Object, status: Object) -> str:
    gates = spec.get("readinessGates") or ()
    if not gates:
        return _NONE
    conditions: dict[Any, Any] = {}
    for condition in status.get("conditions") or ():
        conditions.setdefault(condition.get("type"), condition.get("status"))
    true = sum(conditions.get(gate.get("conditionType")) == "True" for gate in gates)
    return f"{true}/{len(gates)}"
