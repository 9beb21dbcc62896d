"""Protobuf objects are read and written exactly as Kubernetes does; `data` holds its own round-trip samples."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path
from typing import Any

import orjson
import pytest

from kubern.apimachinery.protobuf.envelope import decode, encode, encode_watch_frame, has_protobuf, is_protobuf
from kubern.apimachinery.protobuf.wire import ProtobufError, read_varint, signed, sized, varint
from kubern.storage.cacher import ValueCodec

DATA = Path(__file__).parent / "data"
SAMPLES = sorted(path.stem for path in DATA.glob("*.json"))


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_of_kubernetes(name: str) -> None:
    """Objects with every field filled decode to Kubernetes' JSON and encode to the very same bytes."""
    data = (DATA / f"{name}.pb").read_bytes()
    obj = orjson.loads((DATA / f"{name}.json").read_bytes())
    assert is_protobuf(data)
    assert decode(data) == obj
    assert encode(obj) == data


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_samples(name: str) -> None:
    """Bytes changed anywhere give another object or a ProtobufError, nothing else."""
    data = (DATA / f"{name}.pb").read_bytes()
    chance = random.Random(name)
    for _ in range(200):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(4, len(damaged))
            damaged[at : at + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
        with contextlib.suppress(ProtobufError):
            assert isinstance(decode(bytes(damaged)), dict)


def through(obj: dict[str, Any]) -> dict[str, Any]:
    return decode(encode(obj))


def test_zero_values() -> None:
    """Zeros stay where Go has a pointer or no omitempty, and go where it leaves them out."""
    spec = {"replicas": 0, "minReadySeconds": 0, "paused": False, "selector": {}, "template": {}, "strategy": {}}
    obj = {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "d", "namespace": ""}, "spec": spec}
    assert through(obj) == {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": "d"},
        "spec": {"replicas": 0, "selector": {}, "template": {}, "strategy": {}},
    }
    claim = {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "spec": {"storageClassName": "", "volumeName": ""}}
    assert through(claim)["spec"] == {"storageClassName": ""}


def test_nulls() -> None:
    """What Go shows as null when it is empty is null."""
    role = {"kind": "Role", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "r"}}
    assert through(role)["rules"] is None
    condition = {"type": "Ready", "lastTransitionTime": None}
    pod = {"kind": "Pod", "apiVersion": "v1", "status": {"conditions": [condition]}}
    assert "lastTransitionTime" not in through(pod)["status"]["conditions"][0]
    empty_time = sized(3, sized(2, sized(1, b"Ready") + sized(4, b"")))
    raw = decode(b"k8s\0" + sized(1, sized(1, b"v1") + sized(2, b"Pod")) + sized(2, empty_time))
    assert raw["status"]["conditions"] == [{"type": "Ready", "lastTransitionTime": None}]


def test_custom_resource_definitions() -> None:
    """Schemas survive with their special names, unions and raw values."""
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": {"type": "integer", "minimum": 0.0, "maxLength": 0, "default": 7, "enum": [1, "x", None]},
            "b": {"$ref": "#/x", "items": {"type": "string"}, "additionalProperties": False},
            "c": {"items": [{"type": "string"}], "additionalProperties": {"type": "string"}},
            "d": {"dependencies": {"x": ["y"], "z": {"type": "object"}}, "x-kubernetes-list-type": "map"},
        },
        "x-kubernetes-preserve-unknown-fields": True,
        "x-kubernetes-list-map-keys": ["k"],
        "x-kubernetes-validations": [{"rule": "self.a > 0", "message": "m"}],
    }
    crd = {
        "kind": "CustomResourceDefinition",
        "apiVersion": "apiextensions.k8s.io/v1",
        "metadata": {"name": "things.ex.io"},
        "spec": {
            "group": "ex.io",
            "names": {"plural": "things", "kind": "Thing"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": False, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
        "status": {"conditions": None, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": ["v1"]},
    }
    expected = orjson.loads(orjson.dumps(crd))
    enum = expected["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["a"]["enum"]
    assert enum == [1, "x", None]
    assert through(crd) == expected


def test_meta_kinds_belong_to_every_group() -> None:
    """DeleteOptions or Status can be sent under any group's version."""
    options = {"kind": "DeleteOptions", "apiVersion": "apps/v1", "gracePeriodSeconds": 0, "dryRun": ["All"]}
    assert through(options) == options
    assert has_protobuf("v1", "Status")
    assert has_protobuf("meta.k8s.io/v1", "PartialObjectMetadataList")
    assert not has_protobuf("ex.io/v1", "Thing")


def test_durations() -> None:
    """Durations are Go's texts in JSON and nanoseconds in protobuf."""
    config = {"kind": "ListOptions", "apiVersion": "v1", "timeoutSeconds": 5}
    assert through(config) == config


def test_watch_frames() -> None:
    """A watch frame is a length, then a bare event whose object keeps its envelope."""
    encoded = encode({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}})
    frame = encode_watch_frame("ADDED", encoded)
    assert int.from_bytes(frame[:4], "big") == len(frame) - 4
    assert frame[4:] == b"\x0a\x05ADDED\x12" + varint(len(encoded) + 2) + b"\x0a" + varint(len(encoded)) + encoded


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**31 - 1, 2**63 - 1, -1, -(2**31), -(2**63)])
def test_integers(value: int) -> None:
    """Integers of any sign pass through a varint."""
    encoded = varint(value)
    number, end = read_varint(encoded, 0)
    assert (signed(number), end) == (value, len(encoded))


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"k8s\0\xff",
        b"k8s\0" + sized(1, sized(1, b"v1") + sized(2, b"Nothing")),
        b"k8s\0" + sized(1, sized(1, b"v1") + sized(2, b"Pod")) + sized(2, b"\x0a\x7f"),
        b"k8s\0" + sized(1, sized(1, b"v1") + sized(2, b"Pod")) + sized(2, b"\x08\x01"),
        b"k8s\0" + sized(1, sized(1, b"v1") + sized(2, b"Pod")) + sized(2, sized(1, sized(1, b"\xff"))),
        b"k8s\0" + sized(1, sized(1, b"v1") + sized(2, b"Pod")) + sized(2, b"\x03"),
        b"k8s\0" + sized(1, sized(1, b"v1") + sized(2, b"Pod")) + sized(2, b"\x08" + b"\xff" * 11),
    ],
)
def test_bad_bytes(data: bytes) -> None:
    """What is no such message raises ProtobufError and nothing else."""
    with pytest.raises(ProtobufError):
        decode(data)


@pytest.mark.parametrize(
    "obj",
    [
        {"kind": "Thing", "apiVersion": "ex.io/v1"},
        {"kind": "Pod", "apiVersion": "v1", "metadata": "text"},
        {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": 7}},
        {"kind": "Secret", "apiVersion": "v1", "data": {"a": "not base64!"}},
        {"kind": "Pod", "apiVersion": "v1", "metadata": {"creationTimestamp": "yesterday"}},
    ],
)
def test_objects_that_do_not_fit(obj: dict[str, Any]) -> None:
    """Kinds without protobuf and values of the wrong type raise ProtobufError."""
    with pytest.raises(ProtobufError):
        encode(obj)


def test_stored_by_kube_apiserver() -> None:
    """A protobuf value in the store becomes an ordinary entry."""
    codec = ValueCodec("/registry/configmaps/", namespaced=True)
    entry = codec.entry_from_storage("/registry/configmaps/ns/a", 7, (DATA / "core.v1.ConfigMap.pb").read_bytes())
    expected = orjson.loads((DATA / "core.v1.ConfigMap.json").read_bytes())
    expected["metadata"]["resourceVersion"] = "7"
    assert entry.decode() == expected
    assert orjson.loads(entry.object()) == expected
    assert entry.labels == expected["metadata"]["labels"]
