"""Which secrets of persistent volumes kubelets may read."""

from __future__ import annotations

from typing import Any

import pytest

from kubern_kubeapi.authorization.node_graph import volume_secrets

Object = dict[str, Any]


@pytest.mark.parametrize(
    ("source", "secrets"),
    [
        ({"azureFile": {"secretName": "a"}}, ["claim/a"]),
        ({"azureFile": {"secretName": "a", "secretNamespace": "n"}}, ["n/a"]),
        ({"cephfs": {"secretRef": {"name": "a"}}}, ["claim/a"]),
        ({"cephfs": {"secretRef": {"name": "a", "namespace": "n"}}}, ["n/a"]),
        ({"cinder": {"secretRef": {"name": "a", "namespace": "n"}}}, ["n/a"]),
        ({"cinder": {"secretRef": {"name": "a"}}}, ["/a"]),
        ({"flexVolume": {"secretRef": {"name": "a"}}}, ["claim/a"]),
        ({"rbd": {"secretRef": {"name": "a"}}}, ["claim/a"]),
        ({"scaleIO": {"secretRef": {"name": "a"}}}, ["claim/a"]),
        ({"iscsi": {"secretRef": {"name": "a"}}}, ["claim/a"]),
        ({"storageos": {"secretRef": {"name": "a"}}}, ["/a"]),
        ({"csi": {"nodePublishSecretRef": {"name": "a", "namespace": "n"}}}, ["n/a"]),
        ({"csi": {"nodeStageSecretRef": {"name": "a", "namespace": "n"}}}, ["n/a"]),
        ({"csi": {"nodeExpandSecretRef": {"name": "a", "namespace": "n"}}}, ["n/a"]),
        ({"csi": {"controllerPublishSecretRef": {"name": "a", "namespace": "n"}}}, []),
        ({"iscsi": {"secretRef": {}}}, []),
        ({"nfs": {"server": "s"}}, []),
    ],
)
def test_secrets_by_volume_source(source: Object, secrets: list[str]) -> None:
    """The claim's namespace stands in for one left out, where the source allows that; controllers' secrets do not count."""
    assert [f"{s.namespace}/{s.name}" for s in volume_secrets(source, "claim")] == secrets
