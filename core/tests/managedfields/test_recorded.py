"""What kube-apiserver 1.36 answered: ownership of new objects, and runs of apply and update requests."""

from __future__ import annotations

import pathlib
from typing import Any

import orjson
import pytest

from kubern.apimachinery.errors import StatusError
from kubern.apimachinery.managedfields import factory
from kubern.apimachinery.schema.compiled import compile_walker
from kubern.apimachinery.schema.model import Definitions, Schema

from .harness import Resource, built_in

_DATA = pathlib.Path(__file__).parent / "data"
_CREATED = orjson.loads((_DATA / "created.json").read_bytes())
_APPLIED = orjson.loads((_DATA / "applied.json").read_bytes())
_CORE = {"configmaps": ("v1", "ConfigMap", "core.v1"), "roles": ("rbac.authorization.k8s.io/v1", "Role", "rbac.v1")}


@pytest.mark.parametrize("case", _CREATED, ids=lambda case: f"{case['definition'].rsplit('.', 1)[-1]}")
def test_ownership_of_new_objects(definitions: Definitions, case: dict[str, Any]) -> None:
    """The creator owns exactly the fields that the recorded answer says."""
    obj = case["object"]
    manager = built_in(definitions, obj["apiVersion"], obj["kind"], case["definition"])
    compile_walker(definitions.get(case["definition"]), obj["kind"], obj["apiVersion"]).normalise(obj)
    created = manager.update(None, obj, "creator")
    assert created["metadata"]["managedFields"] == [
        {
            "manager": "creator",
            "operation": "Update",
            "apiVersion": obj["apiVersion"],
            "time": "2020-01-01T00:00:00Z",
            "fieldsType": "FieldsV1",
            "fieldsV1": case["fields"],
        }
    ]


def _resource(definitions: Definitions, schema: dict[str, Any] | None, name: str, body: Any) -> Resource:
    if name in _CORE:
        api_version, kind, package = _CORE[name]
        definition = f"io.k8s.api.{package}.{kind}"
        return Resource(built_in(definitions, api_version, kind, definition), definitions.get(definition), False)
    assert schema is not None
    node = Schema(schema)
    api_version, kind = body["apiVersion"], body["kind"]
    return Resource(factory.custom_resource(api_version, kind, lambda _: node, [api_version]), node, True)


@pytest.mark.parametrize("name", _APPLIED)
def test_runs_of_requests(definitions: Definitions, name: str) -> None:
    """Objects, managedFields and errors are those of the recorded answers, step by step."""
    run = _APPLIED[name]
    resources: dict[str, Resource] = {}
    seconds = 0
    for step in run["steps"]:
        if "sleep" in step:
            seconds += 2
            continue
        resource = resources.get(step["resource"])
        if resource is None:
            resource = resources[step["resource"]] = _resource(
                definitions, run["schema"], step["resource"], step["body"]
            )
        resource.manager.now = lambda now=f"2026-01-01T00:00:{seconds:02d}Z": now  # type: ignore[misc]
        force = step.get("force", False)
        if "error" in step:
            with pytest.raises(StatusError) as caught:
                resource.write(step["verb"], step["name"], step["body"], step["manager"], force)
            assert _error(caught.value) == _sorted_causes(step["error"]), step["id"]
        else:
            obj = resource.write(step["verb"], step["name"], step["body"], step["manager"], force)
            if "answer" in step:
                assert _answer(obj) == step["answer"], step["id"]


def _error(error: StatusError) -> dict[str, Any]:
    status = error.status()
    return _sorted_causes({k: status[k] for k in ("code", "message", "reason", "details") if k in status})


def _sorted_causes(error: dict[str, Any]) -> dict[str, Any]:
    """Upstream lists the causes of several managers in no particular order."""
    causes = sorted(error.get("details", {}).get("causes", ()), key=lambda cause: (cause["field"], cause["message"]))
    return {**error, "details": {"causes": causes}} if causes else error


def _answer(obj: dict[str, Any]) -> dict[str, Any]:
    """What the recorded answers hold: content, and entries with only the presence of their times."""
    metadata = obj["metadata"]
    out = {k: obj[k] for k in ("data", "rules", "spec") if obj.get(k)}
    out.update({k: metadata[k] for k in ("labels", "annotations", "finalizers") if metadata.get(k)})
    entries = metadata.get("managedFields", [])
    out["managedFields"] = [{k: bool(v) if k == "time" else v for k, v in entry.items()} for entry in entries]
    return out
