"""Warnings in the status of validating policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kubern.testing.servers import RunningServer, running_server
from kubern.testing.waiting import eventually

POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server("--controllers=validatingadmissionpolicy-status") as running:
        yield running


def _rule(group: str, resource: str, version: str = "v1") -> dict[str, Any]:
    return {"apiGroups": [group], "apiVersions": [version], "resources": [resource], "operations": ["*"]}


def _status(server: RunningServer, name: str, rules: list[dict[str, Any]], *expressions: str, **spec: Any) -> Any:
    """The status of a new policy, once there is one."""
    full = {
        "matchConstraints": {"resourceRules": rules},
        "validations": [{"expression": expression} for expression in expressions],
        **spec,
    }
    answer = server.request("POST", POLICIES, {"metadata": {"name": name}, "spec": full})
    assert answer.status == 201, answer.body
    eventually(lambda: "status" in server.request("GET", f"{POLICIES}/{name}").json())
    status = server.request("GET", f"{POLICIES}/{name}").json()["status"]
    assert status["observedGeneration"] == 1
    return status


def test_good_expressions_have_no_warnings(server: RunningServer) -> None:
    """Fields of all sorts: nested, maps, times, quantities, numbers or strings, variables."""
    status = _status(
        server,
        "good",
        [_rule("apps", "deployments")],
        "object.spec.replicas <= 5 && has(object.spec.template.spec.containers[0].resources)",
        "object.metadata.labels['a'] == 'b' && object.metadata.creationTimestamp < timestamp('2040-01-01T00:00:00Z')",
        "object.spec.template.spec.containers.all(c, c.image.startsWith('x') && has(c.resources.limits.cpu))",
        "!has(object.spec.strategy.rollingUpdate) || object.spec.strategy.rollingUpdate.maxSurge != 1",
        "variables.small && oldObject == null && authorizer.group('').resource('pods').check('get').allowed()",
        variables=[{"name": "small", "expression": "object.spec.replicas < 3"}],
    )
    assert status["typeChecking"] == {}


def test_unknown_fields_are_warned_of(server: RunningServer) -> None:
    """For every kind that does not have them, with the place in the expression."""
    rules = [_rule("apps", "deployments"), _rule("apps", "daemonsets"), _rule("", "pods/status"), _rule("*", "pods")]
    status = _status(server, "unknown", rules, "object.spec.replicas > 1", "object.metadata.name != 'x'")
    [warning] = status["typeChecking"]["expressionWarnings"]
    assert warning == {
        "fieldRef": "spec.validations[0].expression",
        "warning": (
            "apps/v1, Kind=DaemonSet: ERROR: <input>:1:12: undefined field 'replicas'\n"
            " | object.spec.replicas > 1\n"
            " | ...........^\n"
        ),
    }


def test_types_and_messages_are_checked(server: RunningServer) -> None:
    """A comparison of different types, and what a messageExpression says; parameters have their type too."""
    validation = {
        "expression": "object.data['a'] > 1 || params.data.x.size() > 1",
        "messageExpression": "string(object.nothing) + string(params.nothing)",
    }
    status = _status(
        server,
        "types",
        [_rule("", "configmaps")],
        validations=[validation],
        paramKind={"apiVersion": "v1", "kind": "Secret"},
    )
    warnings = {item["fieldRef"]: item["warning"] for item in status["typeChecking"]["expressionWarnings"]}
    assert (
        "found no matching overload for '_>_' applied to '(string, int)'" in warnings["spec.validations[0].expression"]
    )
    message = warnings["spec.validations[0].messageExpression"]
    assert message.startswith("/v1, Kind=ConfigMap: ERROR: <input>:1:14: undefined field 'nothing'")
    assert message.count("undefined field 'nothing'") == 2


def test_a_changed_policy_is_checked_again(server: RunningServer) -> None:
    """Once for each generation."""
    _status(server, "changing", [_rule("", "configmaps")], "object.nothing == 1")
    patch = {"spec": {"validations": [{"expression": "has(object.data)"}]}}
    headers = {"Content-Type": "application/merge-patch+json"}
    assert server.request("PATCH", f"{POLICIES}/changing", patch, headers).status == 200

    def status() -> Any:
        return server.request("GET", f"{POLICIES}/changing").json()["status"]

    eventually(lambda: status()["observedGeneration"] == 2)
    assert not status().get("typeChecking")
