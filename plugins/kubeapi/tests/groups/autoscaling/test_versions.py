"""Autoscalers read and written through both versions."""

from __future__ import annotations

from typing import Any

_V1, _V2 = (f"/apis/autoscaling/{v}/namespaces/default/horizontalpodautoscalers" for v in ("v1", "v2"))


def test_averages_of_objects_pass_through_v1(api: Any) -> None:
    """An object metric with an average can be changed through autoscaling/v1."""
    described = {"apiVersion": "v1", "kind": "Service", "name": "s"}
    metric = {
        "type": "Object",
        "object": {
            "describedObject": described,
            "metric": {"name": "m"},
            "target": {"type": "AverageValue", "averageValue": "3"},
        },
    }
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    spec = {"maxReplicas": 3, "scaleTargetRef": target, "metrics": [metric]}
    path = api.create(_V2, {"spec": spec})
    changed = api.patch(path.replace(_V2, _V1), {"spec": {"maxReplicas": 4}})
    assert changed["spec"]["maxReplicas"] == 4
    assert api.get(path)["spec"]["metrics"] == [metric]
