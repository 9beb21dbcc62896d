"""Strategic merge patch: every directive, merge keys and order, and upstream's errors."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest

from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.patch.strategic import apply_strategic_patch, parse_strategic_patch
from kubern.apimachinery.schema.model import Definitions, Schema

Object = dict[str, Any]


@pytest.fixture
def deployment(definitions: Definitions) -> Schema:
    return definitions.get("io.k8s.api.apps.v1.Deployment")


def live() -> Object:
    """A deployment with two containers."""
    one = {
        "name": "one",
        "image": "i1",
        "args": ["x", "y"],
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        "ports": [{"containerPort": 80, "protocol": "TCP"}],
    }
    pod = {
        "containers": [one, {"name": "two", "image": "i2"}],
        "volumes": [{"name": "v", "emptyDir": {}}],
        "tolerations": [{"key": "t1", "operator": "Exists"}],
    }
    return {
        "metadata": {"name": "d", "finalizers": ["example.com/a", "example.com/b"]},
        "spec": {
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": pod},
        },
    }


def apply(schema: Schema, patch: Object, obj: Object | None = None) -> Object:
    obj = live() if obj is None else obj
    parsed = parse_strategic_patch(orjson.dumps(patch))
    before = copy.deepcopy((obj, parsed))
    try:
        return apply_strategic_patch(obj, parsed, schema)
    finally:
        assert (obj, parsed) == before


def patched_pod(schema: Schema, patch: Object) -> Any:
    return apply(schema, {"spec": {"template": {"spec": patch}}})["spec"]["template"]["spec"]


def test_containers_merge_by_name(deployment: Schema) -> None:
    """Items with the same merge key merge in place; new ones come after them."""
    pod = patched_pod(deployment, {"containers": [{"name": "two", "image": "i22"}, {"name": "three", "image": "i3"}]})
    assert [(c["name"], c["image"]) for c in pod["containers"]] == [("one", "i1"), ("two", "i22"), ("three", "i3")]
    assert pod["containers"][0] == live()["spec"]["template"]["spec"]["containers"][0]


def test_lists_in_items_merge_too(deployment: Schema) -> None:
    """env merges by name, ports by containerPort, args are replaced."""
    change = {
        "name": "one",
        "env": [{"name": "B", "value": "22"}, {"name": "C", "value": "3"}],
        "ports": [{"containerPort": 80, "name": "web"}, {"containerPort": 81}],
        "args": ["z"],
    }
    container = patched_pod(deployment, {"containers": [change]})["containers"][0]
    assert [(e["name"], e["value"]) for e in container["env"]] == [("A", "1"), ("B", "22"), ("C", "3")]
    assert container["ports"] == [{"containerPort": 80, "protocol": "TCP", "name": "web"}, {"containerPort": 81}]
    assert container["args"] == ["z"]


def test_delete_one_by_key(deployment: Schema) -> None:
    """`$patch: delete` removes the item with that key, at any depth."""
    change = [{"$patch": "delete", "name": "two"}, {"name": "one", "env": [{"name": "A", "$patch": "delete"}]}]
    containers = patched_pod(deployment, {"containers": change})["containers"]
    assert [c["name"] for c in containers] == ["one"]
    assert [e["name"] for e in containers[0]["env"]] == ["B"]


def test_replace_a_list(deployment: Schema) -> None:
    """An item `$patch: replace` makes the other items the whole list."""
    change = [{"name": "one", "env": [{"$patch": "replace"}, {"name": "Z", "value": "9"}]}]
    containers = patched_pod(deployment, {"containers": change})["containers"]
    assert containers[0]["env"] == [{"name": "Z", "value": "9"}]


def test_map_directives(deployment: Schema) -> None:
    """`$patch` replaces or empties a map, and leaves nothing where there was no map."""
    changed = apply(deployment, {"spec": {"strategy": {"$patch": "replace", "type": "Recreate"}}})
    assert changed["spec"]["strategy"] == {"type": "Recreate"}
    changed = apply(deployment, {"spec": {"strategy": {"$patch": "delete"}}})
    assert changed["spec"]["strategy"] == {}
    changed = apply(deployment, {"metadata": {"annotations": {"$patch": "replace", "new": "1"}}})
    assert "annotations" not in changed["metadata"]


def test_set_element_order(deployment: Schema) -> None:
    """`$setElementOrder` orders the list; items it does not name keep their places between the others."""
    order = {"$setElementOrder/containers": [{"name": "two"}, {"name": "one"}]}
    pod = patched_pod(deployment, {**order, "containers": [{"name": "one", "image": "i11"}]})
    assert [(c["name"], c["image"]) for c in pod["containers"]] == [("two", "i2"), ("one", "i11")]
    pod = patched_pod(deployment, order)
    assert [c["name"] for c in pod["containers"]] == ["two", "one"]
    assert not any(key.startswith("$") for key in pod)
    only = {"$setElementOrder/containers": [{"name": "three"}, {"name": "two"}]}
    pod = patched_pod(deployment, {**only, "containers": [{"name": "three", "image": "i3"}]})
    assert [c["name"] for c in pod["containers"]] == ["three", "one", "two"]


def test_set_element_order_of_primitives(deployment: Schema) -> None:
    """Primitive lists are ordered by value; an absent list is taken from the patch."""
    patch = {"$setElementOrder/finalizers": ["c", "example.com/b", "example.com/a"], "finalizers": ["c"]}
    assert apply(deployment, {"metadata": patch})["metadata"]["finalizers"] == ["c", "example.com/b", "example.com/a"]
    obj: Object = {"metadata": {}}
    assert apply(deployment, {"metadata": patch}, obj)["metadata"]["finalizers"] == ["c"]


def test_primitive_lists(deployment: Schema) -> None:
    """Primitive lists with strategy merge are united, the patch's items first in its order."""
    change = {"metadata": {"finalizers": ["example.com/c", "example.com/a"]}}
    merged = apply(deployment, change)["metadata"]["finalizers"]
    assert merged == ["example.com/c", "example.com/a", "example.com/b"]
    change = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["example.com/a", "example.com/zzz"]}}
    assert apply(deployment, change)["metadata"]["finalizers"] == ["example.com/b"]
    assert "finalizers" not in apply(deployment, change, {"metadata": {}})["metadata"]


def test_retain_keys(deployment: Schema) -> None:
    """`$retainKeys` clears the keys that it does not name, in maps and in items."""
    changed = apply(deployment, {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}})
    assert changed["spec"]["strategy"] == {"type": "Recreate"}
    volume = {"$retainKeys": ["name", "hostPath"], "name": "v", "hostPath": {"path": "/x"}}
    assert patched_pod(deployment, {"volumes": [volume]})["volumes"] == [{"name": "v", "hostPath": {"path": "/x"}}]


def test_nulls(deployment: Schema) -> None:
    """null removes a key; nulls in a new map are dropped, in a new item kept for the decoder."""
    pod = patched_pod(deployment, {"volumes": None, "nodeName": None, "securityContext": {"fsGroup": None}})
    assert "volumes" not in pod
    assert "nodeName" not in pod
    assert pod["securityContext"] == {}


def test_atomic_lists_and_type_changes(deployment: Schema) -> None:
    """Lists without a strategy are replaced, and so is a value of another type."""
    pod = patched_pod(deployment, {"tolerations": [{"key": "t2"}], "containers": "none"})
    assert pod["tolerations"] == [{"key": "t2"}]
    assert pod["containers"] == "none"


def test_empty_patch(deployment: Schema) -> None:
    """A null body patches nothing."""
    assert apply_strategic_patch(live(), parse_strategic_patch(b"null"), deployment) == live()


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        (
            {"spec": {"template": {"spec": {"containers": [{"image": "nameless"}]}}}},
            500,
            "map: map[image:nameless] does not contain declared merge key: name",
        ),
        (
            {"spec": {"template": {"spec": {"containers": [{"$patch": "delete", "image": "x"}]}}}},
            500,
            "map: map[$patch:delete image:x] does not contain declared merge key: name",
        ),
        ({"spec": {"strategy": {"$patch": "explode"}}}, 500, "unknown patch type: explode in map: map[$patch:explode]"),
        ({"spec": {"strategy": {"$patch": 5}}}, 500, "unknown patch type: %!s(int64=5) in map: map[$patch:5]"),
        ({"spec": {"strategy": {"$patch": None}}}, 500, "unknown patch type: %!s(<nil>) in map: map[$patch:<nil>]"),
        (
            {"spec": {"template": {"spec": {"containers": [{"$patch": "merge"}]}}}},
            500,
            "merging lists cannot yet be specified in the patch",
        ),
        (
            {"spec": {"template": {"spec": {"containers": [{"$patch": "mix", "name": "one"}]}}}},
            500,
            "unknown patch type: mix in map: map[$patch:mix name:one]",
        ),
        (
            {"spec": {"strategy": {"$retainKeys": ["type"], "rollingUpdate": {}}}},
            400,
            "invalid patch format of retainKeys",
        ),
        ({"spec": {"strategy": {"$retainKeys": "type"}}}, 400, "invalid patch format of retainKeys"),
        ({"metadata": {"$deleteFromPrimitiveList": ["a"]}}, 400, "invalid patch format of primitive list"),
        ({"metadata": {"$setElementOrder": ["a"]}}, 400, "invalid patch format of setElementOrder list"),
        (
            {"metadata": {"$setElementOrder/finalizers": "a"}},
            500,
            "expected a []interface {}, but received a string",
        ),
        (
            {"metadata": {"$setElementOrder/finalizers": ["a"], "finalizers": {"x": 1}}},
            500,
            "expected a []interface {}, but received a map[string]interface {}",
        ),
        (
            {"metadata": {"$setElementOrder/finalizers": ["a", "b"], "finalizers": ["b", "a"]}},
            500,
            "The order in patch list:\n[b a]\n doesn't match $setElementOrder list:\n[a b]\n",
        ),
        (
            {"metadata": {"finalizers": ["c", 5]}},
            500,
            "list element types are not identical: [[example.com/a example.com/b] [c 5]]",
        ),
        (
            {"metadata": {"finalizers": [["c"]]}},
            500,
            "list element types are not identical: [[example.com/a example.com/b] [[c]]]",
        ),
        (
            {"metadata": {"$setElementOrder/colours": ["red"], "colours": ["red"]}},
            500,
            'unable to find api field in struct ObjectMeta for the json field "colours"',
        ),
    ],
)
def test_errors(deployment: Schema, patch: Object, code: int, message: str) -> None:
    """What cannot be applied is answered with upstream's code and text."""
    with pytest.raises(StatusError) as caught:
        apply(deployment, patch)
    assert (caught.value.code, caught.value.message) == (code, message)
    assert caught.value.details is None
    assert caught.value.reason == ("BadRequest" if code == 400 else "")


def test_lists_of_lists_are_unprocessable(deployment: Schema) -> None:
    """A list of lists is refused with 422."""
    with pytest.raises(StatusError) as caught:
        apply(deployment, {"metadata": {"finalizers": [["c"]]}}, {"metadata": {"finalizers": []}})
    assert (caught.value.code, caught.value.reason, caught.value.details) == (422, "Invalid", {})


def test_maps_of_structs_do_not_merge(definitions: Definitions) -> None:
    """Upstream cannot look below a map of structs, and says so."""
    schema = definitions.get("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation")
    obj = {"openAPIV3Schema": {"properties": {"spec": {"properties": {"a": {"type": "string"}}}}}}
    with pytest.raises(StatusError) as caught:
        apply(schema, {"openAPIV3Schema": {"properties": {"spec": {"type": "object"}}}}, obj)
    assert caught.value.message == "merging an object in json but data type is not struct, instead is: map"


def test_bad_bodies() -> None:
    """A body that is no object is a bad request in the decoder's words, without a prefix."""
    for body, message in (
        (b"[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (b'{"a"', "unexpected end of JSON input"),
    ):
        with pytest.raises(StatusError) as caught:
            parse_strategic_patch(body)
        assert (caught.value.code, caught.value.message) == (400, message)


def test_duplicate_fields_are_reported() -> None:
    """Keys given twice are strict errors."""
    body = b'{"metadata": {"name": "a", "name": "b"}}'
    assert parse_strategic_patch(body).strict_errors == ['duplicate field "metadata.name"']
    assert parse_strategic_patch(body, strict=False).strict_errors == []
