"""What holds for every built-in kind: its objects are made, read in every form, written back unchanged, and deleted."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import NAMESPACE, Api

Object = dict[str, Any]
Kind = tuple[str, str]
DATA = Path(__file__).parents[1] / "data"
FORMS = (
    "application/yaml", "application/vnd.kubernetes.protobuf", "application/json;as=Table;v=v1;g=meta.k8s.io",
    "application/json;as=Table;v=v1beta1;g=meta.k8s.io", "application/json;as=PartialObjectMetadata{};v=v1;g=meta.k8s.io",
    "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata{};v=v1;g=meta.k8s.io",
)  # fmt: skip
SERVERS_OWN = (
    "uid",
    "resourceVersion",
    "deletionTimestamp",
    "managedFields",
    "ownerReferences",
    "finalizers",
    "generateName",
    "selfLink",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
)
# Kinds without objects of their own: answers to questions, and a report.
UNSTORED = {"Binding", "ComponentStatus"}
# Kinds whose status the server itself writes soon after, with so many conditions.
JUDGED = {"APIService": 1, "CustomResourceDefinition": 2, "FlowSchema": 1}
# Field errors of these are no Status with causes upstream either.
UNCAUSED = {"Binding"}


def by_kind(file: str) -> dict[Kind, Object]:
    text = (DATA / file).read_text().replace('"NS"', f'"{NAMESPACE}"')
    return {(each["apiVersion"], each["kind"]): each for each in json.loads(text)}


MINIMAL = by_kind("minimal-objects.json")
FILLED = by_kind("filled-objects.json")
STORED = [kind for kind in MINIMAL if not kind[1].endswith("Review")]


def named(kind: Kind) -> str:
    return "-".join(kind).replace("/", ".")


@pytest.fixture(params=STORED, ids=named)
def made(api: Api, request: pytest.FixtureRequest) -> Iterator[tuple[str, Object]]:
    """(path, object) of a minimal object of each kind that is stored, in turn."""
    wanted = MINIMAL[request.param]
    collection = api.resources[request.param].path
    status, obj = api("POST", collection, wanted)
    assert status == 201, obj
    path = f"{collection}/{obj['metadata']['name']}"
    while request.param[1] in JUDGED and len(obj.get("status", {}).get("conditions") or ()) < JUDGED[request.param[1]]:
        obj = api("GET", path)[1]
    yield path, obj
    delete(api, path)


def delete(api: Api, path: str) -> None:
    """Delete, and take the finalizers away that nobody is there to remove."""
    status, _ = api("DELETE", f"{path}?gracePeriodSeconds=0")
    assert status in (200, 202, 404)
    if path.startswith("/api/v1/namespaces/") and path.count("/") == 4:
        status, _ = api(
            "PUT", f"{path}/finalize", {"metadata": {"name": path.rpartition("/")[2]}, "spec": {"finalizers": []}}
        )
    else:
        api("PATCH", path, {"metadata": {"finalizers": None}}, "merge-patch+json")
    assert api("GET", path)[0] == 404


def test_the_data_covers_what_is_served(api: Api) -> None:
    """Every served kind has a minimal object here."""
    assert set(api.resources) - set(MINIMAL) == {("v1", kind) for kind in UNSTORED}


def test_writing_back_changes_nothing(api: Api, made: tuple[str, Object]) -> None:
    """GET then PUT, and empty patches of every type, leave the resourceVersion alone."""
    path, obj = made
    status, read = api("GET", path)
    assert (status, read) == (200, obj)
    status, written = api("PUT", path, read)
    assert status == 200, written
    assert written["metadata"]["resourceVersion"] == obj["metadata"]["resourceVersion"]
    for content, patch in (("merge-patch+json", {}), ("strategic-merge-patch+json", {}), ("json-patch+json", [])):
        status, patched = api("PATCH", path, patch, content)
        assert (status, patched) == (200, obj), content


def blanked(obj: Object, full: Object, *, null: bool) -> Object:
    """`obj` with the fields that only `full` has: null, or as empty lists and maps of strings."""
    out = dict(obj)
    for name, value in full.items():
        known = obj.get(name)
        if name not in obj:
            if null:
                out[name] = None
            elif isinstance(value, list) or (isinstance(value, dict) and is_map(value)):
                out[name] = type(value)()
        elif isinstance(value, dict) and isinstance(known, dict) and not is_map(value):
            out[name] = blanked(known, value, null=null)
        elif isinstance(value, list) and isinstance(known, list) and isinstance(value[0], dict):
            out[name] = [blanked(item, value[0], null=null) for item in known]
    return out


def is_map(value: Object) -> bool:
    """Whether a filled field is a map or an object of any kind, not a struct."""
    return {"kind", "spec"} <= set(value) or any(name.endswith("Key") for name in value)


@pytest.mark.parametrize("null", [True, False], ids=["nulls", "empties"])
def test_blanks_say_nothing(api: Api, made: tuple[str, Object], null: bool) -> None:
    """Explicit nulls, and empty lists and maps where an object has none, are as good as nothing."""
    path, obj = made
    full = FILLED.get((obj["apiVersion"], obj["kind"]), {})
    body = blanked(obj, {**full, "metadata": {}}, null=null)
    status, written = api("PUT", path, body)
    assert (status, written) == (200, obj)


def test_applying_twice_changes_nothing(api: Api, made: tuple[str, Object]) -> None:
    """The second of two equal apply configurations leaves the resourceVersion alone."""
    path, obj = made
    wanted = MINIMAL[obj["apiVersion"], obj["kind"]]
    answers = [api("PATCH", f"{path}?fieldManager=tests&force=true", wanted, "apply-patch+yaml") for _ in range(2)]
    assert [status for status, _ in answers] == [200, 200], answers
    assert answers[0][1] == answers[1][1]


def test_every_representation(api: Api, made: tuple[str, Object]) -> None:
    """An object and a list of them come as YAML, protobuf, table and bare metadata."""
    path, _ = made
    for form in FORMS:
        status, answer = api("GET", path, accept=form.format(""))
        assert status == 200, (form, answer)
        status, answer = api("GET", path.rpartition("/")[0], accept=form.format("List"))
        assert status == 200, (form, answer)


def test_dry_runs_and_unknown_fields(api: Api, made: tuple[str, Object]) -> None:
    """A dry run is answered as the real thing and leaves nothing; an unknown field is refused when asked to be."""
    path, obj = made
    labelled = {"metadata": {"labels": {"dry": "run"}}}
    status, answer = api("PATCH", f"{path}?dryRun=All", labelled, "merge-patch+json")
    assert (status, answer["metadata"]["labels"]) == (200, {**obj["metadata"].get("labels", {}), "dry": "run"})
    assert api("GET", path)[1] == obj
    status, answer = api("PUT", f"{path}?fieldValidation=Strict", {**obj, "unknown": 1})
    assert (status, answer["reason"]) == (400, "BadRequest")
    assert 'unknown field "unknown"' in answer["message"]


@pytest.mark.parametrize("kind", [kind for kind in MINIMAL if kind not in STORED], ids=named)
def test_questions_are_answered(api: Api, kind: Kind) -> None:
    """A review is answered and kept nowhere."""
    status, answer = api("POST", api.resources[kind].path, MINIMAL[kind])
    assert (status, answer["kind"]) == (201, kind[1])
    assert "status" in answer


@pytest.mark.parametrize("kind", FILLED, ids=named)
def test_an_object_with_every_field(api: Api, kind: Kind) -> None:
    """It is created, or refused with its field errors; what was created is written back unchanged, and applied once."""
    resource = api.resources[kind]
    if "create" not in resource.verbs:
        pytest.skip("reported, not created")
    wanted = copy.deepcopy(FILLED[kind])
    metadata = wanted["metadata"]
    for field in SERVERS_OWN:
        metadata.pop(field, None)
    metadata.update(
        {"name": "filled", "namespace": NAMESPACE} if resource.namespaced else {"name": "filled", "namespace": ""}
    )
    status, answer = api("POST", resource.path, wanted)
    if status == 201 and "get" in resource.verbs:
        path = f"{resource.path}/filled"
        status, again = api("PUT", path, answer)
        assert (status, again) == (200, answer)
        answers = [api("PATCH", f"{path}?fieldManager=tests&force=true", wanted, "apply-patch+yaml") for _ in range(2)]
        assert (answers[0][0], answers[1]) == (200, answers[0])
        delete(api, path)
    elif status == 422:
        causes = answer["details"]["causes"]
        assert causes and all(cause["field"] and cause["message"] for cause in causes), answer
    else:
        assert status in (201, 403) or kind[1] in UNCAUSED, answer
