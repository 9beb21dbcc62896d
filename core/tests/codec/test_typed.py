"""Kinds with an inline schema, as plugins bring them: nothing that was sent is dropped, types are checked."""

import re
from typing import Any

import orjson
import pytest

from kubern.apimachinery.codec.document import JSON, YAML
from kubern.apimachinery.codec.typed import TypedCodec
from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.schema.model import Schema

DEFINITIONS = {"Part": {"type": "object", "properties": {"name": {"type": "string"}, "count": {"type": "integer"}}}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
                "on": {"type": "boolean"},
                "ratio": {"type": "number"},
                "any": {"x-kubernetes-preserve-unknown-fields": True, "type": "object"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        }
    },
}


@pytest.fixture
def codec() -> TypedCodec:
    def resolve(name: str) -> Schema:
        return Schema(DEFINITIONS[name], resolve)

    return TypedCodec(Schema(SCHEMA, resolve), "shop.example.com", "v1", "Cart")


def decode(codec: TypedCodec, body: Any, media_type: str = JSON) -> Any:
    return codec.decode(body if isinstance(body, bytes) else orjson.dumps(body), media_type, True)


def test_zero_values_are_kept(codec: TypedCodec) -> None:
    """Without facts about Go types, whatever was sent stays, nulls aside."""
    spec = {"parts": [{"name": "", "count": 0}], "on": False, "any": {"x": None}, "labels": {}}
    obj = decode(codec, {"metadata": {"name": "c", "labels": {}}, "spec": {**spec, "ratio": None}}).obj
    assert obj["spec"] == spec
    assert obj["metadata"] == {"name": "c"}
    assert obj["apiVersion"] == "shop.example.com/v1"


def test_strict_errors(codec: TypedCodec) -> None:
    """Unknown and duplicate fields are found in plugins' kinds too."""
    body = b'{"spec": {"parts": [{"nam": "x", "count": 1, "count": 2}]}}'
    decoded = decode(codec, body)
    assert decoded.strict_errors == ['unknown field "spec.parts[0].nam"', 'duplicate field "spec.parts[0].count"']
    assert decoded.obj["spec"]["parts"] == [{"count": 2}]


def test_type_errors(codec: TypedCodec) -> None:
    """A wrong type names the path and the expected type."""
    with pytest.raises(StatusError) as caught:
        decode(codec, {"spec": {"parts": [{"count": "x"}]}})
    assert caught.value.message == (
        'Cart in version "v1" cannot be handled as a Cart: json: cannot unmarshal string into Go struct field '
        "struct.spec.parts.count of type int64"
    )


def test_yaml(codec: TypedCodec) -> None:
    """YAML bodies are decoded by the same rules; duplicate keys are strict errors."""
    decoded = decode(codec, b"spec:\n  'on': yes\n  ratio: 1.50\n  'on': no\n", YAML)
    assert decoded.obj["spec"] == {"on": False, "ratio": 1.5}
    assert decoded.strict_errors == ['yaml: unmarshal errors:\n  line 4: key "on" already set in map']


def test_unknown_version(codec: TypedCodec) -> None:
    """Another version of the kind is decoded, its apiVersion left for the caller to compare."""
    assert (
        decode(codec, {"apiVersion": "shop.example.com/v2", "kind": "Cart"}).obj["apiVersion"] == "shop.example.com/v2"
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"apiVersion": 1, "kind": {}}', "cannot unmarshal number into Go struct field .apiVersion of type string"),
        (b'{"kind": [], "apiVersion": 1}', "cannot unmarshal array into Go struct field .kind of type string"),
        (
            b'{"apiVersion": "v1/", "kind": "Cart"}',
            'Object \'apiVersion\' is missing in \'{"apiVersion": "v1/", "kind"',
        ),
    ],
)
def test_what_a_body_claims_to_be(codec: TypedCodec, body: bytes, message: str) -> None:
    """The first claim of a wrong type is named; a version must be there once a group is."""
    with pytest.raises(StatusError, match=re.escape(message)):
        decode(codec, body)


def test_the_last_spelling_of_kind_counts(codec: TypedCodec) -> None:
    """Any case of apiVersion and kind is read, in the order of the document."""
    assert decode(codec, b'{"KIND": "Basket", "kind": "Cart"}').obj["kind"] == "Cart"
    assert decode(codec, b'{"APIVERSION": "shop.example.com/v2"}').obj["apiVersion"] == "shop.example.com/v2"


def test_a_repeated_list_is_decoded_over_the_first(codec: TypedCodec) -> None:
    """Items of a list that comes twice keep what the second time leaves out; surplus items go."""
    body = b'{"spec": {"parts": [{"name": "a", "count": 1}, {"name": "b"}], "parts": [{"count": 2}]}}'
    assert decode(codec, body).obj["spec"]["parts"] == [{"name": "a", "count": 2}]
