"""The Targets cell of autoscalers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kubern_kubeapi.groups.autoscaling.targets_cell import targets_cell

Object = dict[str, Any]


def metric(kind: str, target: Object, **more: Any) -> Object:
    return {"type": kind, kind[0].lower() + kind[1:]: {"target": target, **more}}


def reported(kind: str, **current: Any) -> Object:
    return {"type": kind, kind[0].lower() + kind[1:]: {"current": current}}


AVERAGE, VALUE, USED = {"averageValue": "10"}, {"value": "20"}, {"averageUtilization": 80}


@pytest.mark.parametrize(
    ("metrics", "statuses", "text"),
    [
        ([], [], "<none>"),
        ([metric("External", AVERAGE)], [], "<unknown>/10 (avg)"),
        ([metric("External", AVERAGE)], [reported("External", averageValue="3")], "3/10 (avg)"),
        ([metric("External", AVERAGE)], [reported("External", value="3")], "<unknown>/10 (avg)"),
        ([metric("External", VALUE)], [reported("External", value="3")], "3/20"),
        ([metric("External", VALUE)], [reported("External", averageValue="3")], "<nil>/20"),
        ([metric("Object", AVERAGE)], [reported("Object", averageValue="3")], "3/10 (avg)"),
        ([metric("Object", VALUE)], [], "<unknown>/20"),
        ([metric("Object", VALUE)], [reported("Object", value="7m")], "7m/20"),
        ([metric("Pods", AVERAGE)], [], "<unknown>/10"),
        ([metric("Pods", AVERAGE)], [reported("Pods", averageValue="3")], "3/10"),
        ([metric("Pods", AVERAGE)], [reported("Pods")], "<nil>/10"),
        ([metric("Pods", AVERAGE)], [reported("Object", averageValue="3")], "<unknown>/10"),
        ([metric("Resource", USED, name="cpu")], [reported("Resource", averageUtilization=0)], "cpu: 0%/80%"),
        ([metric("Resource", {}, name="cpu")], [reported("Resource", averageValue="3")], "cpu: <unknown>/<auto>"),
        ([metric("Resource", AVERAGE, name="cpu")], [reported("Resource", averageValue="3")], "cpu: 3/10"),
        ([metric("Resource", AVERAGE, name="cpu")], [reported("Resource", averageUtilization=1)], "cpu: <nil>/10"),
        ([metric("ContainerResource", USED, name="memory")], [], "memory: <unknown>/80%"),
        ([{"type": "Own"}], [], "<unknown type>"),
        ([metric("Pods", AVERAGE)] * 2, [], "<unknown>/10, <unknown>/10"),
        ([metric("Pods", AVERAGE)] * 4, [], "<unknown>/10, <unknown>/10 + 2 more..."),
    ],
)
def test_targets_of_autoscalers(metrics: list[Mapping[str, Any]], statuses: list[Mapping[str, Any]], text: str) -> None:
    """Two metrics are shown, reported against wanted."""
    assert targets_cell(metrics, statuses) == text
