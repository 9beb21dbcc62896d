"""Rules of a job's status: which steps it may take (upstream: ValidateJobUpdateStatus, getStatusValidationOptions).

A rule about a field is applied only when the field, or one it depends on, changed: what is already wrong stays
changeable. Next: `job.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import OMIT_VALUE, ErrorList
from kubern.apimachinery.time import parse_time
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.objectmeta import validate_nonnegative
from kubern_kubeapi.groups.batch.indexes import count_indexes, overlap_problem
from kubern_kubeapi.groups.batch.internal_types import BATCH_TYPES
from kubern_kubeapi.groups.objectmeta import validate_object_meta_update
from kubern_kubeapi.groups.workloads import STATUS

Object = dict[str, Any]
_CONDITIONS = STATUS.child("conditions")
_TERMINAL = ("Failed", "Complete", "FailureTarget")


def is_condition_true(status: Mapping[str, Any], kind: str) -> bool:
    return any(c.get("type") == kind and c.get("status") == "True" for c in status.get("conditions") or ())


class _Change:
    """The new and the old status, and which of their parts differ."""

    def __init__(self, job: Object, old: Object) -> None:
        self.spec: Object = job["spec"]
        self.new: Object = job.get("status") or {}
        self.old: Object = old.get("status") or {}

    def of(self, name: str) -> bool:
        return not semantic_equal(self.new.get(name), self.old.get(name))

    def is_now(self, condition: str) -> bool:
        return is_condition_true(self.new, condition)

    def was(self, condition: str) -> bool:
        return is_condition_true(self.old, condition)

    def of_condition(self, *conditions: str) -> bool:
        return any(self.is_now(c) != self.was(c) for c in conditions)

    @property
    def finished(self) -> bool:
        return self.is_now("Complete") or self.is_now("Failed")

    @property
    def of_finished(self) -> bool:
        return self.finished != (self.was("Complete") or self.was("Failed"))


def validate_job_status_update(job: Object, old: Object) -> ErrorList:
    """The status of `job` as the successor of that of `old`."""
    change = _Change(job, old)
    errors = validate_object_meta_update(job["metadata"], old["metadata"])
    errors += _validate_numbers(change.new)
    errors += _validate_terminal_conditions(change)
    errors += _validate_finished(change)
    errors += _validate_indexes(change)
    errors += _validate_left_pods(change)
    errors += _validate_success(change)
    return errors + _validate_steps(change)


def _wrong(detail: str) -> field.FieldError:
    return field.invalid(_CONDITIONS, OMIT_VALUE, detail)


def _validate_numbers(status: Object) -> ErrorList:
    errors: ErrorList = []
    for name in ("active", "succeeded", "failed", "ready", "terminating"):
        errors += validate_nonnegative(status.get(name) or 0, STATUS.child(name))
    seen: set[str] = set()
    for name in ("succeeded", "failed"):
        path = STATUS.child("uncountedTerminatedPods", name)
        for i, uid in enumerate((status.get("uncountedTerminatedPods") or {}).get(name) or ()):
            if not uid:
                errors.append(field.invalid(path.index(i), uid, "must not be empty"))
            elif uid in seen:
                errors.append(field.duplicate(path.index(i), uid))
            seen.add(uid)
    return errors


def _validate_terminal_conditions(change: _Change) -> ErrorList:
    """Complete, Failed and the conditions and times that go with them."""
    errors: ErrorList = []
    status = change.new
    complete, completed_at = change.is_now("Complete"), status.get("completionTime")
    if change.of_condition("Complete", "Failed") and complete and change.is_now("Failed"):
        errors.append(_wrong("cannot set Complete=True and Failed=true conditions"))
    if change.of_condition("Complete", "FailureTarget") and complete and change.is_now("FailureTarget"):
        errors.append(_wrong("cannot set Complete=True and FailureTarget=true conditions"))
    path = STATUS.child("completionTime")
    if change.of_condition("Complete") or change.of("completionTime"):
        if completed_at is not None and not complete:
            detail = "cannot set completionTime when there is no Complete=True condition"
            errors.append(field.invalid(path, completed_at, detail))
        if completed_at is None and complete:
            errors.append(field.required(path, "completionTime is required for Complete jobs"))
    times_changed = change.of("startTime") or change.of("completionTime")
    if times_changed and _is_before(completed_at, status.get("startTime")):
        errors.append(field.invalid(path, completed_at, "must be equal to or after `startTime`"))
    # Upstream looks at failedIndexes here, not at FailureTarget.
    failed_changed = change.of_condition("Failed") or change.of("failedIndexes")
    if failed_changed and change.is_now("Failed") and not change.is_now("FailureTarget"):
        errors.append(_wrong("cannot set Failed=True condition without the FailureTarget=true condition"))
    if change.of_condition("Complete", "SuccessCriteriaMet") and complete and not change.is_now("SuccessCriteriaMet"):
        errors.append(_wrong("cannot set Complete=True condition without the SuccessCriteriaMet=true condition"))
    return errors


def _is_before(moment: str | None, other: str | None) -> bool:
    return moment is not None and other is not None and parse_time(moment) < parse_time(other)


def _validate_finished(change: _Change) -> ErrorList:
    """A finished job has no pods running or to be counted and began at some time."""
    status, finished = change.new, change.finished
    errors = _validate_none_left(change, "active")
    empty = change.spec.get("suspend") and change.spec.get("completions") == 0
    start_checked = (change.of_finished or change.of("startTime")) and not empty
    if finished and start_checked and status.get("startTime") is None:
        errors.append(field.required(STATUS.child("startTime"), "startTime is required for finished job"))
    name = "uncountedTerminatedPods"
    uncounted = status.get(name) or {}
    if finished and (change.of_finished or change.of(name)) and (uncounted.get("succeeded") or uncounted.get("failed")):
        shown = BATCH_TYPES.render("UncountedTerminatedPods", uncounted)
        detail = "must be empty for finished job"
        errors.append(field.invalid(STATUS.child(name), shown, detail))
    return errors


def _validate_none_left(change: _Change, name: str) -> ErrorList:
    left = change.new.get(name) or 0
    if left <= 0 or not change.finished or not (change.of_finished or change.of(name)):
        return []
    return [field.invalid(STATUS.child(name), left, f"{name}>0 is invalid for finished job")]


def _validate_left_pods(change: _Change) -> ErrorList:
    """Pods that are ending, and pods that are ready."""
    errors = _validate_none_left(change, "terminating")
    ready = change.new.get("ready") or 0
    if (change.of("ready") or change.of("active")) and ready > (change.new.get("active") or 0):
        errors.append(field.invalid(STATUS.child("ready"), ready, "cannot set more ready pods than active"))
    return errors


def _validate_indexes(change: _Change) -> ErrorList:
    """completedIndexes and failedIndexes."""
    errors: ErrorList = []
    spec, status = change.spec, change.new
    completed, failed = status.get("completedIndexes") or "", status.get("failedIndexes")
    completions, per_index = spec.get("completions"), spec.get("backoffLimitPerIndex") is not None
    completed_changed, failed_changed = change.of("completedIndexes"), change.of("failedIndexes")
    at, failed_at = STATUS.child("completedIndexes"), STATUS.child("failedIndexes")
    if completed_changed and completions is not None:
        problem = _format_problem(completed, completions)
        if problem:
            errors.append(field.invalid(at, completed, f"error parsing completedIndexes: {problem}"))
    if failed_changed and failed is not None and completions is not None and per_index:
        problem = _format_problem(failed, completions)
        if problem:
            errors.append(field.invalid(failed_at, failed, f"error parsing failedIndexes: {problem}"))
    if completed_changed and completed and spec.get("completionMode") != "Indexed":
        detail = "cannot set non-empty completedIndexes when non-indexed completion mode"
        errors.append(field.invalid(at, completed, detail))
    if failed_changed and failed is not None and not per_index:
        detail = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        errors.append(field.invalid(failed_at, failed, detail))
    if (failed_changed or completed_changed) and failed is not None and completions is not None:
        problem = overlap_problem(completed, failed, completions)
        if problem:
            errors.append(field.invalid(failed_at, failed, problem))
    return errors


def _format_problem(text: str, completions: int) -> str:
    try:
        count_indexes(text, completions)
    except ValueError as error:
        return str(error)
    return ""


def _validate_success(change: _Change) -> ErrorList:
    errors: ErrorList = []
    met = change.is_now("SuccessCriteriaMet")
    for other in ("Failed", "FailureTarget"):
        if met and change.is_now(other):
            errors.append(_wrong(f"cannot set SuccessCriteriaMet=True and {other}=true conditions"))
    if change.spec.get("successPolicy") is not None and not met and change.is_now("Complete"):
        errors.append(_wrong("cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"))
    return errors


def _validate_steps(change: _Change) -> ErrorList:
    """What cannot be taken back."""
    errors: ErrorList = []
    new, old = change.new, change.old
    for kind in _TERMINAL:
        if change.was(kind) and not change.is_now(kind):
            errors.append(_wrong(f"cannot disable the terminal {kind}=True condition"))
    elastic = change.spec.get("completionMode") == "Indexed" and semantic_equal(
        change.spec.get("completions"), change.spec.get("parallelism")
    )
    for name in ("failed",) if elastic else ("failed", "succeeded"):
        if (new.get(name) or 0) < (old.get(name) or 0):
            detail = f"cannot decrease the {name} counter"
            errors.append(field.invalid(STATUS.child(name), new.get(name) or 0, detail))
    completed_at = new.get("completionTime")
    if completed_at is not None and old.get("completionTime") is not None and change.of("completionTime"):
        errors.append(field.invalid(STATUS.child("completionTime"), completed_at, "field is immutable"))
    if change.of("startTime") and old.get("startTime") is not None and not change.spec.get("suspend"):
        detail = "field is immutable for unsuspended job once set"
        errors.append(field.invalid(STATUS.child("startTime"), new.get("startTime"), detail))
    met, was_met = change.is_now("SuccessCriteriaMet"), change.was("SuccessCriteriaMet")
    if was_met and not met:
        errors.append(_wrong("cannot disable the SuccessCriteriaMet=True condition"))
    if change.was("Complete") and not was_met and met:
        errors.append(_wrong("cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"))
    return errors
