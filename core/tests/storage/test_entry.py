"""Entries serve spliced bytes; foreign values are rewritten once."""

from __future__ import annotations

import orjson
import pytest

from kubern.storage.cacher import ValueCodec
from kubern.storage.cacher.codec import canonical_json
from kubern.storage.errors import CorruptValue

PODS = "/registry/pods/"
POD = b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"ns","labels":{"x":"1"}},"spec":{"n":1}}'


def pod_codec() -> ValueCodec:
    return ValueCodec(PODS, namespaced=True, fields_of=lambda obj: {"spec.n": str(obj["spec"]["n"])})


def test_served_forms_are_spliced() -> None:
    """The revision is the first metadata field; list items go without kind and apiVersion."""
    entry = pod_codec().entry_from_storage(PODS + "ns/a", 7, POD)
    rest = b'"metadata":{"resourceVersion":"7","name":"a","namespace":"ns","labels":{"x":"1"}},"spec":{"n":1}}'
    assert entry.body() == rest
    assert b"".join(entry.item()) == b"{" + rest
    assert entry.object() == b'{"kind":"Pod","apiVersion":"v1",' + rest
    assert (entry.head.kind, entry.head.api_version) == ("Pod", "v1")
    assert entry.value is POD


def test_decode_gives_a_dict_of_ones_own() -> None:
    """Each decode is a fresh object with its resourceVersion."""
    entry = pod_codec().entry_from_storage(PODS + "ns/a", 7, POD)
    first, second = entry.decode(), entry.decode()
    assert first == second == orjson.loads(entry.object())
    assert first["metadata"] is not second["metadata"]


def test_key_and_attributes() -> None:
    """Namespace and name come from the key, labels and fields from the value."""
    codec = pod_codec()
    entry = codec.entry_from_storage(codec.key("ns", "a"), 7, POD)
    assert (entry.namespace, entry.name) == ("ns", "a")
    assert entry.labels == {"x": "1"}
    assert entry.fields == {"spec.n": "1"}
    assert entry.field_set() == {"metadata.name": "a", "metadata.namespace": "ns", "spec.n": "1"}


def test_cluster_scoped() -> None:
    """Without namespaces the key's rest is the name, and there is no metadata.namespace to select by."""
    codec = ValueCodec("/registry/minions/", namespaced=False)
    value = b'{"kind":"Node","apiVersion":"v1","metadata":{"name":"n1"}}'
    entry = codec.entry_from_storage(codec.key("", "n1"), 3, value)
    assert (entry.namespace, entry.name) == ("", "n1")
    assert entry.labels == {}
    assert entry.field_set() == {"metadata.name": "n1"}


def test_known_attributes_are_not_decoded_again() -> None:
    """Attributes that come with a write are taken as they are."""
    entry = pod_codec().entry(PODS + "ns/a", 7, POD, ({"given": "yes"}, {}))
    assert entry.labels == {"given": "yes"}
    assert entry.at_revision(9).labels == {"given": "yes"}


@pytest.mark.parametrize(
    "stored",
    [
        POD + b"\n",
        b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"n":1}}',
        b'{"kind":"Pod","apiVersion":"v1","spec":{"n":1},"metadata":{"name":"a"}}',
        b'{ "kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}, "spec": {"n": 1}}',
        b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"4"},"spec":{"n":1}}',
    ],
)
def test_foreign_values_become_canonical(stored: bytes) -> None:
    """Other key orders, spaces, a final newline or a stored resourceVersion are normalised on the way in."""
    entry = pod_codec().entry_from_storage(PODS + "ns/a", 7, stored)
    decoded = orjson.loads(stored)
    decoded["metadata"]["resourceVersion"] = "7"
    assert orjson.loads(entry.object()) == decoded
    assert entry.object().startswith(b'{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"7",')
    assert entry.object().count(b"resourceVersion") == 1


def test_a_resource_version_elsewhere_is_left_alone() -> None:
    """Only metadata.resourceVersion is the server's; a reference to another object keeps its own."""
    value = b'{"kind":"Event","apiVersion":"v1","metadata":{"name":"e"},"involvedObject":{"resourceVersion":"4"}}'
    codec = ValueCodec("/registry/events/", namespaced=True)
    assert codec.entry_from_storage("/registry/events/ns/e", 7, value).value is value


def test_empty_metadata() -> None:
    """An object without any metadata is still valid JSON when served."""
    value = b'{"kind":"Pod","apiVersion":"v1","metadata":{},"spec":{"n":1}}'
    entry = pod_codec().entry_from_storage(PODS + "ns/a", 7, value)
    assert orjson.loads(entry.object())["metadata"] == {"resourceVersion": "7"}
    assert orjson.loads(b"".join(entry.item()))["metadata"] == {"resourceVersion": "7"}


def test_several_stored_versions() -> None:
    """Objects of one resource may be stored in different versions, each entry knows its own."""
    codec = ValueCodec("/registry/ex.io/things/", namespaced=False)
    values = [b'{"kind":"Thing","apiVersion":"ex.io/v%d","metadata":{"name":"t"}}' % n for n in (1, 2, 1)]
    entries = [codec.entry_from_storage("/registry/ex.io/things/t", n, value) for n, value in enumerate(values)]
    assert [entry.head.api_version for entry in entries] == ["ex.io/v1", "ex.io/v2", "ex.io/v1"]
    assert entries[0].head is entries[2].head


@pytest.mark.parametrize("stored", [b"", b"garbage", b"[]", b'{"kind":"Pod"}', b'{"metadata":7}', b"k8s\0junk"])
def test_unreadable_values(stored: bytes) -> None:
    """What is no object raises CorruptValue with its key."""
    with pytest.raises(CorruptValue) as caught:
        pod_codec().entry_from_storage(PODS + "ns/a", 7, stored)
    assert caught.value.key == PODS + "ns/a"


def test_canonical_json_is_stable() -> None:
    """Canonical bytes stay what they are."""
    assert canonical_json(POD) == POD
