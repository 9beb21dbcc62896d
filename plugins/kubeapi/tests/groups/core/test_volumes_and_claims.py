"""PersistentVolumes and PersistentVolumeClaims: what is wrong with them, what is filled in, what is warned of."""

from __future__ import annotations

from typing import Any

import pytest

Object = dict[str, Any]


@pytest.fixture(scope="module")
def claims(kind: Any) -> Any:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return kind("persistentvolumeclaims", {"spec": spec})


@pytest.fixture(scope="module")
def volumes(kind: Any) -> Any:
    spec = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "nfs": {"server": "s", "path": "/p"}}
    return kind("persistentvolumes", {"spec": spec})


SNAPSHOT = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "s"}
DEFAULT_GROUP = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        (
            {"dataSourceRef": {"kind": "Pod", "name": "p"}},
            [
                f'spec.dataSource: Invalid value: "Pod": {DEFAULT_GROUP}',
                f'spec.dataSourceRef: Invalid value: "Pod": {DEFAULT_GROUP}',
            ],
        ),
        (
            {
                "dataSource": {"kind": "PersistentVolumeClaim", "name": "p"},
                "dataSourceRef": {"apiGroup": "", "kind": "PersistentVolumeClaim", "name": "p"},
            },
            ["spec: Invalid value: {}: must match dataSourceRef"],
        ),
    ],
)
def test_data_sources(claims: Any, spec: Object, causes: list[str]) -> None:
    """Sources of the default group are claims, and both fields say the very same."""
    assert claims.causes({"spec": spec}) == causes


@pytest.mark.parametrize(
    ("spec", "source", "ref"),
    [
        ({"dataSource": SNAPSHOT}, SNAPSHOT, SNAPSHOT),
        (
            {"dataSourceRef": {"apiGroup": "a.b", "kind": "K", "name": "n"}},
            *[{"apiGroup": "a.b", "kind": "K", "name": "n"}] * 2,
        ),
        ({"dataSource": {"apiGroup": "a.b", "kind": "K", "name": "n"}}, None, None),
        ({"dataSourceRef": {**SNAPSHOT, "namespace": "other"}}, None, None),
    ],
)
def test_data_sources_say_the_same(claims: Any, spec: Object, source: Object | None, ref: Object | None) -> None:
    """Either field fills the other; what the older never took is dropped, and so are other namespaces."""
    stored = claims.created({"spec": spec})["spec"]
    assert (stored.get("dataSource"), stored.get("dataSourceRef")) == (source, ref)


def test_a_stored_api_group_is_not_judged_again(claims: Any) -> None:
    """A claim that once got a bad group keeps it."""
    bad = {"apiGroup": "a_b", "kind": "K", "name": "n"}
    old = claims.created({})
    old["spec"].update(dataSource=bad, dataSourceRef=bad)
    assert claims.update_causes(old, {"metadata": {"labels": {"a": "b"}}}) == []
    assert len(claims.causes({"spec": {"dataSourceRef": bad}})) == 2


def test_claim_warnings(claims: Any) -> None:
    """The class in an annotation is of old, and storage comes in whole bytes."""
    change = {
        "metadata": {"annotations": {"volume.beta.kubernetes.io/storage-class": "x"}},
        "spec": {"resources": {"requests": {"storage": "1500m"}}},
    }
    assert claims.warnings(change) == [
        "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "
        '"storageClassName" attribute instead',
        'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
    ]


@pytest.mark.parametrize(
    ("source", "causes"),
    [
        (
            {"csi": {"driver": "", "volumeHandle": "h"}},
            [
                "spec.csi.driver: Required value",
                'spec.csi.driver: Invalid value: "": a lowercase RFC 1123 subdomain must consist of lower case '
                "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. "
                "'example.com', regex used for validation is "
                "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
            ],
        ),
        (
            {"iscsi": {"targetPortal": "", "iqn": "x", "lun": 256, "secretRef": {"name": ""}, "initiatorName": "y"}},
            [
                "spec.iscsi.targetPortal: Required value",
                'spec.iscsi.iqn: Invalid value: "x": must be valid format',
                "spec.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive",
                "spec.iscsi.secretRef.name: Required value",
                'spec.iscsi.initiatorname: Invalid value: "y": must be valid format',
            ],
        ),
        (
            {
                "iscsi": {
                    "targetPortal": "p" * 64,
                    "iqn": "",
                    "lun": 0,
                    "chapAuthSession": True,
                    "initiatorName": "iqn.2020-01.a:b",
                }
            },
            [
                f'spec.iscsi.targetportal: Invalid value: "{"p" * 64}": Total length of <volume '
                "name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.",
                "spec.iscsi.iqn: Required value",
                "spec.iscsi.secretRef: Required value",
            ],
        ),
    ],
)
def test_volume_sources(volumes: Any, source: Object, causes: list[str]) -> None:
    """CSI drivers have names of subdomains; iSCSI targets are complete and well-formed, in upstream's order."""
    assert volumes.causes({"spec": {"nfs": None, **source}}) == causes


@pytest.mark.parametrize(
    ("change", "warnings"),
    [
        (
            {"metadata": {"annotations": {"volume.beta.kubernetes.io/mount-options": "ro"}}},
            [
                "metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use "
                '"mountOptions" attribute instead'
            ],
        ),
        (
            {"spec": {"persistentVolumeReclaimPolicy": "Recycle"}},
            [
                "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the "
                "recommended approach is to use dynamic provisioning."
            ],
        ),
        (
            {"spec": {"nfs": None, "cephfs": {"monitors": ["m"]}}},
            ["spec.cephfs: deprecated in v1.28, non-functional in v1.31+"],
        ),
    ],
)
def test_volume_warnings(volumes: Any, change: Object, warnings: list[str]) -> None:
    """Annotations of old, recycling and retired plugins are warned of."""
    assert volumes.warnings(change) == warnings
