"""Labels of nodes under their old names, wherever nodes are chosen by labels."""

from __future__ import annotations

from typing import Any

import pytest

_ZONE = "failure-domain.beta.kubernetes.io/zone"
_INSTEAD = 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'


@pytest.mark.parametrize(
    ("path", "body", "warning"),
    [
        (
            "/apis/storage.k8s.io/v1/storageclasses",
            {
                "provisioner": "p",
                "allowedTopologies": [{"matchLabelExpressions": [{"key": _ZONE, "values": ["a"]}]}],
            },
            f"allowedTopologies[0].matchLabelExpressions[0].key: {_INSTEAD}",
        ),
        (
            "/apis/storage.k8s.io/v1/namespaces/default/csistoragecapacities",
            {
                "storageClassName": "c",
                "nodeTopology": {"matchExpressions": [{"key": _ZONE, "operator": "Exists"}]},
            },
            f"nodeTopology.matchExpressions[0].key: {_ZONE} is {_INSTEAD}",
        ),
        (
            "/apis/storage.k8s.io/v1/namespaces/default/csistoragecapacities",
            {"storageClassName": "c", "nodeTopology": {"matchLabels": {_ZONE: "a"}}},
            f"nodeTopology.matchLabels.{_ZONE}: {_INSTEAD}",
        ),
        (
            "/apis/node.k8s.io/v1/runtimeclasses",
            {"handler": "h", "scheduling": {"nodeSelector": {_ZONE: "a"}}},
            f"scheduling.nodeSelector: {_INSTEAD}",
        ),
        (
            "/apis/node.k8s.io/v1/runtimeclasses",
            {"handler": "h", "scheduling": {"nodeSelector": {"topology.kubernetes.io/zone": "a"}}},
            "",
        ),
    ],
)
def test_old_labels_of_nodes(api: Any, path: str, body: dict[str, Any], warning: str) -> None:
    """Whoever chooses nodes by an old label is told the new one, at every write."""
    assert api.warnings(path, body, {"metadata": {"labels": {"changed": "yes"}}}) == (warning, warning)
