"""What the controllers make of a definition, and in which words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kubern.apimachinery.errors import StatusError
from kubern.testing.waiting import until
from kubern_apiextensions.api import crd as crds
from kubern_apiextensions.api.summary import Names
from kubern_apiextensions.controllers import api_approval, nonstructural
from kubern_apiextensions.controllers.establishing import establish
from kubern_apiextensions.controllers.finalizer import IN_PROGRESS, Outcome
from kubern_apiextensions.controllers.naming import accept_names, set_names
from kubern_apiextensions.controllers.queue import Controller

WANTED = Names("widgets", "widget", "Widget", "WidgetList", ("wd", "wg"), ("all",))
NOTHING = Names()


def shown(crd: dict[str, Any], kind: str) -> tuple[str, str, str] | None:
    condition = crds.find_condition(crd, kind)
    return None if condition is None else (condition["status"], condition["reason"], condition["message"])


def test_names_that_nobody_has_are_given() -> None:
    """All names are accepted, categories with them."""
    assert accept_names(WANTED, NOTHING, {"gadgets"}, {"Gadget"}) == (WANTED, "NoConflicts", "no conflicts found")


@pytest.mark.parametrize(
    ("resources", "kinds", "reason", "message"),
    [
        ({"widgets"}, set(), "PluralConflict", '"widgets" is already in use'),
        ({"widget"}, set(), "SingularConflict", '"widget" is already in use'),
        ({"wg"}, set(), "ShortNamesConflict", '"wg" is already in use'),
        ({"wd", "wg"}, set(), "ShortNamesConflict", '["wd" is already in use, "wg" is already in use]'),
        (set(), {"Widget"}, "KindConflict", '"Widget" is already in use'),
        (set(), {"WidgetList"}, "ListKindConflict", '"WidgetList" is already in use'),
        ({"widgets"}, {"Widget"}, "KindConflict", '"Widget" is already in use'),
    ],
)
def test_conflicts(resources: set[str], kinds: set[str], reason: str, message: str) -> None:
    """A name that somebody has is not given, the others are; the last conflict is told."""
    given, told, text = accept_names(WANTED, NOTHING, resources, kinds)
    assert (told, text) == (reason, message)
    for attribute in ("plural", "singular", "kind", "list_kind"):
        name = getattr(WANTED, attribute)
        assert getattr(given, attribute) == ("" if name in resources | kinds else name)
    assert given.categories == ("all",)


def test_own_names_are_no_conflict() -> None:
    """A definition keeps what it has been given, and may want more."""
    accepted = WANTED._replace(short_names=("wd",))
    given, reason, _ = accept_names(WANTED, accepted, {"widgets", "widget", "wd"}, {"Widget", "WidgetList"})
    assert (given, reason) == (WANTED, "NoConflicts")


def test_the_way_to_established() -> None:
    """Not accepted, then installing, then established; later conflicts leave it established."""
    crd: dict[str, Any] = {"metadata": {}, "spec": {}}
    set_names(crd, NOTHING, "PluralConflict", "taken")
    assert shown(crd, crds.ESTABLISHED) == ("False", "NotAccepted", "not all names are accepted")
    set_names(crd, WANTED, "NoConflicts", "no conflicts found")
    assert shown(crd, crds.ESTABLISHED) == ("False", "Installing", "the initial names have been accepted")
    establish(crd)
    assert shown(crd, crds.ESTABLISHED) == ("True", "InitialNamesAccepted", "the initial names have been accepted")
    set_names(crd, WANTED, "KindConflict", "taken")
    assert shown(crd, crds.NAMES_ACCEPTED) == ("False", "KindConflict", "taken")
    assert crds.is_condition_true(crd, crds.ESTABLISHED)
    assert crd["status"]["acceptedNames"]["shortNames"] == ["wd", "wg"]


def test_the_time_of_a_condition_moves_with_its_status() -> None:
    """Another reason is no transition."""
    crd: dict[str, Any] = {"status": {}}
    crds.set_condition(crd, "X", "True", "A", "a")
    crds.find_condition(crd, "X")["lastTransitionTime"] = "then"  # type: ignore[index]
    crds.set_condition(crd, "X", "True", "B", "b")
    assert crds.find_condition(crd, "X")["lastTransitionTime"] == "then"  # type: ignore[index]
    crds.set_condition(crd, "X", "False", "B", "b")
    assert crds.find_condition(crd, "X")["lastTransitionTime"] != "then"  # type: ignore[index]


def test_schemas_that_are_not_structural() -> None:
    """The condition names every violation, and goes with them."""
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {}}}
    versions = [{"name": "v1", "schema": {"openAPIV3Schema": schema}}]
    crd: dict[str, Any] = {"metadata": {}, "spec": {"preserveUnknownFields": True, "versions": versions}, "status": {}}
    nonstructural.judge(crd)
    assert shown(crd, crds.NON_STRUCTURAL_SCHEMA) == (
        "True",
        "Violations",
        "[spec.preserveUnknownFields: Invalid value: true: must be false, "
        "spec.versions[0].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified "
        "object fields]",
    )
    del crd["spec"]["preserveUnknownFields"]
    schema["properties"]["a"]["type"] = "string"
    nonstructural.judge(crd)
    assert shown(crd, crds.NON_STRUCTURAL_SCHEMA) is None


@pytest.mark.parametrize(
    ("annotation", "status", "reason"),
    [
        ("https://github.com/kubernetes/kubernetes/pull/1", "True", "ApprovedAnnotation"),
        ("unapproved, experimental", "False", "UnapprovedAnnotation"),
        ("yes", "False", "InvalidAnnotation"),
        ("", "False", "MissingAnnotation"),
    ],
)
def test_approval_of_protected_groups(annotation: str, status: str, reason: str) -> None:
    """Groups below k8s.io say whether they are approved; others say nothing."""
    crd: dict[str, Any] = {"metadata": {"annotations": {crds.API_APPROVED_ANNOTATION: annotation}}}
    crd.update(spec={"group": "x.k8s.io"}, status={})
    api_approval.judge(crd)
    found = shown(crd, crds.API_APPROVAL)
    assert found is not None
    assert found[:2] == (status, reason)
    crd.update(spec={"group": "x.example.com"}, status={})
    api_approval.judge(crd)
    assert shown(crd, crds.API_APPROVAL) is None


def test_the_end_of_a_definition() -> None:
    """Only a finished deletion takes the finalizer away."""
    crd: dict[str, Any] = {"metadata": {"finalizers": ["a/b", crds.FINALIZER]}, "status": {}}
    IN_PROGRESS.set(crd)
    assert shown(crd, crds.TERMINATING) == (
        "True",
        "InstanceDeletionInProgress",
        "CustomResource deletion is in progress",
    )
    assert crds.FINALIZER in crd["metadata"]["finalizers"]
    Outcome(True, "InstanceDeletionCompleted", "removed all instances").set(crd)
    assert shown(crd, crds.TERMINATING) == ("False", "InstanceDeletionCompleted", "removed all instances")
    assert crd["metadata"]["finalizers"] == ["a/b"]


async def test_a_failed_sync_is_tried_again_a_lost_race_is_not() -> None:
    """Errors bring a name back after a while; NotFound and Conflict wait for the write that caused them."""
    seen: list[str] = []

    async def sync(name: str) -> None:
        seen.append(name)
        if seen.count(name) < 3:
            raise StatusError(
                500 if name == "broken" else 409, "InternalError" if name == "broken" else "Conflict", "x"
            )

    controller = Controller("test", sync)
    task = asyncio.create_task(controller.run())
    for name in ("broken", "raced", "broken"):
        controller.add(name)
    await until(lambda: seen.count("broken") == 3)
    task.cancel()
    assert seen.count("raced") == 1


async def test_a_name_added_while_it_is_worked_on_comes_again() -> None:
    """A change during a sync is not lost, and two changes before it are one."""
    seen: list[str] = []
    gate = asyncio.Event()

    async def sync(name: str) -> None:
        seen.append(name)
        await gate.wait()

    controller = Controller("test", sync)
    task = asyncio.create_task(controller.run())
    controller.add("a")
    controller.add("a")
    await asyncio.sleep(0.01)
    controller.add("a")
    gate.set()
    await asyncio.sleep(0.02)
    task.cancel()
    assert seen == ["a", "a"]


async def test_a_full_queue_makes_way() -> None:
    """Names that are worked off without waiting leave turns of the event loop to others."""
    seen: list[str] = []

    async def sync(name: str) -> None:
        seen.append(name)

    controller = Controller("test", sync)
    for i in range(100):
        controller.add(str(i))
    task = asyncio.create_task(controller.run())
    for _ in range(5):
        await asyncio.sleep(0)
    assert 0 < len(seen) < 10
    task.cancel()
