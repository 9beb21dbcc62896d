"""CSI drivers, CSI nodes and volume attachments: what is valid and what may change."""

from __future__ import annotations

from typing import Any

import pytest

_STORAGE = "/apis/storage.k8s.io/v1"
_DRIVER: dict[str, Any] = {"spec": {}}


@pytest.mark.parametrize(
    ("patch", "causes"),
    [
        ({"fsGroupPolicy": "File", "podInfoOnMount": True}, []),
        ({"attachRequired": False}, [("spec.attachedRequired", "Invalid value: false: field is immutable")]),
        (
            {"fsGroupPolicy": "Odd"},
            [
                (
                    "spec.fsGroupPolicy",
                    'Unsupported value: "Odd": supported values: "File", "None", "ReadWriteOnceWithFSType"',
                )
            ],
        ),
        (
            {"nodeAllocatableUpdatePeriodSeconds": 9},
            [
                (
                    "spec.nodeAllocatableUpdatePeriodSeconds",
                    "Invalid value: 9: must be greater than or equal to 10 seconds",
                )
            ],
        ),
    ],
)
def test_changes_of_drivers(api: Any, patch: dict[str, Any], causes: list[tuple[str, str]]) -> None:
    """Of a driver only attachRequired and the life cycle modes are fixed; the rest is judged as new."""
    assert api.causes_of_change(f"{_STORAGE}/csidrivers", _DRIVER, {"spec": patch}) == causes


def test_tokens_in_secrets_raise_the_generation(api: Any) -> None:
    """What the kubelet must learn of is counted."""
    path = api.create(f"{_STORAGE}/csidrivers", {"spec": {"tokenRequests": [{"audience": "a"}]}})
    changed = api.patch(path, {"spec": {"serviceAccountTokenInSecrets": True}})
    assert changed["metadata"]["generation"] == 1


def test_a_driver_of_a_node_is_fixed(api: Any) -> None:
    """The number of volumes may change, the identity not."""
    path = f"{_STORAGE}/csinodes"
    node = {"spec": {"drivers": [{"name": "d", "nodeID": "i", "allocatable": {"count": 1}}]}}
    counted = {"spec": {"drivers": [{"name": "d", "nodeID": "i", "allocatable": {"count": 2}}]}}
    assert api.causes_of_change(path, node, counted) == []
    other = {"spec": {"drivers": [{"name": "d", "nodeID": "j"}]}}
    shown = '{"Name":"d","NodeID":"j","TopologyKeys":null,"Allocatable":null}'
    assert api.causes_of_change(path, node, other) == [("spec.drivers", f"Invalid value: {shown}: field is immutable")]


def test_errors_of_attachments(api: Any) -> None:
    """An error's code is a gRPC code, its message is short."""
    body = {"spec": {"attacher": "a", "nodeName": "n", "source": {"persistentVolumeName": "p"}}}
    status = {"attached": False, "attachError": {"errorCode": -1, "message": "m" * 1025}}
    causes = api.causes_of_change(f"{_STORAGE}/volumeattachments", body, {"status": status}, "/status")
    assert causes == [
        ("status.attachError.message", "Too long: may not be more than 262144 bytes"),
        ("status.attachError.errorCode", "Invalid value: -1: must be between 0 and 2147483647, inclusive"),
    ]
