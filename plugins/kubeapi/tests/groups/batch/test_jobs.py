"""Jobs: what a suspended one may change, and the order and words of what is wrong with a status."""

from __future__ import annotations

from typing import Any

import pytest

_PATH = "/apis/batch/v1/namespaces/default/jobs"
_TIME = "2026-01-01T00:00:00Z"


def _job(**spec: Any) -> dict[str, Any]:
    pod = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}
    return {"spec": {"template": {"spec": pod}, **spec}}


def _conditions(*types: str) -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": "True"} for kind in types]}


def test_a_suspended_job_changes_its_scheduling(api: Any) -> None:
    """Labels, node selectors and resources of a job that has not started may change, images may not."""
    resources = {"name": "c", "image": "i", "resources": {"requests": {"cpu": "1"}}}
    pod = {"nodeSelector": {"a": "b"}, "containers": [resources]}
    template = {"metadata": {"labels": {"x": "y"}}, "spec": pod}
    assert api.causes_of_change(_PATH, _job(suspend=True), {"spec": {"template": template}}) == []
    image = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "other"}]}}}}
    for suspend, field in ((True, "spec.template.spec"), (False, "spec.template")):
        causes = api.causes_of_change(_PATH, _job(suspend=suspend), image)
        assert [name for name, _ in causes] == [field]
        assert causes[0][1].endswith(": field is immutable")


@pytest.mark.parametrize(
    ("status", "fixed"),
    [
        ({}, False),
        ({"active": 1}, True),
        ({"startTime": _TIME}, True),
        ({"startTime": _TIME, **_conditions("Suspended")}, False),
        ({"startTime": _TIME, "active": 1, **_conditions("Suspended")}, True),
    ],
)
def test_a_suspended_job_must_have_stopped(api: Any, status: dict[str, Any], fixed: bool) -> None:
    """The template of a job is fixed as long as pods of its old template may run."""
    path = api.create(_PATH, _job(suspend=True))
    assert api.patch(f"{path}/status", {"status": status})["kind"] == "Job"
    answer = api.patch(path, {"spec": {"template": {"spec": {"nodeSelector": {"a": "b"}}}}})
    causes = answer.get("details", {}).get("causes", [])
    assert [cause["field"] for cause in causes] == (["spec.template"] if fixed else [])


@pytest.mark.parametrize(
    ("status", "causes"),
    [
        (
            {**_conditions("Complete", "SuccessCriteriaMet"), "active": 2, "ready": 3, "terminating": 2},
            [
                ("completionTime", "Required value: completionTime is required for Complete jobs"),
                ("active", "Invalid value: 2: active>0 is invalid for finished job"),
                ("startTime", "Required value: startTime is required for finished job"),
                ("terminating", "Invalid value: 2: terminating>0 is invalid for finished job"),
                ("ready", "Invalid value: 3: cannot set more ready pods than active"),
            ],
        ),
        (
            {
                **_conditions("Complete", "SuccessCriteriaMet"),
                "startTime": _TIME,
                "completionTime": "2025-01-01T00:00:00Z",
                "uncountedTerminatedPods": {"failed": ["u"]},
            },
            [
                ("completionTime", 'Invalid value: "2025-01-01T00:00:00Z": must be equal to or after `startTime`'),
                (
                    "uncountedTerminatedPods",
                    'Invalid value: {"Succeeded":null,"Failed":["u"]}: must be empty for finished job',
                ),
            ],
        ),
        (
            _conditions("SuccessCriteriaMet", "FailureTarget"),
            [("conditions", "Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions")],
        ),
    ],
)
def test_status(api: Any, status: dict[str, Any], causes: list[tuple[str, str]]) -> None:
    """A status that contradicts itself is refused, with all that is wrong."""
    found = api.causes_of_change(_PATH, _job(), {"status": status}, "/status")
    assert found == [(f"status.{name}", message) for name, message in causes]


def test_a_running_jobs_start_is_fixed(api: Any) -> None:
    """startTime of a job that is not suspended neither changes nor goes."""
    path = api.create(_PATH, _job())
    api.patch(f"{path}/status", {"status": {"startTime": _TIME}})
    for value, shown in (("2026-01-02T00:00:00Z", '"2026-01-02T00:00:00Z"'), (None, "null")):
        answer = api.patch(f"{path}/status", {"status": {"startTime": value}})
        assert [c["message"] for c in answer["details"]["causes"]] == [
            f"Invalid value: {shown}: field is immutable for unsuspended job once set"
        ]
