"""Bodies of built-in kinds decoded as kube-apiserver decodes them, errors word for word."""

import json
from typing import Any

import pytest

from kubern.apimachinery.codec.document import JSON, PROTOBUF
from kubern.apimachinery.codec.typed import TypedCodec
from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.schema.exact import DecodeError
from kubern_kubeapi.schema import schema_for
from kubern_kubeapi.schema.scheme import scheme


def codec(kind: str, group: str = "", version: str = "v1") -> TypedCodec:
    return TypedCodec(schema_for(group, version, kind), group, version, kind, scheme())


def refusal(kind: str, body: Any, media_type: str = JSON) -> str:
    """The message of the 400 that a body gets."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(StatusError) as caught:
        codec(kind).decode(text, media_type, True)
    assert caught.value.code == 400
    return caught.value.message


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({"hostNetwork": "yes"}, "cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool"),
        ({"containers": {}}, "cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container"),
        ({"containers": ["a"]}, "cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container"),
        (
            {"containers": [{"imagePullPolicy": 1}]},
            "cannot unmarshal number into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy",
        ),
        (
            {"containers": [{"resources": {"limits": []}}]},
            "cannot unmarshal array into Go struct field "
            "ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList",
        ),
        (
            {"containers": [{"livenessProbe": {"httpGet": {"port": 1.5}}}]},
            "cannot unmarshal number 1.5 into Go struct field "
            "HTTPGetAction.spec.containers.livenessProbe.httpGet.port of type int32",
        ),
        ({"priority": 1e3}, "cannot unmarshal number 1000.0 into Go struct field PodSpec.spec.priority of type int32"),
        (
            {"activeDeadlineSeconds": 2**63},
            "cannot unmarshal number 9223372036854775808 into Go struct field "
            "PodSpec.spec.activeDeadlineSeconds of type int64",
        ),
    ],
)  # fmt: skip
def test_type_errors(spec: Any, problem: str) -> None:
    """A value of the wrong type is named with its struct, path and Go type."""
    message = refusal("Pod", {"kind": "Pod", "apiVersion": "v1", "spec": spec})
    assert message == f'Pod in version "v1" cannot be handled as a Pod: json: {problem}'


def test_first_error_in_the_text_wins() -> None:
    """Of several type errors the first is told; an error of a type's own decoder beats it."""
    two = {"spec": {"hostPID": 1, "hostIPC": 2}}
    assert "spec.hostPID" in refusal("Pod", two)
    quantity = {"spec": {"hostPID": 1, "overhead": {"cpu": "x"}}}
    assert "quantities must match" in refusal("Pod", quantity)


@pytest.mark.parametrize(
    ("data", "offset"), [("***", 0), ("QQ=", 3), ("QQ", 0), ("QUJDRA=x", 6), ("QUJD!", 4), ("A=", 1), ("QQ=x", 2)]
)
def test_base64_errors(data: str, offset: int) -> None:
    """Broken base64 is refused with the byte where Go stops."""
    message = refusal("Secret", {"data": {"k": data}})
    assert message.endswith(f": illegal base64 data at input byte {offset}")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)"),
        (
            b'["a"]',
            "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct "
            '{ APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b2261225d)',
        ),
        (
            b'{"kind": 5}',
            "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind "
            'of type string ({"kind": 5})',
        ),
        (
            b'{"apiVersion": "a/b/c", "kind": "ConfigMap", "data": {}}',
            'unexpected GroupVersion string: a/b/c ({"apiVersion": "a/b/c", "kind" ...)',
        ),
    ],
)
def test_unrecognized_bodies(body: bytes, message: str) -> None:
    """A body that does not say what it is is shown by its beginning."""
    want = f"the object provided is unrecognized (must be of type ConfigMap): {message}"
    assert refusal("ConfigMap", body) == want


def test_other_kinds() -> None:
    """Known kinds cannot be converted, unknown ones are not registered, and both are decoded first."""
    assert refusal("ConfigMap", {"kind": "Secret", "apiVersion": "v1"}) == (
        'Secret in version "v1" cannot be handled as a ConfigMap: '
        "converting (v1.Secret) to (core.ConfigMap): unknown conversion"
    )
    assert refusal("ConfigMap", {"kind": "Teapot", "apiVersion": "v1"}) == (
        'Teapot in version "v1" cannot be handled as a ConfigMap: no kind "Teapot" is registered for version "v1" '
        'in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"'
    )
    assert refusal("ConfigMap", {"kind": "Status", "apiVersion": "nope/v7"}) == (
        'Status in version "v7" cannot be handled as a ConfigMap: '
        "converting (v1.Status) to (core.ConfigMap): unknown conversion"
    )
    assert 'no kind "EvictionList" is registered' in refusal(
        "ConfigMap", {"kind": "EvictionList", "apiVersion": "policy/v1"}
    )
    assert "converting (v1.DeleteOptions)" in refusal(
        "ConfigMap", {"kind": "DeleteOptions", "apiVersion": "apps/v1beta1"}
    )
    assert "illegal base64" in refusal("ConfigMap", {"kind": "Secret", "apiVersion": "v1", "data": {"a": "!"}})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "the object provided is unrecognized (must be of type ConfigMap): empty data (<empty>)"),
        ("6b387300", "the object provided is unrecognized (must be of type ConfigMap): empty body (6b387300)"),
        (
            "6b38730007",
            "the object provided is unrecognized (must be of type ConfigMap): "
            "proto: Unknown: illegal tag 0 (wire type 7) (6b38730007)",
        ),
        ("6b38730012020a05", 'ConfigMap in version "v1" cannot be handled as a ConfigMap: unexpected EOF'),
        (
            "6b38730012020801",
            'ConfigMap in version "v1" cannot be handled as a ConfigMap: proto: wrong wireType = 0 for field ObjectMeta',
        ),
        (
            "6b3873000a0c120a436f6e6669674d617073",
            'ConfigMaps in version "v1" cannot be handled as a ConfigMap: no kind "ConfigMaps" is registered for '
            'version "v1" in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"',
        ),
    ],
)
def test_damaged_protobuf(body: str, message: str) -> None:
    """The envelope is read first; what it does not say is the endpoint's kind."""
    assert refusal("ConfigMap", bytes.fromhex(body), PROTOBUF) == message


def test_kinds_of_one_hub_keep_their_version() -> None:
    """A kind that converts into the expected one is decoded; its apiVersion is left for the caller to compare."""
    body = b'{"kind": "Event", "apiVersion": "events.k8s.io/v1", "metadata": {"name": "e"}}'
    assert codec("Event").decode(body, JSON, True).obj["apiVersion"] == "events.k8s.io/v1"


def test_strict_errors_in_order() -> None:
    """Unknown and duplicate fields are reported in the order of the text, by path; duplicates of structs merge."""
    body = (
        b'{"metadata": {"name": "a", "hue": 1}, "spec": {"ports": [{"port": 1}, {"port": 2, "sort": 3}], '
        b'"selector": {"a": "1", "a": "2"}, "selector": {"b": "3"}, "type": "A", "type": "B"}, "x": {"y": 1}}'
    )
    decoded = codec("Service").decode(body, JSON, True)
    assert decoded.strict_errors == [
        'unknown field "metadata.hue"',
        'unknown field "spec.ports[1].sort"',
        'duplicate field "spec.selector.a"',
        'duplicate field "spec.selector"',
        'duplicate field "spec.type"',
        'unknown field "x"',
    ]
    assert decoded.obj["spec"]["selector"] == {"a": "2", "b": "3"}
    assert decoded.obj["spec"]["type"] == "B"
    assert "x" not in decoded.obj
    assert codec("Service").decode(body, JSON, False).strict_errors == []


def test_normal_form() -> None:
    """Decoding drops nulls and zero values that Go omits, and writes values canonically."""
    body = {
        "metadata": {"name": "p", "labels": None, "annotations": {}, "creationTimestamp": None},
        "spec": {
            "containers": [
                {
                    "name": "a", "env": [], "command": None, "tty": False,
                    "resources": {"limits": {"cpu": 1, "memory": "1024Mi"}},
                    "securityContext": {"privileged": False},
                }
            ],
            "hostNetwork": False, "nodeSelector": {"a": None}, "priority": 0, "tolerations": [None],
        },
    }  # fmt: skip
    obj = codec("Pod").decode(json.dumps(body).encode(), JSON, True).obj
    assert obj == {
        "kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p"}, "status": {},
        "spec": {
            "containers": [
                {
                    "name": "a", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
                    "securityContext": {"privileged": False},
                }
            ],
            "nodeSelector": {"a": ""}, "priority": 0, "tolerations": [{}],
        },
    }  # fmt: skip


def test_number_spellings_of_quantities() -> None:
    """A quantity sent as a number keeps the spelling that decides its suffix."""
    obj = codec("LimitRange").decode(b'{"spec": {"limits": [{"max": {"a": 5e6, "b": 1.50}}]}}', JSON, True).obj
    assert obj["spec"]["limits"][0]["max"] == {"a": "5e6", "b": "1500m"}


@pytest.mark.parametrize(
    ("group", "kind", "obj", "expected"),
    [
        ("rbac.authorization.k8s.io", "Role", {"rules": []}, {"metadata": {}, "rules": None}),
        ("", "ConfigMap", {"data": {}, "immutable": False}, {"metadata": {}, "immutable": False}),
        (
            "policy", "PodDisruptionBudget", {"status": {}},
            {
                "metadata": {}, "spec": {},
                "status": {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0},
            },
        ),
        (
            "", "Pod", {"spec": {"containers": []}, "status": {"conditions": [{"type": "A", "status": "True"}]}},
            {
                "metadata": {}, "spec": {"containers": None},
                "status": {
                    "conditions": [{"type": "A", "status": "True", "lastProbeTime": None, "lastTransitionTime": None}]
                },
            },
        ),
    ],
)  # fmt: skip
def test_written_form(group: str, kind: str, obj: Any, expected: Any) -> None:
    """Encoding adds what Go writes though nobody set it, null for lists that are empty but not omitted."""
    walker = codec(kind, group).walker
    assert walker is not None
    walker.encode(obj)
    assert obj == expected


def test_schema_defaults() -> None:
    """Defaults that are part of the schema are set where nothing was."""
    obj: Any = {"spec": {"ports": [{"port": 1}, {"port": 2, "protocol": "UDP"}]}}
    walker = codec("Service").walker
    assert walker is not None
    walker.default(obj)
    assert [port["protocol"] for port in obj["spec"]["ports"]] == ["TCP", "UDP"]


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({"replicas": "two"}, "unrecognized type: int32"),
        ({"replicas": 1.5}, "cannot convert float64 to int32"),
        ({"paused": 1}, "unrecognized type: bool"),
        ({"strategy": {"type": 5}}, "cannot convert int64 to v1.DeploymentStrategyType"),
        ({"template": []}, "cannot restore struct from: slice"),
        ({"selector": {"matchLabels": "a"}}, "cannot restore map from string"),
        ({"template": {"spec": {"containers": {}}}}, "cannot restore slice from map"),
        (
            {"strategy": {"rollingUpdate": {"maxSurge": True}}},
            "json: cannot unmarshal bool into Go value of type int32",
        ),
    ],
)
def test_restoring_errors(spec: Any, problem: str) -> None:
    """The outcome of a strategic merge patch is converted with other words for what does not fit."""
    with pytest.raises(DecodeError) as caught:
        codec("Deployment", "apps").restore({"spec": spec}, True)
    assert str(caught.value) == problem


def test_restoring() -> None:
    """Conversion takes whole floats, wraps large integers and sorts unknown fields."""
    obj: Any = {"spec": {"replicas": 2**32 + 3, "minReadySeconds": 5.0, "x": 1, "a": 2}, "metadata": {"labels": None}}
    assert codec("Deployment", "apps").restore(obj, True) == ['unknown field "spec.a"', 'unknown field "spec.x"']
    assert obj["spec"]["replicas"] == 3
    assert obj["spec"]["minReadySeconds"] == 5
    assert "labels" not in obj["metadata"]
