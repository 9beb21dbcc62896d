"""Flow schemas and priority levels as they should be."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kubern.testing.servers import running_server
from kubern.testing.waiting import eventually
from kubern_kubeapi.controllers.bootstrap_objects import bundled
from kubern_kubeapi.controllers.flow_control_consumer import dangling_condition
from kubern_kubeapi.controllers.flow_control_producer import (
    AUTOUPDATE,
    FLOW_SCHEMAS,
    PRIORITY_LEVELS,
    put_right,
)
from kubern_kubeapi.groups.flowcontrol.mandatory import MANDATORY_FLOW_SCHEMAS, MANDATORY_PRIORITY_LEVELS

Object = dict[str, Any]
GROUP = "/apis/flowcontrol.apiserver.k8s.io/v1"


def shipped(resource: str, name: str) -> Object:
    return next(obj for obj in bundled("flowcontrol")[resource] if obj["metadata"]["name"] == name)


def changed(obj: Object, annotation: str | None, generation: int = 2, **spec: Any) -> Object:
    """A copy with another spec, as it is after `generation` changes."""
    obj = copy.deepcopy(obj)
    obj["metadata"]["generation"] = generation
    obj["metadata"]["annotations"] = {} if annotation is None else {AUTOUPDATE: annotation}
    obj["spec"].update(spec)
    return obj


def test_what_is_as_shipped_is_left_alone() -> None:
    """No write, no generation."""
    like = shipped(FLOW_SCHEMAS, "probes")
    assert not put_right(changed(like, "true", 1), like, MANDATORY_FLOW_SCHEMAS)


@pytest.mark.parametrize(
    ("annotation", "generation", "restored", "said"),
    [
        ("true", 5, True, "true"),
        ("false", 5, False, "false"),
        (None, 1, True, "true"),
        (None, 5, False, "false"),
        ("maybe", 5, False, "false"),
    ],
)
def test_suggested_objects(annotation: str | None, generation: int, restored: bool, said: str) -> None:
    """The annotation decides; without a word from it, whether somebody has changed the object."""
    like = shipped(FLOW_SCHEMAS, "probes")
    obj = changed(like, annotation, generation, matchingPrecedence=77)
    put_right(obj, like, MANDATORY_FLOW_SCHEMAS)
    assert (obj["spec"] == like["spec"]) is restored
    assert obj["metadata"]["annotations"][AUTOUPDATE] == said


def test_mandatory_objects_are_always_put_right() -> None:
    """But for what the exempt level may lend."""
    like = shipped(FLOW_SCHEMAS, "catch-all")
    obj = changed(like, "false", matchingPrecedence=77)
    assert put_right(obj, like, MANDATORY_FLOW_SCHEMAS)
    assert obj["spec"] == like["spec"]
    assert obj["metadata"]["annotations"][AUTOUPDATE] == "true"
    like = shipped(PRIORITY_LEVELS, "exempt")
    tuned = changed(like, "true", exempt={"nominalConcurrencyShares": 9, "lendablePercent": 3})
    assert not put_right(tuned, like, MANDATORY_PRIORITY_LEVELS)


def test_the_condition_is_written_when_it_is_wrong() -> None:
    """Also when only its words are; nothing is to do when it is right."""
    schema: Object = {"metadata": {"name": "s"}, "spec": {"priorityLevelConfiguration": {"name": "l"}}}
    missing = dangling_condition(schema, set())
    assert missing is not None
    assert (missing["status"], missing["reason"]) == ("True", "NotFound")
    schema["status"] = {"conditions": [missing]}
    assert dangling_condition(schema, set()) is None
    found = dangling_condition(schema, {"l"})
    assert found is not None
    assert found["message"].endswith('object named "l" and it exists')
    schema["status"] = {"conditions": [{**found, "message": "so I hear"}]}
    assert dangling_condition(schema, {"l"}) is not None


def test_a_running_server_keeps_conditions_as_an_applier() -> None:
    """The consumer applies the status; what others write there is put back."""
    with running_server("--disable-plugins=aggregator,apiextensions") as server:
        path = f"{GROUP}/flowschemas/probes"
        eventually(lambda: "status" in server.request("GET", path).json())
        owners = {
            entry["manager"]: (entry["operation"], entry.get("subresource", ""))
            for entry in server.request("GET", path).json()["metadata"]["managedFields"]
        }
        assert owners["api-priority-and-fairness-config-consumer-v1"] == ("Apply", "status")
        assert owners["api-priority-and-fairness-config-producer-v1"] == ("Update", "")
        lie = {"status": {"conditions": [{"type": "Dangling", "status": "True", "reason": "No", "message": "no"}]}}
        headers = {"Content-Type": "application/merge-patch+json"}
        assert server.request("PATCH", f"{path}/status", lie, headers).status == 200

        def reason() -> str:
            return str(server.request("GET", path).json()["status"]["conditions"][0]["reason"])

        eventually(lambda: reason() == "Found")
