"""Times and other fields that Go writes as null: they are part of the object, set or not."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kubern.apimachinery.managedfields.compare import compare
from kubern.apimachinery.managedfields.types import Type, Types
from kubern.apimachinery.managedfields.values import equal_but_for_nulls
from kubern.apimachinery.schema.compiled import compile_walker
from kubern.apimachinery.schema.model import Definitions

Object = dict[str, Any]
_READY = 'k:{"type":"Ready"}'


@pytest.fixture
def pod_type(definitions: Definitions) -> Type:
    schema = definitions.get("io.k8s.api.core.v1.Pod")
    return Types(schema.resolve).of(schema)


def condition(**more: Any) -> Object:
    return {"type": "Ready", "status": "True", **more}


def pod(*conditions: Object, **status: Any) -> Object:
    return {"status": {"conditions": list(conditions), **status}}


def test_a_new_item_has_the_nulls_of_its_struct(pod_type: Type) -> None:
    """Whoever adds a condition owns its times, though none are given."""
    changed, removed = compare(pod_type, pod(), pod(condition()))
    times: dict[str, Any] = {"f:lastProbeTime": {}, "f:lastTransitionTime": {}}
    assert changed["f:status"]["f:conditions"][_READY] == {".": {}, "f:type": {}, "f:status": {}, **times}
    assert removed == {}


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ({"lastProbeTime": None}, {}, {}),
        ({}, {"lastProbeTime": None}, {}),
        ({"lastProbeTime": None}, {"lastProbeTime": "2020-01-01T00:00:00Z"}, {"f:lastProbeTime": {}}),
        ({"lastProbeTime": "2020-01-01T00:00:00Z"}, {}, {"f:lastProbeTime": {}}),
        ({"reason": "a"}, {}, {}),
    ],
)
def test_a_time_is_changed_rather_than_removed(pod_type: Type, old: Object, new: Object, changed: Object) -> None:
    """An unset time equals null; one that was set becomes null, which is a change of its owner's field."""
    got, removed = compare(pod_type, pod(condition(**old)), pod(condition(**new)))
    assert got == ({"f:status": {"f:conditions": {_READY: changed}}} if changed else {})
    assert bool(removed) == ("reason" in old)


def test_an_atomic_list_as_stored_equals_the_same_list_as_sent(definitions: Definitions, pod_type: Type) -> None:
    """Stored container statuses carry nulls that decoded ones do not: that is no change."""
    walker = compile_walker(definitions.get("io.k8s.api.core.v1.Pod"), "Pod", "v1")
    sent = pod(containerStatuses=[{"name": "a", "state": {"running": {}}}])
    walker.normalise(sent)
    stored = copy.deepcopy(sent)
    walker.encode(stored)
    assert stored["status"]["containerStatuses"][0]["state"] == {"running": {"startedAt": None}}
    changed, _ = compare(pod_type, stored, sent)
    assert "f:status" not in changed


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ({"a": None}, {}, True),
        ({"a": None}, {"a": []}, True),
        ({"a": [{"b": None}]}, {"a": [{}]}, True),
        ({"a": None}, {"a": {}}, False),
        ({"a": None}, {"a": 0}, False),
        ({"a": [None]}, {"a": []}, False),
        ({"a": True}, {"a": 1}, False),
    ],
)
def test_equality_but_for_nulls(a: Any, b: Any, same: bool) -> None:
    """Null stands for nothing and for an empty list, not for an empty struct or another zero."""
    assert equal_but_for_nulls(a, b) is same
    assert equal_but_for_nulls(b, a) is same


def test_nulls_of_custom_resources_are_values() -> None:
    """Where no Go type is behind a schema, null differs from absent."""
    type_ = Types().compile({"type": "object", "properties": {"t": {"type": "string", "format": "date-time"}}}, False)
    assert compare(type_, {"t": None}, {}) == ({}, {"f:t": {}})
    assert compare(type_, {}, {"t": None}) == ({"f:t": {}}, {})
