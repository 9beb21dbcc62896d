"""Nodes, Endpoints, Events, PodTemplates, ResourceQuotas and ReplicationControllers: what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

Object = dict[str, Any]
TAINTS = "scheduler.alpha.kubernetes.io/taints"
FEATURE_FORM = (
    "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or "
    "MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"
)


@pytest.fixture(scope="module")
def nodes(kind: Any) -> Any:
    return kind("nodes", {})


@pytest.fixture(scope="module")
def endpoints(kind: Any) -> Any:
    return kind("endpoints", {"subsets": [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 1}]}]})


@pytest.fixture(scope="module")
def events(kind: Any) -> Any:
    return kind("events", {"involvedObject": {"kind": "Pod", "namespace": "ns", "name": "p"}})


@pytest.mark.parametrize(
    ("features", "causes"),
    [
        (["A", "B/c", "B/c2"], []),
        (["a"], [f'status.declaredFeatures[0]: Invalid value: "a": invalid feature name "a": {FEATURE_FORM}']),
        (
            ["B" * 254],
            [
                f'status.declaredFeatures[0]: Invalid value: "{"B" * 254}": invalid feature name "{"B" * 254}": must be '
                "no more than 253 characters"
            ],
        ),
        (["B", "B"], ['status.declaredFeatures[1]: Duplicate value: "B"']),
        (["B", "A"], ['status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically']),
    ],
)
def test_declared_features(nodes: Any, features: list[str], causes: list[str]) -> None:
    """Names of features are in camel case, sorted, and each there once; on create and in the status."""
    assert nodes.causes({"status": {"declaredFeatures": features}}) == causes
    assert nodes.update_causes(nodes.created({}), {"status": {"declaredFeatures": features}}, "status") == causes


@pytest.mark.parametrize(
    ("text", "causes"),
    [
        ('[{"key": "k", "effect": "NoSchedule"}]', []),
        (
            '[{"key": "k", "effect": "x"}]',
            [
                f'metadata.annotations.{TAINTS}[0].effect: Unsupported value: "x": supported values: "NoSchedule", '
                '"PreferNoSchedule", "NoExecute"'
            ],
        ),
        (
            "{}",
            [
                f'metadata.annotations: Invalid value: "{TAINTS}": json: cannot unmarshal object into Go value of type '
                "[]core.Taint"
            ],
        ),
        (
            "[",
            [f'metadata.annotations: Invalid value: "{TAINTS}": unexpected end of JSON input'],
        ),
    ],
)
def test_taints_in_an_annotation(nodes: Any, text: str, causes: list[str]) -> None:
    """Taints of old are held to the rules of the field."""
    assert nodes.causes({"metadata": {"annotations": {TAINTS: text}}}) == causes


def test_addresses_that_stay_are_not_judged_again(endpoints: Any) -> None:
    """Subsets that do not change may be as bad as they were; any change has all of them judged."""
    old = endpoints.created({})
    old["subsets"][0]["addresses"][0]["ip"] = "010.0.0.1"
    assert endpoints.update_causes(old, {"metadata": {"labels": {"a": "b"}}}) == []
    ports = {"addresses": [{"ip": "010.0.0.1"}], "ports": [{"port": 2}]}
    assert [c.split(":")[0] for c in endpoints.update_causes(old, {"subsets": [ports]})] == [
        "subsets[0].addresses[0].ip"
    ]


def test_reporting_controller_by_its_name_in_v1(events: Any) -> None:
    """Events with a time need a reporter, which core/v1 calls reportingComponent."""
    change = {
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "reportingInstance": "i",
        "action": "a",
        "reason": "r",
    }
    assert events.causes(change)[0] == "reportingComponent: Required value"


def test_pod_templates_are_judged_once_on_update(kind: Any) -> None:
    """A cause of an updated template is told once."""
    templates = kind("podtemplates", {"template": {"spec": {"containers": [{"name": "c", "image": "i"}]}}})
    change = {"template": {"spec": {"containers": [{"name": "c", "image": "i", "imagePullPolicy": "x"}]}}}
    assert templates.update_causes(templates.created({}), change) == [
        'template.spec.containers[0].imagePullPolicy: Unsupported value: "x": supported values: "Always", '
        '"IfNotPresent", "Never"'
    ]


@pytest.mark.parametrize(
    ("name", "causes"),
    [
        ("requests.hugepages-2Mi", []),
        (
            "hugepages",
            [
                'spec.hard[hugepages]: Invalid value: "hugepages": must be a standard resource type or fully qualified',
                'spec.hard[hugepages]: Invalid value: "hugepages": must be a standard resource for quota',
            ],
        ),
    ],
)
def test_quota_of_huge_pages(kind: Any, name: str, causes: list[str]) -> None:
    """Huge pages are limited by their requests too."""
    assert kind("resourcequotas", {}).causes({"spec": {"hard": {name: "1"}}}) == causes
