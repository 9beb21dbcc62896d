"""What is wrong with new pods, cause by cause."""

from __future__ import annotations

from typing import Any

import pytest

Object = dict[str, Any]
LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
EMPTY_DIR = {"name": "v", "emptyDir": {}}
CLAIM = {"name": "v", "persistentVolumeClaim": {"claimName": "c"}}


def container(**fields: Any) -> Object:
    return {"name": "c", "image": "i", **fields}


def env_file(**ref: str) -> Object:
    return container(env=[{"name": "A", "valueFrom": {"fileKeyRef": ref}}])


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        (
            {"volumes": [EMPTY_DIR], "containers": [env_file(volumeName="V", path="../a", key="")]},
            [
                "spec.containers[0].env[0].valueFrom.fileKeyRef.key: Required value",
                f'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "V": {LABEL}',
                "spec.containers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: \"../a\": must not contain '..'",
                'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found: "V"',
            ],
        ),
        (
            {"volumes": [CLAIM], "containers": [env_file(volumeName="v", path="/a", key="K")]},
            [
                'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": '
                "referenced volume must be of type emptyDir"
            ],
        ),
        ({"volumes": [EMPTY_DIR], "containers": [env_file(volumeName="v", path="a", key="K")]}, []),
    ],
)
def test_env_files(pods: Any, spec: Object, causes: list[str]) -> None:
    """Variables come from files of emptyDir volumes that the pod has."""
    assert pods.causes({"spec": spec}) == causes


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        (
            {"hostUsers": False, "hostNetwork": True, "hostPID": True, "hostIPC": True},
            [
                "spec.hostNetwork: Forbidden: when `hostUsers` is false",
                "spec.HostPID: Forbidden: when `hostUsers` is false",
                "spec.HostIPC: Forbidden: when `hostUsers` is false",
            ],
        ),
        (
            {
                "hostUsers": False,
                "volumes": [CLAIM],
                "containers": [container(volumeDevices=[{"name": "v", "devicePath": "/d"}])],
            },
            ["spec.containers[0].volumeDevices: Forbidden: when `hostUsers` is false"],
        ),
        (
            {"hostnameOverride": "A" * 65, "setHostnameAsFQDN": True, "hostNetwork": True, "nodeName": "A"},
            [
                "spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true",
                "spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true",
                "spec.hostnameOverride: Too long: may not be more than 64 bytes",
                f'spec.hostnameOverride: Invalid value: "{"A" * 65}": a lowercase RFC 1123 subdomain must consist of '
                "lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
                "(e.g. 'example.com', regex used for validation is "
                "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
                'spec.nodeName: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of '
                "lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
                "(e.g. 'example.com', regex used for validation is "
                "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
            ],
        ),
        ({"os": {"name": ""}}, ["spec.os.name: Required value"]),
        (
            {"os": {"name": "plan9"}},
            ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
        ),
        (
            {"os": {"name": "windows"}, "resources": {"requests": {"cpu": "1"}}},
            ["spec.resources: Forbidden: may not be set for a windows pod"],
        ),
    ],
)
def test_host_and_os(pods: Any, spec: Object, causes: list[str]) -> None:
    """Namespaces of the host, host names and operating systems."""
    assert pods.causes({"spec": spec}) == causes


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        (
            {"resources": {"requests": {"cpu": "1"}}, "containers": [container(resources={"requests": {"cpu": "2"}})]},
            [
                'spec.resources.requests[cpu]: Invalid value: "1": '
                "must be greater than or equal to aggregate container requests of 2"
            ],
        ),
        (
            {"resources": {"limits": {"memory": "1Gi"}}, "containers": [container(resources={"limits": {"cpu": "2"}})]},
            [],
        ),
        (
            {
                "resources": {
                    "limits": {"cpu": "1", "hugepages-2Mi": "2Mi"},
                    "requests": {"cpu": "1", "hugepages-2Mi": "2Mi"},
                },
                "containers": [
                    container(resources={"limits": {"cpu": "100m", "hugepages-2Mi": "4Mi"}}),
                ],
            },
            [
                'spec.resources.requests[hugepages-2Mi]: Invalid value: "2Mi": '
                "must be greater than or equal to aggregate container requests of 4Mi",
                'spec.resources.limits[hugepages-2Mi]: Invalid value: "2Mi": '
                "must be greater than or equal to aggregate container limits of 4Mi",
                'spec.resources.containers[0][hugepages-2Mi].limits: Invalid value: "4Mi": '
                "must be less than or equal to pod limits of 2Mi",
            ],
        ),
        (
            {"resources": {"claims": [{"name": "x"}], "requests": {"storage": "1"}}},
            [
                "spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level",
                'spec.resources.requests[storage]: Unsupported value: "storage": '
                'supported values: "cpu", "hugepages-", "memory"',
                'spec.resources.claims[0]: Not found: "x": '
                "must be one of the names in pod.spec.resourceClaims which is empty",
            ],
        ),
    ],
)
def test_pod_level_resources(pods: Any, spec: Object, causes: list[str]) -> None:
    """A pod's own resources cover those of its containers."""
    assert pods.causes({"spec": spec}) == causes


RULE = {"action": "Restart", "exitCodes": {"operator": "In", "values": [1]}}


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        (
            {"containers": [container(restartPolicyRules=[{"action": "Explode"}])]},
            [
                "spec.containers[0].restartPolicy: Required value: "
                "must specify restartPolicy when restart rules are used",
                'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "Explode": '
                'supported values: "Restart"',
                "spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified",
            ],
        ),
        (
            {"initContainers": [{"name": "i", "image": "i", "restartPolicyRules": [{"action": "Explode"}]}]},
            [
                "spec.initContainers[0].restartPolicy: Required value: "
                "must specify restartPolicy when restart rules are used"
            ],
        ),
        (
            {"containers": [container(restartPolicy="Sometimes", restartPolicyRules=[RULE] * 21)]},
            [
                'spec.containers[0].restartPolicy: Unsupported value: "Sometimes": '
                'supported values: "Always", "Never", "OnFailure"',
                "spec.containers[0].restartPolicyRules: Too long: may not be more than 20 bytes",
            ],
        ),
        (
            {
                "containers": [
                    container(
                        restartPolicy="Never",
                        restartPolicyRules=[
                            {"action": "RestartAllContainers", "exitCodes": {"operator": "Eq", "values": [1] * 256}}
                        ],
                    )
                ]
            },
            [
                'spec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: "Eq": '
                'supported values: "In", "NotIn"',
                "spec.containers[0].restartPolicyRules[0].exitCodes.values: Too long: may not be more than 255 bytes",
            ],
        ),
    ],
)
def test_restart_rules(pods: Any, spec: Object, causes: list[str]) -> None:
    """Restart policies and rules of containers."""
    assert pods.causes({"spec": spec}) == causes


def test_image_volumes_have_sub_paths(pods: Any) -> None:
    """A part of an image can be mounted."""
    mounted = container(volumeMounts=[{"name": "v", "mountPath": "/m", "subPath": "a"}])
    volumes = [{"name": "v", "image": {"reference": "r"}}]
    assert pods.causes({"spec": {"volumes": volumes, "containers": [mounted]}}) == []


def test_static_pods_have_no_claims(pods: Any) -> None:
    """A mirror pod's claims are refused one by one, without a look at them."""
    mirror = {"metadata": {"annotations": {"kubernetes.io/config.mirror": "x"}}}
    spec = {"nodeName": "n", "resourceClaims": [{"name": "a", "resourceClaimName": "b"}]}
    assert pods.causes({**mirror, "spec": spec}) == ["[]: Forbidden: static pods do not support resource claims"]


@pytest.mark.parametrize(
    ("toleration", "causes"),
    [
        (
            {"key": "a", "operator": "Gt", "value": "1"},
            ['spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"'],
        ),
        (
            {"key": "a", "operator": "Like", "effect": "Never", "tolerationSeconds": 1},
            [
                'spec.tolerations[0].effect: Invalid value: "Never": '
                "effect must be 'NoExecute' when `tolerationSeconds` is set",
                'spec.tolerations[0].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
                'spec.tolerations[0].effect: Unsupported value: "Never": '
                'supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
            ],
        ),
    ],
)
def test_tolerations(pods: Any, toleration: Object, causes: list[str]) -> None:
    """Operators and effects of tolerations."""
    assert pods.causes({"spec": {"tolerations": [toleration]}}) == causes


def test_spread_keys_selected_twice(pods: Any) -> None:
    """A label key in matchLabelKeys and in the selector is reported below the constraint itself."""
    constraint = {
        "maxSkew": 1,
        "topologyKey": "z",
        "whenUnsatisfiable": "DoNotSchedule",
        "matchLabelKeys": ["a"],
        "labelSelector": {"matchLabels": {"a": "b"}},
    }
    change = {"metadata": {"labels": {"a": "b"}}, "spec": {"topologySpreadConstraints": [constraint]}}
    assert pods.causes(change) == [
        'spec.topologySpreadConstraints[0][0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector'
    ]
