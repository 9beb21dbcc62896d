"""FieldManager: whose word counts, times, limits, subresources, versions, and writes that change nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.managedfields import factory
from kubern.apimachinery.managedfields.admission import restore_invalid_entries
from kubern.apimachinery.managedfields.errors import MissingVersionError
from kubern.apimachinery.managedfields.manager import FieldManager
from kubern.apimachinery.managedfields.timestamps import ignore_managed_fields_timestamps
from kubern.apimachinery.schema.compiled import compile_walker
from kubern.apimachinery.schema.model import Definitions, Schema

from .harness import built_in

Object = dict[str, Any]


@pytest.fixture
def manager(definitions: Definitions) -> FieldManager:
    return built_in(definitions, "v1", "ConfigMap", "io.k8s.api.core.v1.ConfigMap")


def config_map(data: dict[str, str], **metadata: Any) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", **metadata}, "data": data}


def created(manager: FieldManager, data: dict[str, str], by: str = "creator", **metadata: Any) -> Object:
    obj = manager.update(None, config_map(data, **metadata), by)
    return {**obj, "metadata": {**obj["metadata"], "uid": "u"}}


def changed(obj: Object, **data: str) -> Object:
    return {**copy.deepcopy(obj), "data": {**obj["data"], **data}}


def entries(obj: Object) -> list[Object]:
    return obj["metadata"].get("managedFields", [])  # type: ignore[no-any-return]


def owners(obj: Object) -> dict[str, Any]:
    return {entry["manager"]: entry["fieldsV1"] for entry in entries(obj)}


def test_an_update_that_changes_nothing_keeps_the_entries(manager: FieldManager) -> None:
    """The live object's own entries stay, times included, whoever writes."""
    live = created(manager, {"k": "1"})
    manager.now = lambda: "2030-01-01T00:00:00Z"
    assert entries(manager.update(live, copy.deepcopy(live), "other")) is entries(live)
    bare = config_map({"k": "1"}, uid="u")
    assert entries(manager.update(live, bare, "other")) is entries(live)


def test_entries_take_part_in_nothing_but_ownership(manager: FieldManager) -> None:
    """Neither the given objects nor their entries change."""
    live = created(manager, {"k": "1"})
    new = changed(live, k="2")
    before = copy.deepcopy((live, new))
    result = manager.update(live, new, "other")
    assert (live, new) == before
    assert owners(result) == {"creator": {"f:data": {}}, "other": {"f:data": {"f:k": {}}}}


def test_taking_a_field_renews_the_time(manager: FieldManager) -> None:
    """The writer's entry gets the time of the write; the others keep theirs."""
    live = created(manager, {"k": "1", "l": "1"})
    manager.now = lambda: "2030-01-01T00:00:00Z"
    result = manager.update(live, changed(live, k="2"), "other")
    assert [(e["manager"], e["time"]) for e in entries(result)] == [
        ("creator", "2020-01-01T00:00:00Z"),
        ("other", "2030-01-01T00:00:00Z"),
    ]
    again = manager.update(result, changed(result, l="2"), "creator")
    assert [(e["manager"], e["time"]) for e in entries(again)] == [
        ("creator", "2030-01-01T00:00:00Z"),
        ("other", "2030-01-01T00:00:00Z"),
    ]


def test_removing_a_field_takes_it_from_everybody(manager: FieldManager) -> None:
    """A removed field has no owners; a manager that owns nothing is gone; the remover owns nothing for it."""
    live = created(manager, {"k": "1"}, "one")
    live = manager.update(live, changed(live, l="2"), "two")
    new = copy.deepcopy(live)
    del new["data"]["l"]
    assert owners(manager.update(live, new, "three")) == {"one": {"f:data": {".": {}, "f:k": {}}}}


def test_without_a_manager_the_name_is_unknown(manager: FieldManager) -> None:
    """An empty manager name becomes `unknown`."""
    assert owners(created(manager, {"k": "1"}, "")) == {"unknown": {"f:data": {".": {}, "f:k": {}}}}


def test_objects_without_ownership_stay_without(manager: FieldManager) -> None:
    """Updates do not start tracking an object that nobody owns."""
    live = config_map({"k": "1"}, uid="u")
    assert entries(manager.update(live, changed(live, k="2"), "m")) == []


@pytest.mark.parametrize("reset", [[], [{}], [{"manager": "", "fieldsV1": None}]])
def test_reset(manager: FieldManager, reset: list[Any]) -> None:
    """An empty list, or a list of one empty entry, forgets all ownership, also of what is changed along with it."""
    live = created(manager, {"k": "1"})
    new = changed(live, k="2")
    new["metadata"]["managedFields"] = reset
    assert "managedFields" not in manager.update(live, new, "m")["metadata"]


def test_decoding_keeps_a_request_to_forget(definitions: Definitions) -> None:
    """An empty list of entries survives decoding, which drops other empty lists."""
    walker = compile_walker(definitions.get("io.k8s.api.core.v1.ConfigMap"), "ConfigMap", "v1")
    obj = config_map({}, managedFields=[], finalizers=[])
    walker.normalise(obj)
    assert obj["metadata"] == {"name": "a", "managedFields": []}
    walker.encode(obj)
    assert obj["metadata"] == {"name": "a"}


@pytest.mark.parametrize(
    "bad",
    [
        {"manager": "x", "operation": "Guess", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {}},
        {"manager": "x", "operation": "Update", "apiVersion": "", "fieldsType": "FieldsV1", "fieldsV1": {}},
        {"manager": "x", "operation": "Update", "apiVersion": "v1", "fieldsV1": {}},
        {"manager": "x", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV9", "fieldsV1": {}},
        {"manager": "x", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"x": {}}},
        {"manager": "x", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": {"f:a": 1}},
    ],
)
def test_invalid_entries_count_as_none(manager: FieldManager, bad: Object) -> None:
    """Entries that make no sense are as if they had not been sent."""
    live = created(manager, {"k": "1"})
    new = copy.deepcopy(live)
    new["metadata"]["managedFields"] = [bad]
    assert entries(manager.update(live, new, "m")) is entries(live)


def test_entries_may_be_edited(manager: FieldManager) -> None:
    """Valid entries of a request replace the live ones, in canonical form and order."""
    live = created(manager, {"k": "1"})
    new = copy.deepcopy(live)
    handed = {"manager": "handed", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "time": "t"}
    new["metadata"]["managedFields"] = [
        *entries(live), {**handed, "fieldsV1": {"f:data": {"f:l": {}, "f:k": {".": {}}}}}
    ]  # fmt: skip
    assert entries(manager.update(live, new, "m")) == [
        {**handed, "fieldsV1": {"f:data": {"f:k": {}, "f:l": {}}}},
        *entries(live),
    ]


def test_subresources_ignore_the_entries_of_requests(definitions: Definitions) -> None:
    """Ownership cannot be edited through a subresource, whose writers have entries of their own."""
    main = built_in(definitions, "v1", "Pod", "io.k8s.api.core.v1.Pod", reset_fields=[("status",)])
    status = built_in(
        definitions, "v1", "Pod", "io.k8s.api.core.v1.Pod", subresource="status", reset_fields=[("spec",)]
    )
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": []}, "status": {}}
    live = main.update(None, {**pod, "spec": {"containers": [], "nodeName": "n"}}, "m")
    live["metadata"]["uid"] = "u"
    new = {**copy.deepcopy(live), "status": {"phase": "Running"}, "spec": {"containers": [], "nodeName": "other"}}
    new["metadata"]["managedFields"] = []
    assert entries(status.update(live, new, "m")) == [
        *entries(live),
        {
            "manager": "m", "operation": "Update", "apiVersion": "v1", "time": "2020-01-01T00:00:00Z",
            "fieldsType": "FieldsV1", "fieldsV1": {"f:status": {"f:phase": {}}}, "subresource": "status",
        },
    ]  # fmt: skip
    assert entries(main.update(live, new | {"spec": live["spec"], "metadata": live["metadata"]}, "x")) is entries(live)


def test_lists_that_are_sent_empty(definitions: Definitions) -> None:
    """A new object's creator owns the lists that it sets to nothing, if the body is given; absent ones nobody owns."""
    roles = built_in(definitions, "rbac.authorization.k8s.io/v1", "Role", "io.k8s.api.rbac.v1.Role")
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"}, "rules": []}
    assert owners(roles.update(None, role, "m")) == {}
    assert owners(roles.update(None, role, "m", sent=role)) == {"m": {"f:rules": {}}}
    assert owners(roles.update(None, role, "m", sent={"metadata": {"name": "r"}})) == {}


def test_at_most_ten_updaters(manager: FieldManager) -> None:
    """The oldest updaters are folded into `ancient-changes`; their fields stay owned."""
    live = created(manager, {"k0": "0"}, "m0")
    for i in range(1, 13):
        manager.now = lambda i=i: f"2020-01-01T00:00:{i:02d}Z"  # type: ignore[misc]
        live = manager.update(live, changed(live, **{f"k{i}": str(i)}), f"m{i}")
    names = [entry["manager"] for entry in entries(live)]
    assert names == ["ancient-changes", *(f"m{i}" for i in range(4, 13))]
    assert owners(live)["ancient-changes"] == {"f:data": {".": {}, "f:k0": {}, "f:k1": {}, "f:k2": {}, "f:k3": {}}}
    assert entries(live)[0]["time"] == "2020-01-01T00:00:03Z"


def test_times_alone_are_no_change(manager: FieldManager) -> None:
    """When only times differ the old ones come back, so that nothing is written."""
    old = created(manager, {"k": "1"})
    new = copy.deepcopy(old)
    new["metadata"]["managedFields"][0]["time"] = "2030-01-01T00:00:00Z"
    other = changed(new, k="2")
    ignore_managed_fields_timestamps(new, old)
    assert new == old
    for different in (
        other,
        {**new, "metadata": {**new["metadata"], "managedFields": [*entries(other), {"manager": "x"}]}},
    ):
        before = copy.deepcopy(different)
        ignore_managed_fields_timestamps(different, old)
        assert different == before


def test_admission_cannot_break_the_entries(manager: FieldManager) -> None:
    """Entries that mutating admission made invalid become what they were, with a warning."""
    obj = created(manager, {"k": "1"})
    before = entries(obj)
    assert restore_invalid_entries(obj, before) == ""
    obj["metadata"]["managedFields"] = [{**before[0], "manager": "edited"}]
    assert restore_invalid_entries(obj, before) == ""
    obj["metadata"]["managedFields"] = [{**before[0], "operation": "Guess"}]
    assert restore_invalid_entries(obj, before).endswith(
        "please fix your requests: metadata.managedFields[0].operation: "
        'Invalid value: "Guess": must be `Apply` or `Update`'
    )
    assert entries(obj) is before
    obj["metadata"]["managedFields"] = [{**before[0], "apiVersion": ""}]
    assert restore_invalid_entries(obj, None).endswith("please fix your requests: apiVersion must not be empty")
    assert entries(obj) == []


# ---------------------------------------------------------------- versions

_V1 = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}}}
_V2 = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"count": {"type": "integer"}}}}}
_NAMES = {"g/v1": "size", "g/v2": "count"}


def _convert(obj: Object, api_version: str) -> Object:
    """spec.size is called spec.count in v2."""
    if api_version not in _NAMES:
        raise MissingVersionError(api_version)
    spec = obj.get("spec") or {}
    value = spec.get(_NAMES[obj["apiVersion"]])
    return {**obj, "apiVersion": api_version, "spec": {} if value is None else {_NAMES[api_version]: value}}


def _widgets(version: str) -> FieldManager:
    schemas = {"g/v1": Schema(_V1), "g/v2": Schema(_V2)}
    return factory.custom_resource(f"g/{version}", "Widget", schemas.get, schemas, convert=_convert)


def _widget(version: str, **spec: int) -> Object:
    return {"apiVersion": f"g/{version}", "kind": "Widget", "metadata": {"name": "w", "uid": "u"}, "spec": spec}


def test_ownership_crosses_versions() -> None:
    """What one version calls size and another count is one field, for conflicts as for taking over."""
    v1, v2 = _widgets("v1"), _widgets("v2")
    live = v1.apply(None, _widget("v1", size=1), "one")
    in_v2 = _convert(live, "g/v2")
    with pytest.raises(StatusError) as caught:
        v2.apply(in_v2, _widget("v2", count=2), "two")
    assert caught.value.message == 'Apply failed with 1 conflict: conflict with "one": .spec.size'
    forced = v2.apply(in_v2, _widget("v2", count=2), "two", force=True)
    assert [(e["manager"], e["apiVersion"], e["fieldsV1"]) for e in entries(forced)] == [
        ("two", "g/v2", {"f:spec": {"f:count": {}}})
    ]


def test_appliers_move_between_versions() -> None:
    """Applying in another version replaces the applier's entry and prunes what it does not apply any more."""
    v1, v2 = _widgets("v1"), _widgets("v2")
    live = v1.apply(None, _widget("v1", size=1), "one")
    moved = v2.apply(_convert(live, "g/v2"), _widget("v2"), "one")
    assert moved["spec"] in (None, {})
    assert [(e["manager"], e["apiVersion"]) for e in entries(moved)] == [("one", "g/v2")]


def test_entries_of_missing_versions_are_dropped() -> None:
    """Entries in a version that is not served any more are forgotten with the next write."""
    v1 = _widgets("v1")
    live = v1.update(None, _widget("v1", size=1), "m")
    live["metadata"]["uid"] = "u"
    stale = {**entries(live)[0], "manager": "stale", "apiVersion": "g/v0", "operation": "Apply"}
    live["metadata"]["managedFields"] = [stale, *entries(live)]
    assert [e["manager"] for e in entries(v1.update(live, copy.deepcopy(live), "x"))] == ["m"]


def test_items_that_cannot_be_told_apart_leave_ownership_alone() -> None:
    """When a new object does not fit its schema the live entries are kept."""
    keyed = {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}},
             "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"]}  # fmt: skip
    schema = Schema({"type": "object", "properties": {"l": keyed}})
    widgets = factory.custom_resource("g/v1", "Widget", lambda _: schema, ["g/v1"])
    live = widgets.update(None, {"apiVersion": "g/v1", "kind": "Widget", "metadata": {}, "l": [{"a": "1"}]}, "m")
    live["metadata"]["uid"] = "u"
    new = {**live, "l": [{}]}
    assert entries(widgets.update_no_errors(live, new, "x")) is entries(live)


def test_the_first_apply_to_what_does_not_fit_its_schema_any_more(manager: FieldManager) -> None:
    """An object without ownership, stored under another schema, cannot be told apart: 500 in upstream's words."""
    live = config_map({"k": "1"}, namespace="n", uid="u")
    live["data"] = ["no", "map"]
    with pytest.raises(StatusError) as caught:
        manager.apply(live, config_map({"k": "2"}), "m")
    assert (caught.value.code, caught.value.message) == (
        500,
        "failed to create manager for existing fields: failed to convert new object (n/a; /v1, Kind=ConfigMap) to smd "
        "typed: .data: expected map, got &{[no map]}",
    )
