"""Server-side apply beyond the recorded runs: no-ops, kubectl's annotation, mistakes, scale."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest

from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.managedfields.last_applied import ANNOTATION
from kubern.apimachinery.managedfields.manager import FieldManager
from kubern.apimachinery.managedfields.scale import ScaleHandler
from kubern.apimachinery.schema.model import Definitions

from .harness import built_in

Object = dict[str, Any]


@pytest.fixture
def manager(definitions: Definitions) -> FieldManager:
    return built_in(definitions, "v1", "ConfigMap", "io.k8s.api.core.v1.ConfigMap")


def config(data: dict[str, str], **metadata: Any) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", **metadata}, "data": data}


def stored(obj: Object) -> Object:
    return {**obj, "metadata": {**obj["metadata"], "uid": "u"}}


def test_applying_the_same_again_gives_the_live_object_itself(manager: FieldManager) -> None:
    """Nothing changed: the very same object comes back, so that nothing need be written."""
    live = stored(manager.apply(None, config({"k": "1"}), "m"))
    manager.now = lambda: "2030-01-01T00:00:00Z"
    assert manager.apply(live, config({"k": "1"}), "m") is live


def test_claiming_without_changing_has_no_time(manager: FieldManager) -> None:
    """A new co-owner of unchanged fields gets an entry without a time."""
    live = stored(manager.apply(None, config({"k": "1"}), "m"))
    result = manager.apply(live, config({"k": "1"}), "n")
    assert [(e["manager"], e.get("time")) for e in result["metadata"]["managedFields"]] == [
        ("n", None),
        ("m", "2020-01-01T00:00:00Z"),
    ]
    assert result["data"] is live["data"]


def test_nothing_given_is_changed(manager: FieldManager) -> None:
    """Apply leaves the live object and the configuration as they were."""
    live = stored(manager.apply(None, config({"k": "1", "l": "1"}), "m"))
    patch = config({"k": "2"})
    before = copy.deepcopy((live, patch))
    result = manager.apply(live, patch, "m")
    assert result["data"] == {"k": "2"}
    assert (live, patch) == before


def test_objects_from_before_the_first_apply(manager: FieldManager) -> None:
    """An object that nobody owned belongs to `before-first-apply` when it is first applied to."""
    live = config({"k": "1", "l": "1"}, uid="u")
    with pytest.raises(StatusError) as caught:
        manager.apply(live, config({"k": "2"}), "m")
    assert caught.value.message == (
        'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.k'
    )
    result = manager.apply(live, config({"k": "1"}), "m")
    assert [(e["manager"], e["operation"]) for e in result["metadata"]["managedFields"]] == [
        ("m", "Apply"),
        ("before-first-apply", "Update"),
    ]


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        ({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}, 400, "invalid object type: /v1, Kind=Secret"),
        ({"metadata": {"name": "a"}}, 400, "invalid object type: /, Kind="),
        ({"apiVersion": "apps/v1", "kind": "ConfigMap"}, 400, "invalid object type: apps/v1, Kind=ConfigMap"),
        ({"apiVersion": "a/b/c", "kind": "ConfigMap"}, 400, "invalid object type: /, Kind="),
        (config({}, managedFields=[{"manager": "x"}]), 400, "metadata.managedFields must be nil"),
        (
            config({"k": 5}, namespace="n"),  # type: ignore[dict-item]
            500,
            "failed to create typed patch object (n/a; /v1, Kind=ConfigMap): .data.k: expected string, "
            "got &value.valueUnstructured{Value:5}",
        ),
    ],
)  # fmt: skip
def test_mistakes(manager: FieldManager, patch: Object, code: int, message: str) -> None:
    """Configurations that cannot be applied are refused in upstream's words."""
    with pytest.raises(StatusError) as caught:
        manager.apply(None, patch, "m")
    assert (caught.value.code, caught.value.message) == (code, message)


def test_null_managed_fields_are_none(manager: FieldManager) -> None:
    """`managedFields: null` in a configuration is no mistake."""
    assert manager.apply(None, config({"k": "1"}, managedFields=None), "m")["data"] == {"k": "1"}


# ---------------------------------------------------------------- kubectl


def client_side(manager: FieldManager, data: dict[str, str], applied: Object) -> Object:
    """An object that kubectl's client-side apply created."""
    annotations = {ANNOTATION: orjson.dumps(applied).decode(), "x": "y"}
    return stored(manager.update(None, config(data, annotations=annotations), "kubectl-client-side-apply"))


def test_kubectl_takes_over_from_client_side_apply(manager: FieldManager) -> None:
    """What the annotation says was applied, and still holds, is no conflict for kubectl; the annotation is renewed."""
    live = client_side(manager, {"k": "1", "l": "1"}, config({"k": "1"}))
    result = manager.apply(live, config({"k": "<2>"}), "kubectl")
    assert result["data"] == {"k": "<2>", "l": "1"}
    assert result["metadata"]["annotations"][ANNOTATION] == (
        '{"apiVersion":"v1","data":{"k":"\\u003c2\\u003e"},"kind":"ConfigMap","metadata":{"name":"a"}}\n'
    )


@pytest.mark.parametrize("applier", ["kubectl", "other"])
def test_other_conflicts_remain(manager: FieldManager, applier: str) -> None:
    """Fields that the annotation does not name, and appliers that are not kubectl, conflict as ever."""
    live = client_side(manager, {"k": "1", "l": "1"}, config({"k": "1"}))
    with pytest.raises(StatusError) as caught:
        manager.apply(live, config({"k": "2", "l": "2"}), applier)
    fields = [cause["field"] for cause in caught.value.details["causes"]]  # type: ignore[index]
    assert fields == ([".data.l"] if applier == "kubectl" else [".data.k", ".data.l"])


def test_stale_annotations_allow_nothing(manager: FieldManager) -> None:
    """A field that changed since client-side apply set it, or an annotation that cannot be read, is a conflict."""
    for applied in (config({"k": "0"}), {**config({"k": "1"}), "apiVersion": "v0"}, {"apiVersion": "v1", "x": 1}):
        with pytest.raises(StatusError):
            manager.apply(client_side(manager, {"k": "1"}, applied), config({"k": "2"}), "kubectl")


def test_annotations_that_grow_too_large_lose_the_configuration(manager: FieldManager) -> None:
    """The annotation is left out rather than making the object invalid."""
    live = client_side(manager, {"k": "1"}, config({"k": "1"}))
    result = manager.apply(live, config({"k": "2", "big": "x" * 262_144}), "kubectl")
    assert result["metadata"]["annotations"] == {"x": "y"}


# ---------------------------------------------------------------- scale


_DEPLOYMENT_REPLICAS = {"apps/v1": ("f:spec", "f:replicas")}


def entry(manager: str, fields: Object, **more: str) -> Object:
    head = {"manager": manager, "operation": "Apply", "apiVersion": "apps/v1"}
    return {**head, **more, "fieldsType": "FieldsV1", "fieldsV1": fields}


def test_scale_shows_who_owns_the_replicas() -> None:
    """The Scale's entries are those of the owners of replicas, in autoscaling/v1."""
    owner = entry("m", {"f:spec": {"f:paused": {}, "f:replicas": {}}}, time="t")
    handler = ScaleHandler([owner, entry("n", {"f:spec": {"f:paused": {}}})], "apps/v1", _DEPLOYMENT_REPLICAS)
    expected = entry("m", {"f:spec": {"f:replicas": {}}}, apiVersion="autoscaling/v1", time="t")
    assert handler.to_subresource() == [expected]


def test_scale_takes_the_replicas() -> None:
    """A writer of the Scale takes replicas from its owner, without a time, as upstream has it."""
    owner = entry("m", {"f:spec": {"f:paused": {}, "f:replicas": {}}}, time="t")
    handler = ScaleHandler([owner], "apps/v1", _DEPLOYMENT_REPLICAS)
    taken = entry("hpa", {"f:spec": {"f:replicas": {}}}, apiVersion="autoscaling/v1", time="u")
    taken["subresource"] = "scale"
    expected = entry("hpa", {"f:spec": {"f:replicas": {}}})
    expected["subresource"] = "scale"
    assert handler.to_parent([taken]) == [expected, entry("m", {"f:spec": {"f:paused": {}}}, time="t")]


def test_scale_leaves_an_owner_that_kept_the_replicas() -> None:
    """An owner that the Scale still names keeps its entry as it was."""
    owner = entry("m", {"f:spec": {"f:paused": {}, "f:replicas": {}}}, time="t")
    handler = ScaleHandler([owner], "apps/v1", _DEPLOYMENT_REPLICAS)
    assert handler.to_parent(handler.to_subresource()) == [owner]
