"""metadata's validation."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import name_is_dns_subdomain
from kubern.apimachinery.validation.objectmeta import validate_object_meta, validate_object_meta_update


def texts(errors: ErrorList) -> list[str]:
    return [str(e) for e in errors]


def created(meta: dict[str, Any]) -> list[str]:
    return texts(validate_object_meta({"name": "a", "namespace": "n"} | meta, True, name_is_dns_subdomain))


def test_good_metadata_has_no_problems() -> None:
    """Everything a client may set, set well, is accepted."""
    assert not created(
        {
            "labels": {"app": "x", "example.com/y": ""},
            "annotations": {"Example.COM/y": "any text"},
            "finalizers": ["example.com/f"],
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "d", "uid": "u"}],
        }
    )


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"name": ""}, "metadata.name: Required value: name or generateName is required"),
        ({"namespace": ""}, "metadata.namespace: Required value"),
        ({"generation": -1}, "metadata.generation: Invalid value: -1: must be greater than or equal to 0"),
        (
            {"annotations": {"a": "x" * (256 * 1024)}},
            "metadata.annotations: Too long: may not be more than 262144 bytes",
        ),
        (
            {"finalizers": ["orphan", "foregroundDeletion"]},
            'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: '
            "finalizer orphan and foregroundDeletion cannot be both set",
        ),
        (
            {"managedFields": [{"operation": "Delete"}]},
            'metadata.managedFields[0].operation: Invalid value: "Delete": must be `Apply` or `Update`',
        ),
        (
            {"ownerReferences": [{"apiVersion": "v1", "kind": "Event", "name": "e", "uid": "<u>"}]},
            'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"e","uid":"\\u003cu\\u003e"}: '
            "/v1, Kind=Event is disallowed from being an owner",
        ),
    ],
)
def test_problems_of_new_metadata(meta: dict[str, Any], message: str) -> None:
    """Each rule names its field, the value and what is wrong."""
    assert created(meta) == [message]


def test_only_one_controller() -> None:
    """Two owners that both say they are the controller are refused."""
    refs = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": n,
            "uid": "u",
            "controller": True,
            "blockOwnerDeletion": False,
        }
        for n in ("a", "b")
    ]
    (message,) = created({"ownerReferences": refs})
    assert message.endswith(
        'Only one reference can have Controller set to true. Found "true" in references for ConfigMap/a and ConfigMap/b'
    )
    assert '"uid":"u","controller":true,"blockOwnerDeletion":false}' in message


def test_update_keeps_identity() -> None:
    """Name, uid and times do not change, and finalizers only shrink while the object is being deleted."""
    old = {"name": "a", "uid": "1", "generation": 2, "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": []}
    new = old | {"uid": "2", "generation": 1, "finalizers": ["example.com/x"], "resourceVersion": "7"}
    assert texts(validate_object_meta_update(new, old, Path("metadata"))) == [
        "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, "
        'found new finalizers []string{"example.com/x"}',
        "metadata.generation: Invalid value: 1: must not be decremented",
        'metadata.uid: Invalid value: "2": field is immutable',
    ]
