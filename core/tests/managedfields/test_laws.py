"""Laws of apply and update on random objects of a schema with every kind of list and map."""

from __future__ import annotations

import copy
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.managedfields import factory
from kubern.apimachinery.managedfields.compare import compare
from kubern.apimachinery.managedfields.elements import show
from kubern.apimachinery.managedfields.fieldset import difference, intersection, iterate, ordered, union
from kubern.apimachinery.managedfields.manager import FieldManager
from kubern.apimachinery.managedfields.newobjects import NewObjects
from kubern.apimachinery.managedfields.toset import to_field_set
from kubern.apimachinery.managedfields.types import Types
from kubern.apimachinery.schema.model import Schema

Object = dict[str, Any]
_TEXT = {"type": "string"}
_ITEM = {"type": "object", "properties": {"name": _TEXT, "value": _TEXT, "more": {"type": "object", "additionalProperties": _TEXT}}}  # fmt: skip
_SPEC = {
    "a": _TEXT,
    "box": {"type": "object", "properties": {"x": _TEXT, "y": _TEXT}},
    "map": {"type": "object", "additionalProperties": _TEXT},
    "atom": {"type": "object", "additionalProperties": _TEXT, "x-kubernetes-map-type": "atomic"},
    "plain": {"type": "array", "items": _TEXT},
    "set": {"type": "array", "items": _TEXT, "x-kubernetes-list-type": "set"},
    "keyed": {"type": "array", "items": _ITEM, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
}
_SCHEMA = Schema({"type": "object", "properties": {"spec": {"type": "object", "properties": _SPEC}}})

_word = st.sampled_from(["p", "q", "r"])
_map = st.dictionaries(_word, _word, min_size=1, max_size=3)
_item: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"name": _word}, optional={"value": _word, "more": _map}
)
_items = st.lists(_item, min_size=1, max_size=3, unique_by=lambda item: str(item["name"]))
_spec = st.fixed_dictionaries(
    {},
    optional={
        "a": _word,
        "box": st.dictionaries(st.sampled_from(["x", "y"]), _word, min_size=1),
        "map": _map,
        "atom": _map,
        "plain": st.lists(_word, max_size=3),
        "set": st.lists(_word, min_size=1, max_size=3, unique=True),
        "keyed": _items,
        "free": st.dictionaries(_word, st.one_of(_word, _map, st.lists(_word)), min_size=1, max_size=2),
    },
)


def _manager() -> FieldManager:
    return factory.custom_resource("g/v1", "Widget", lambda _: _SCHEMA, ["g/v1"])


def _config(spec: Object) -> Object:
    return {"apiVersion": "g/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}


def _stored(obj: Object) -> Object:
    return {**obj, "metadata": {**obj["metadata"], "uid": "u"}}


def _owned(obj: Object, manager: str) -> set[Any]:
    entries = obj["metadata"].get("managedFields", [])
    return {path for entry in entries if entry["manager"] == manager for path in iterate(entry["fieldsV1"])}


@given(_spec, _spec)
def test_applying_twice_is_applying_once(live: Object, spec: Object) -> None:
    """After an apply, the same configuration changes nothing, and every leaf has the configuration's value."""
    manager = _manager()
    created = _stored(manager.update(None, _config(live), "creator"))
    once = _stored(manager.apply(created, _config(spec), "m", force=True))
    assert manager.apply(once, _config(spec), "m") is once
    type_ = Types().of_custom_resource(_SCHEMA)
    changed, _ = compare(type_, once, {**once, "spec": {**(once.get("spec") or {}), **spec}})
    assert not intersection(changed, to_field_set(type_, {"spec": {"a": "x", **spec}})) or _lists_grew(once, spec)


def _lists_grew(obj: Object, spec: Object) -> bool:
    """Whether the object holds more than the configuration somewhere, so that replacing members loses items."""
    return any((obj.get("spec") or {}).get(name) != value for name, value in spec.items())


@given(_spec)
def test_creating_by_apply_gives_the_configuration(spec: Object) -> None:
    """A new object is what was applied, and its applier owns all of it."""
    manager = _manager()
    created = manager.apply(None, _config(spec), "m")
    assert created["spec"] == spec
    type_ = Types().of_custom_resource(_SCHEMA)
    assert _owned(created, "m") == set(iterate(to_field_set(type_, {"spec": spec})))


@given(_spec, _spec)
def test_a_sole_applier_gets_what_it_applies(first: Object, second: Object) -> None:
    """With one applier and no one else, the object becomes the newest configuration."""
    manager = _manager()
    live = _stored(manager.apply(None, _config(first), "m"))
    result = manager.apply(live, _config(second), "m")
    kept = {name: value for name, value in (result["spec"] or {}).items() if value is not None}
    assert _unordered(kept) == _unordered(second)


@given(_spec, _spec)
def test_forced_or_refused(first: Object, second: Object) -> None:
    """Without force an apply either succeeds or names exactly the fields that a forced one takes away."""
    manager = _manager()
    live = _stored(manager.apply(None, _config(first), "one"))
    before = copy.deepcopy(live)
    forced = manager.apply(live, _config(second), "two", force=True)
    try:
        assert manager.apply(live, _config(second), "two")["spec"] == forced["spec"]
        lost: set[Any] = set()
    except StatusError as error:
        assert error.code == 409
        assert error.details is not None
        lost = {cause["field"] for cause in error.details["causes"]}
        assert lost
    assert live == before
    taken = {show(path) for path in _owned(live, "one") - _owned(forced, "one")}
    assert lost <= taken
    # What was below a value that changed its form goes with it, unmentioned.
    assert all(any(path.startswith(field) for field in lost) for path in taken)


@given(_spec, _spec)
def test_updates_own_what_they_change(first: Object, second: Object) -> None:
    """After an update the writer owns every change, the others what is left of theirs, and nobody what is gone."""
    manager = _manager()
    live = _stored(manager.update(None, _config(first), "one"))
    new = manager.update(live, {**_config(second), "metadata": {"name": "w", "uid": "u"}}, "two")
    type_ = Types().of_custom_resource(_SCHEMA)
    changed, removed = compare(type_, {"spec": first}, {"spec": second})
    assert _owned(new, "two") == set(iterate(changed))
    assert _owned(new, "one") == _owned(live, "one") - set(iterate(union(changed, removed)))


@given(_spec, _spec)
@settings(max_examples=200)
def test_comparison_is_exact(first: Object, second: Object) -> None:
    """Equal objects do not differ; different ones do; what is changed one way is changed or removed the other way."""
    type_ = Types().of_custom_resource(_SCHEMA)
    changed, removed = compare(type_, {"spec": first}, {"spec": second})
    back_changed, back_removed = compare(type_, {"spec": second}, {"spec": first})
    assert compare(type_, {"spec": first}, copy.deepcopy({"spec": first})) == ({}, {})
    if not changed and not removed:
        assert _unordered(first) == _unordered(second)
    assert not difference(removed, back_changed)
    assert not difference(back_removed, changed)


@given(_spec, _spec)
def test_new_objects_are_compared_with_the_empty_one(first: Object, second: Object) -> None:
    """A remembered spec, and one that is met first, set what a comparison says."""
    type_ = Types().of_custom_resource(_SCHEMA)
    empty = {**_config({"box": {}, "keyed": []}), "status": {}}
    new_objects = NewObjects(type_, empty)
    for spec in (first, second, first):
        assert repr(new_objects.compare(_config(spec))) == repr(compare(type_, empty, _config(spec)))


@given(_spec, _spec, _spec)
def test_sets_are_written_in_order(first: Object, second: Object, third: Object) -> None:
    """Whatever order fields and items are sent in, ownership is written in upstream's."""
    manager = _manager()
    live = _stored(manager.update(None, _config(first), "a"))
    live = _stored(manager.apply(live, _config(second), "b", force=True))
    live = manager.update(live, {**live, "spec": third}, "a")
    for entry in live["metadata"].get("managedFields", ()):
        assert repr(entry["fieldsV1"]) == repr(ordered(entry["fieldsV1"]))


def _unordered(spec: Object) -> Object:
    """The object without the order of its associative lists."""
    return {k: sorted(map(_text, v)) if k in ("set", "keyed") else v for k, v in spec.items()}


def _text(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
