"""The computed cells of tables, for what the objects of each kind may hold.

Ages are left out: the objects have no time of creation, and so are `<unknown>` old. Next: `core/test_pod_cells.py`.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from kubern_kubeapi.groups.all import API_GROUPS

Object = dict[str, Any]
CELLS = {
    (definition.resource, version.version): version.cells
    for group in API_GROUPS
    for definition in group.resources
    for version in definition.versions
    if version.cells is not None
}
AGE = "<unknown>"


def ago(seconds: float) -> str:
    """The RFC 3339 time that was so many seconds ago."""
    when = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def cells(resource: str, version: str = "v1", **obj: Any) -> list[Any]:
    """An object's cells without its name and age."""
    metadata = {"name": "n", **obj.pop("metadata", {})}
    row = CELLS[resource, version]({"metadata": metadata, **obj})
    return [cell for cell in row if cell not in ("n", AGE)]


INGRESS = {"loadBalancer": {"ingress": [{"ip": "192.0.2.9"}, {"hostname": "a.example.com"}, {"ip": "192.0.2.10"}]}}


@pytest.mark.parametrize(
    ("spec", "status", "address"),
    [
        ({"type": "ClusterIP"}, {}, "<none>"),
        ({"type": "NodePort", "externalIPs": ["192.0.2.1", "192.0.2.0"]}, {}, "192.0.2.1,192.0.2.0"),
        ({"type": "LoadBalancer"}, {}, "<pending>"),
        ({"type": "LoadBalancer"}, INGRESS, "192.0.2.10,192.0.2.9,a.example.com"),
        ({"type": "LoadBalancer", "externalIPs": ["1.1.1.1"]}, INGRESS, "192.0.2.10,192.0.2.9,a.example.com,1.1.1.1"),
        ({"type": "LoadBalancer", "externalIPs": ["1.1.1.1"]}, {}, "1.1.1.1"),
        ({"type": "ExternalName", "externalName": "e.example.com", "externalIPs": ["1.1.1.1"]}, {}, "e.example.com"),
        ({}, {}, "<unknown>"),
    ],
)
def test_external_addresses_of_services(spec: Object, status: Object, address: str) -> None:
    """What the External-IP column says for each type of service; addresses are never cut."""
    assert CELLS["services", "v1"]({"metadata": {"name": "n"}, "spec": spec, "status": status})[3] == address


@pytest.mark.parametrize(
    ("subsets", "text"),
    [
        (None, "<none>"),
        ([{"notReadyAddresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 80}]}], ""),
        ([{"addresses": [{"ip": "10.0.0.1"}]}], "10.0.0.1"),
        ([{"addresses": [{"ip": "fd00::1"}], "ports": [{"port": 80}, {"port": 81}]}], "[fd00::1]:80,[fd00::1]:81"),
        (
            [{"addresses": [{"ip": "10.0.0.1"}] * 3, "ports": [{"port": 80}]}, {"addresses": [{"ip": "10.0.0.2"}] * 2}],
            "10.0.0.1:80,10.0.0.1:80,10.0.0.1:80 + 2 more...",
        ),
    ],
)
def test_addresses_of_endpoints(subsets: list[Object] | None, text: str) -> None:
    """Three addresses are shown, with ports where there are any."""
    assert cells("endpoints", subsets=subsets) == [text]


@pytest.mark.parametrize(
    ("hosts", "text"),
    [
        ([], "*"),
        ([""], "*"),
        (["", "a"], "a"),
        (["a", "b", "c"], "a,b,c"),
        (["a", "", "b", "c", "", "d"], "a,b,c + 3 more..."),
    ],
)
def test_hosts_of_ingresses(hosts: list[str], text: str) -> None:
    """Three hosts are shown; the rest is counted by rules."""
    spec = {"rules": [{"host": host} if host else {} for host in hosts]}
    assert cells("ingresses", spec=spec) == ["<none>", text, "", "80"]


JOB_CONDITIONS = ("Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet")


@pytest.mark.parametrize("kind", JOB_CONDITIONS)
def test_status_of_jobs(kind: str) -> None:
    """A true condition gives the status; being deleted comes before all but the final ones."""
    status = {"conditions": [{"type": kind, "status": "True"}]}
    assert cells("jobs", status=status)[0] == kind
    deleted = cells("jobs", status=status, metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    assert deleted[0] == (kind if kind in ("Complete", "Failed") else "Terminating")
    assert cells("jobs", status={"conditions": [{"type": kind, "status": "False"}]})[0] == "Running"


@pytest.mark.parametrize(
    ("spec", "status", "shown"),
    [
        ({}, {}, ["0/1", ""]),
        ({"completions": 5}, {"succeeded": 2}, ["2/5", ""]),
        ({"completions": 0}, {}, ["0/0", ""]),
        ({"parallelism": 1}, {"succeeded": 1}, ["1/1", ""]),
        ({"parallelism": 3}, {"succeeded": 1}, ["1/1 of 3", ""]),
        ({}, {"startTime": "2026-01-01T00:00:00Z", "completionTime": "2026-01-01T00:02:05Z"}, ["0/1", "2m5s"]),
    ],
)
def test_completions_and_duration_of_jobs(spec: Object, status: Object, shown: list[str]) -> None:
    """Completions are counted against what is wanted; a job that has not started has lasted no time."""
    assert cells("jobs", spec=spec, status=status)[1:3] == shown


def test_duration_of_a_running_job() -> None:
    """It lasts until now."""
    assert cells("jobs", status={"startTime": ago(65)})[2] in ("65s", "66s")


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"eventTime": 10}, ["10s", "", "", "", "", "", "", "10s", 1]),
        ({"firstTimestamp": 600, "lastTimestamp": 30, "count": 4}, ["30s", "", "", "", "", "", "", "10m", 4]),
        ({"firstTimestamp": 600}, ["10m", "", "", "", "", "", "", "10m", 1]),
        (
            {"eventTime": 600, "series": {"count": 9, "lastObservedTime": 40}},
            ["40s", "", "", "", "", "", "", "10m", 9],
        ),
    ],
)
def test_times_of_events(event: Object, shown: list[Any]) -> None:
    """Old and new events say when they were seen first and last, and how often."""
    given: Any = {
        key: ago(value) if isinstance(value, int) and key != "count" else value for key, value in event.items()
    }
    if "series" in given:
        given["series"] = {**given["series"], "lastObservedTime": ago(40)}
    assert cells("events", **given) == shown


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"involvedObject": {"kind": "Pod", "name": "p"}}, "pod/p"),
        ({"involvedObject": {"kind": "Pod"}}, "pod"),
    ],
)
def test_objects_of_events(event: Object, shown: str) -> None:
    """The kind in lower case, and the name if there is one."""
    assert CELLS["events", "v1"]({"metadata": {"name": "n"}, **event})[3] == shown


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"source": {"component": "c", "host": "h"}}, "c, h"),
        ({"source": {"component": "c"}}, "c"),
        ({"reportingComponent": "r", "reportingInstance": "i", "source": {}}, "r, i"),
        ({"reportingComponent": "r", "source": {"component": "c"}}, "c"),
    ],
)
def test_sources_of_events(event: Object, shown: str) -> None:
    """The source, or what reported where there is none."""
    assert CELLS["events", "v1"]({"metadata": {"name": "n"}, **event})[5] == shown


@pytest.mark.parametrize(
    ("resource", "obj", "shown"),
    [
        ("configmaps", {"data": {"a": "1"}, "binaryData": {"b": ""}}, [2]),
        ("secrets", {"type": "Opaque", "data": {"a": ""}}, ["Opaque", 1]),
        ("leases", {"spec": {}}, [""]),
        ("poddisruptionbudgets", {"spec": {"minAvailable": 0}}, ["0", "N/A", 0]),
        ("poddisruptionbudgets", {"spec": {"maxUnavailable": "5%"}, "status": {"disruptionsAllowed": 2}}, ["N/A", "5%", 2]),
        ("volumeattributesclasses", {"driverName": "d"}, ["d"]),
        ("storageclasses", {"provisioner": "p"}, ["p", "Delete", "Immediate", False]),
        ("csinodes", {"spec": {"drivers": [{}, {}]}}, [2]),
        ("csidrivers", {"spec": {"tokenRequests": []}}, [True, False, False, "", False, "<none>"]),
        (
            "csidrivers",
            {
                "spec": {
                    "attachRequired": False,
                    "tokenRequests": [{"audience": "a"}, {"audience": ""}],
                    "volumeLifecycleModes": ["Persistent", "Ephemeral"],
                }
            },
            [False, False, False, "a,", False, "Persistent,Ephemeral"],
        ),
        ("resourceclaims", {"status": {}}, ["pending"]),
        ("resourceclaims", {"metadata": {"deletionTimestamp": "t"}, "status": {}}, ["deleted"]),
        (
            "resourceclaims",
            {"metadata": {"deletionTimestamp": "t"}, "status": {"allocation": {}, "reservedFor": [{}]}},
            ["deleted,allocated,reserved"],
        ),
        ("ipaddresses", {"spec": {}}, ["<none>"]),
        (
            "ipaddresses",
            {"spec": {"parentRef": {"group": "A.b", "resource": "Cs", "namespace": "ns", "name": "X"}}},
            ["cs.a.b/ns/X"],
        ),
        ("ipaddresses", {"spec": {"parentRef": {"resource": "services", "name": "s"}}}, ["services/s"]),
        ("controllerrevisions", {"revision": 3}, ["<none>", 3]),
        (
            "controllerrevisions",
            {"metadata": {"ownerReferences": [
                {"apiVersion": "v1", "kind": "Pod", "name": "p"},
                {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d", "controller": True},
            ]}},
            ["daemonset.apps/d", 0],
        ),
        ("endpointslices", {"addressType": "IPv4"}, ["IPv4", "<unset>", "<unset>"]),
        (
            "endpointslices",
            {
                "addressType": "IPv4",
                "ports": [{}, {"name": "a"}, {"name": "b", "port": 80}, {"port": 81}],
                "endpoints": [{"addresses": ["1.1.1.1"]}, {"addresses": ["1.1.1.2"]}],
            },
            ["IPv4", "*,a,80 + 1 more...", "1.1.1.1,1.1.1.2"],
        ),
        ("prioritylevelconfigurations", {"spec": {"type": "Exempt"}}, ["Exempt", *["<none>"] * 4]),
        (
            "prioritylevelconfigurations",
            {"spec": {"type": "Limited", "limited": {"nominalConcurrencyShares": 5, "limitResponse": {"type": "Reject"}}}},
            ["Limited", 5, "<none>", "<none>", "<none>"],
        ),
        (
            "flowschemas",
            {
                "spec": {"priorityLevelConfiguration": {"name": "p"}, "matchingPrecedence": 7},
                "status": {"conditions": [{"type": "Dangling", "status": "True"}]},
            },
            ["p", 7, "<none>", "True"],
        ),
        ("flowschemas", {"spec": {"distinguisherMethod": {"type": "ByUser"}}}, ["", 0, "ByUser", "?"]),
        (
            "rolebindings",
            {
                "roleRef": {"kind": "Role", "name": "r"},
                "subjects": [
                    {"kind": "User", "name": "u"},
                    {"kind": "ServiceAccount", "name": "s", "namespace": "ns"},
                    {"kind": "User", "name": "v"},
                    {"kind": "Other", "name": "o"},
                ],
            },
            ["Role/r", "u, v", "", "ns/s"],
        ),
        ("validatingadmissionpolicybindings", {"spec": {"policyName": "p", "paramRef": {"name": "q"}}}, ["p", "*/q"]),
        (
            "validatingadmissionpolicybindings",
            {"spec": {"policyName": "p", "paramRef": {"name": "q", "namespace": "ns"}}},
            ["p", "ns/q"],
        ),
        ("mutatingadmissionpolicybindings", {"spec": {"policyName": "p", "paramRef": {}}}, ["p", "<unset>"]),
        (
            "mutatingadmissionpolicies",
            {"spec": {"mutations": [{}], "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}}},
            [1, "v1/ConfigMap"],
        ),
        ("certificatesigningrequests", {"spec": {"username": "u"}}, ["<none>", "u", "<none>", "Pending"]),
        (
            "certificatesigningrequests",
            {
                "spec": {"signerName": "s", "expirationSeconds": 86400},
                "status": {"certificate": "eA==", "conditions": [{"type": "Failed"}, {"type": "Approved"}]},
            },
            ["s", "", "24h", "Approved,Failed,Issued"],
        ),
        (
            "resourcequotas",
            {
                "status": {
                    "hard": {"pods": "4", "limits.cpu": "2", "limits": "1", "cpu": "1"},
                    "used": {"pods": "1", "limits.cpu": "500m"},
                }
            },
            ["cpu: 0/1, limits: 0/1, pods: 1/4", "limits.cpu: 500m/2"],
        ),
        ("cronjobs", {"spec": {}}, ["", "<none>", "<unset>", 0, "<none>", "", "", "<none>"]),
        ("statefulsets", {"spec": {"replicas": 3}, "status": {"readyReplicas": 1}}, ["1/3", "", ""]),
        ("runtimeclasses", {"handler": "h"}, ["h"]),
        ("priorityclasses", {"value": 5}, [5, False, ""]),
        ("servicecidrs", {"spec": {"cidrs": ["10.0.0.0/24", "fd00::/112"]}}, ["10.0.0.0/24,fd00::/112"]),
        ("componentstatuses", {}, ["Unknown", "", ""]),
        (
            "componentstatuses",
            {"conditions": [{"type": "Healthy", "status": "False", "message": "m", "error": "e"}]},
            ["Unhealthy", "m", "e"],
        ),
        ("podtemplates", {"template": {"metadata": {"labels": {"b": "1", "a": "2"}}}}, ["", "", "a=2,b=1"]),
    ],
)  # fmt: skip
def test_cells(resource: str, obj: Object, shown: list[Any]) -> None:
    """What each kind shows of an object."""
    assert cells(resource, **obj) == shown


@pytest.mark.parametrize(
    ("resource", "annotation"),
    [
        ("storageclasses", "storageclass.kubernetes.io/is-default-class"),
        ("storageclasses", "storageclass.beta.kubernetes.io/is-default-class"),
        ("volumeattributesclasses", "volumeattributesclass.alpha.kubernetes.io/is-default-class"),
    ],
)
def test_default_classes_are_marked(resource: str, annotation: str) -> None:
    """Each kind of class has annotations of its own for that."""
    for value, name in (("true", "n (default)"), ("false", "n")):
        assert CELLS[resource, "v1"]({"metadata": {"name": "n", "annotations": {annotation: value}}})[0] == name


@pytest.mark.parametrize(
    ("metadata", "spec", "status", "shown"),
    [
        ({}, {}, {}, ["Unknown", "<none>", "", "<none>", "<none>", *["<unknown>"] * 3]),
        (
            {"labels": {"node-role.kubernetes.io/b": "", "node-role.kubernetes.io/": "", "kubernetes.io/role": "a"}},
            {"unschedulable": True},
            {"conditions": [{"type": "Ready", "status": "Unknown"}]},
            ["NotReady,SchedulingDisabled", "a,b", "", "<none>", "<none>", *["<unknown>"] * 3],
        ),
        (
            {},
            {},
            {
                "conditions": [{"type": "Ready", "status": "True"}],
                "addresses": [
                    {"type": "Hostname", "address": "h"},
                    {"type": "InternalIP", "address": "10.0.0.1"},
                    {"type": "InternalIP", "address": "10.0.0.2"},
                    {"type": "ExternalIP", "address": "192.0.2.1"},
                ],
                "nodeInfo": {
                    "kubeletVersion": "v1",
                    "osImage": "os",
                    "kernelVersion": "6",
                    "containerRuntimeVersion": "c://1",
                },
            },
            ["Ready", "<none>", "v1", "10.0.0.1", "192.0.2.1", "os", "6", "c://1"],
        ),
    ],
)
def test_nodes(metadata: Object, spec: Object, status: Object, shown: list[str]) -> None:
    """Readiness, roles, versions and the first address of each type."""
    row = CELLS["nodes", "v1"]({"metadata": {"name": "n", **metadata}, "spec": spec, "status": status})
    assert row[1:3] + row[4:] == shown


@pytest.mark.parametrize(
    ("resource", "obj", "shown"),
    [
        (
            "persistentvolumes",
            {
                "spec": {"accessModes": ["ReadWriteMany", "ReadWriteOnce", "ReadWriteMany"]},
                "status": {"phase": "Bound"},
            },
            ["0", "RWO,RWX", "", "Bound", "", "", "<unset>", "", "<unset>"],
        ),
        (
            "persistentvolumes",
            {
                "metadata": {
                    "deletionTimestamp": "t",
                    "annotations": {"volume.beta.kubernetes.io/storage-class": "old"},
                },
                "spec": {"storageClassName": "new", "claimRef": {"namespace": "ns", "name": "c"}},
            },
            ["0", "", "", "Terminating", "ns/c", "old", "<unset>", "", "<unset>"],
        ),
        (
            "persistentvolumeclaims",
            {"spec": {"resources": {"requests": {"storage": "1Gi"}}}, "status": {"phase": "Pending"}},
            ["Pending", "", "", "", "", "<unset>", "<unset>"],
        ),
        (
            "persistentvolumeclaims",
            {
                "spec": {"volumeName": "v", "volumeMode": "Block", "storageClassName": "s"},
                "status": {"phase": "Bound", "accessModes": ["ReadWriteOncePod"]},
            },
            ["Bound", "v", "0", "RWOP", "s", "<unset>", "Block"],
        ),
    ],
)
def test_volumes_and_claims(resource: str, obj: Object, shown: list[str]) -> None:
    """Capacity, modes, class and phase; a claim without a volume has neither capacity nor modes."""
    assert cells(resource, **obj) == shown
