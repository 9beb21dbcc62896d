"""What validation remembers of a pod's spec never shows."""

from __future__ import annotations

from typing import Any

from kubern_kubeapi.groups.core.pod.validation.annotations import MIRROR_POD
from kubern_kubeapi.groups.core.pod.validation.pod import validate_pod_metadata_and_spec


def pod(name: str = "a", annotations: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    container = {
        "name": "c", "image": "i", "imagePullPolicy": "Always", "terminationMessagePolicy": "File", "resources": {},
    }  # fmt: skip
    defaults = {
        "containers": [container], "restartPolicy": "Always", "dnsPolicy": "ClusterFirst",
        "terminationGracePeriodSeconds": 30, "serviceAccountName": "s", "schedulerName": "d", "securityContext": {},
        "enableServiceLinks": True,
    }  # fmt: skip
    return {
        "metadata": {"name": name, "namespace": "n", "annotations": annotations or {}},
        "spec": {**defaults, **spec},
    }


def problems(obj: dict[str, Any]) -> list[str]:
    return [str(error) for error in validate_pod_metadata_and_spec(obj, None)]


def test_a_bad_spec_is_bad_every_time() -> None:
    """Each caller gets a list of its own."""
    bad = pod(restartPolicy="Sometimes")
    first = validate_pod_metadata_and_spec(bad, None)
    assert [error.field for error in first] == ["spec.restartPolicy"]
    first.clear()
    assert problems(bad) == problems(pod("b", restartPolicy="Sometimes")) != []
    assert problems(pod()) == []


def test_the_names_of_ephemeral_claims_depend_on_the_pods_name() -> None:
    """Equal specs of pods with other names are looked at again."""
    template = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    volumes = [
        {"name": "v", "ephemeral": {"volumeClaimTemplate": template}},
        {"name": "w", "persistentVolumeClaim": {"claimName": "a-v"}},
    ]
    assert problems(pod("b", volumes=volumes)) == []
    assert problems(pod("a", volumes=volumes)) != []
    assert problems(pod("b", volumes=volumes)) == []


def test_mirror_pods_have_no_claims() -> None:
    """The annotation counts, though it is not in the spec."""
    claims = [{"name": "r", "resourceClaimName": "x"}]
    assert problems(pod(resourceClaims=claims)) == []
    mirror = problems(pod(annotations={MIRROR_POD: "h"}, nodeName="n", resourceClaims=claims))
    assert any("static pods do not support resource claims" in problem for problem in mirror)
