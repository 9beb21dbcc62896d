"""What kubelets may and may not write into pods/status."""

from __future__ import annotations

from typing import Any

import pytest

Object = dict[str, Any]


def state(name: str, **of: Any) -> Object:
    return {"name": name, "image": "i", "imageID": "", "ready": False, "restartCount": 0, "state": of}


@pytest.mark.parametrize(
    ("status", "causes"),
    [
        (
            {"observedGeneration": -1, "conditions": [{"type": "no good", "status": "True", "observedGeneration": -2}]},
            [
                "status.conditions[0].observedGeneration: Invalid value: -2: must be a non-negative integer",
                'status.conditions[0].Type: Invalid value: "no good": name part must consist of alphanumeric '
                "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  "
                "or 'my.name',  or '123-abc', regex used for validation is "
                "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
                "status.observedGeneration: Invalid value: -1: must be a non-negative integer",
            ],
        ),
        (
            {"nominatedNodeName": "m"},
            ["status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node"],
        ),
        (
            {"podIP": "1.1.1.1", "podIPs": [{"ip": "1.1.1.1"}, {"ip": "1.1.1.1"}]},
            [
                'status.podIPs: Invalid value: [{"IP":"1.1.1.1"},{"IP":"1.1.1.1"}]: '
                "may specify no more than one IP for each IP family"
            ],
        ),
        (
            {"hostIP": "1.1.1.2", "hostIPs": [{"ip": "1.1.1.1"}]},
            ['status.hostIPs[0].ip: Invalid value: "1.1.1.1": must be equal to `hostIP`'],
        ),
        (
            {"containerStatuses": [{**state("c"), "user": {"linux": {"uid": -1, "gid": 1}}}]},
            [
                "status.containerStatuses[0].user.linux.uid: Invalid value: -1: "
                "must be between 0 and 2147483647, inclusive"
            ],
        ),
        (
            {
                "containerStatuses": [
                    {
                        **state("c"),
                        "volumeMounts": [
                            {"name": "v", "mountPath": "/m", "volumeStatus": {"image": {"imageRef": ""}}},
                            {"name": "w", "mountPath": "/n", "volumeStatus": {"image": {"imageRef": "x" * 257}}},
                        ],
                    }
                ]
            },
            [
                "status.containerStatuses[0].volumeMounts[0].volumeStatus.imageVolumeStatus.imageRef: "
                "Required value: imageRef must not be empty",
                "status.containerStatuses[0].volumeMounts[1].volumeStatus.imageVolumeStatus.imageRef: "
                "Too long: may not be more than 256 bytes",
            ],
        ),
        (
            {
                "extendedResourceClaimStatus": {
                    "resourceClaimName": "",
                    "requestMappings": [{"containerName": "x", "resourceName": "a.com/b", "requestName": "r"}],
                }
            },
            [
                'status.extendedResourceClaimStatus.requestMappings[0].containerName: Invalid value: "x": '
                "must match the name of an entry in spec.initContainers.name or spec.containers.name",
                "status.extendedResourceClaimStatus.resourceClaimName: Required value",
            ],
        ),
    ],
)
def test_causes(pods: Any, status: Object, causes: list[str]) -> None:
    """Each field of the status by its rule."""
    pod = pods.created({"spec": {"nodeName": "n"}})
    assert pods.update_causes(pod, {"status": status}, "status") == causes


ENDED = {"terminated": {"exitCode": 1}}
RUNNING: dict[str, Any] = {"running": {}}
STAYS = "Forbidden: may not be transitioned to non-terminated state"
RULES = [{"action": "Restart", "exitCodes": {"operator": "In", "values": [1]}}]


@pytest.mark.parametrize(
    ("spec", "refused"),
    [
        ({"restartPolicy": "Always"}, False),
        ({"restartPolicy": "OnFailure"}, False),
        ({"restartPolicy": "Never"}, True),
        ({"restartPolicy": "Never", "containers": [{"name": "c", "image": "i", "restartPolicy": "OnFailure"}]}, False),
        ({"restartPolicy": "Always", "containers": [{"name": "c", "image": "i", "restartPolicy": "Never"}]}, True),
        (
            {
                "restartPolicy": "Never",
                "containers": [
                    {"name": "c", "image": "i", "restartPolicy": "Never", "restartPolicyRules": RULES},
                ],
            },
            False,
        ),
        (
            {
                "restartPolicy": "Never",
                "containers": [
                    {"name": "c", "image": "i"},
                    {
                        "name": "d",
                        "image": "i",
                        "restartPolicy": "Never",
                        "restartPolicyRules": [{**RULES[0], "action": "RestartAllContainers"}],
                    },
                ],
            },
            False,
        ),
        ({"restartPolicy": "Always", "containers": [{"name": "other", "image": "i"}]}, True),
    ],
)
def test_ended_containers(pods: Any, spec: Object, refused: bool) -> None:
    """A container that ended runs again only if its rules, its policy or the pod's let it."""
    pod = {**pods.created({"spec": spec}), "status": {"containerStatuses": [state("c", **ENDED)]}}
    causes = pods.update_causes(pod, {"status": {"containerStatuses": [state("c", **RUNNING)]}}, "status")
    assert causes == ([f"status.containerStatuses[0].state: {STAYS}"] if refused else [])


def test_observed_generation_is_kept(pods: Any) -> None:
    """Kubelets that do not know observedGeneration do not clear it."""
    condition = {"type": "Ready", "status": "True"}
    old = {"observedGeneration": 3, "conditions": [{**condition, "observedGeneration": 2}]}
    pod = {**pods.created({}), "status": old}
    updated, _ = pods.update(pod, {"status": {"observedGeneration": None, "conditions": [condition]}}, "status")
    assert updated["status"]["observedGeneration"] == 3
    assert updated["status"]["conditions"][0]["observedGeneration"] == 2


def test_odd_addresses_are_warned_of(pods: Any) -> None:
    """Addresses not in canonical form are accepted with a warning."""
    status = {"podIP": "FD00::1", "podIPs": [{"ip": "FD00::1"}]}
    _, warnings = pods.update(pods.created({}), {"status": status}, "status")
    assert warnings == [
        'status.podIPs[0].ip: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")'
    ]
