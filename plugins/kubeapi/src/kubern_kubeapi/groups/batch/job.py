"""The Job kind: defaults, generated selectors, strategies, table. Next: `job_validation.py`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age, parse_time
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    Column,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.selector import format_label_selector
from kubern.registry.strategy import FieldPath, Strategy, keep_status
from kubern.util.human_duration import human_duration
from kubern_kubeapi.groups.batch.job_status import is_condition_true, validate_job_status_update
from kubern_kubeapi.groups.batch.job_store import JobStore
from kubern_kubeapi.groups.batch.job_update import validate_job_update
from kubern_kubeapi.groups.batch.job_validation import (
    COMPLETIONS_SOFT_LIMIT,
    CONTROLLER_UID,
    HIGH_COMPLETIONS_LIMIT,
    JOB_NAME,
    LEGACY_CONTROLLER_UID,
    LEGACY_JOB_NAME,
    is_indexed,
    validate_job,
)
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.pod.defaults import default_pod_template
from kubern_kubeapi.groups.core.pod.drop_disabled import drop_disabled_template_fields
from kubern_kubeapi.groups.core.pod.warnings.spec import warnings_for_pod_template
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.workloads import (
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    SPEC,
    container_cells,
    labels_of,
    name_warnings,
    template_of,
    template_options,
)

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_MAX_INT32 = 2**31 - 1
_DEFAULT_BACKOFF_LIMIT = 6


def default_job(job: Object) -> None:
    spec = job.setdefault("spec", {})
    if spec.get("parallelism") is None:
        if spec.get("completions") is None:
            spec["completions"] = 1
        spec["parallelism"] = 1
    if spec.get("backoffLimit") is None:
        per_index = spec.get("backoffLimitPerIndex") is not None
        spec["backoffLimit"] = _MAX_INT32 if per_index else _DEFAULT_BACKOFF_LIMIT
    for name, value in (("completionMode", "NonIndexed"), ("suspend", False), ("manualSelector", False)):
        if spec.get(name) is None:
            spec[name] = value
    if spec.get("podReplacementPolicy") is None:
        spec["podReplacementPolicy"] = "TerminatingOrFailed" if spec.get("podFailurePolicy") is None else "Failed"
    default_pod_conditions(spec)
    default_pod_template(spec.setdefault("template", {}))
    _default_labels(job)


def default_pod_conditions(spec: Object) -> None:
    """Patterns of pod conditions mean true ones."""
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            pattern["status"] = pattern.get("status") or "True"


def _default_labels(job: Object) -> None:
    labels = labels_of(template_of(job))
    meta = job.setdefault("metadata", {})
    if labels and not meta.get("labels"):
        meta["labels"] = dict(labels)


def _generate_selector(job: Object) -> None:
    """Labels that no other job's pods have; what the user set stays, and is rejected when it differs."""
    meta, spec = job["metadata"], job["spec"]
    labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
    for key, value in (
        (LEGACY_JOB_NAME, meta.get("name", "")),
        (JOB_NAME, meta.get("name", "")),
        (LEGACY_CONTROLLER_UID, meta.get("uid", "")),
        (CONTROLLER_UID, meta.get("uid", "")),
    ):
        labels.setdefault(key, value)
    selector = spec.get("selector")
    if selector is None:
        selector = spec["selector"] = {}
    selector.setdefault("matchLabels", {}).setdefault(CONTROLLER_UID, meta.get("uid", ""))


def warnings_for_job_spec(spec: Object, path: Path) -> list[str]:
    """Warnings of jobs and of the jobs in cron jobs."""
    warnings = []
    many = (spec.get("completions") or 0) > COMPLETIONS_SOFT_LIMIT
    if is_indexed(spec) and many and (spec.get("parallelism") or 0) > HIGH_COMPLETIONS_LIMIT:
        warnings.append(
            f"{path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than "
            "10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail"
        )
    return warnings + warnings_for_pod_template(spec.get("template") or {}, path.child("template"))


class JobStrategy(Strategy):
    """Rules of Job objects; a delete that names no propagation orphans the pods, as the first version did."""

    reset_fields: tuple[FieldPath, ...] = (("status",),)
    default_garbage_collection_policy = "Orphan"

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {}
        obj["metadata"]["generation"] = 1
        if not obj["spec"].get("manualSelector"):
            _generate_selector(obj)
        # Upstream's answer is read back from storage, with the defaults that the generated labels bring.
        _default_labels(obj)
        drop_disabled_template_fields(template_of(obj), None)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_job(obj, template_options(None))

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return name_warnings(obj) + warnings_for_job_spec(obj["spec"], SPEC)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        drop_disabled_template_fields(template_of(obj), template_of(old))
        if not semantic_equal(obj["spec"], old["spec"]):
            obj["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_job_update(obj, old)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        if obj["metadata"].get("generation") == old["metadata"].get("generation"):
            return []
        return warnings_for_job_spec(obj["spec"], SPEC)


class JobStatusStrategy(JobStrategy):
    """Rules of the status subresource."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_job_status_update(obj, old)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return []


_COLUMNS = (
    NAME_COLUMN,
    Column("Status", description="Status of the job."),
    described("Completions", "batch.v1.JobStatus.succeeded"),
    Column("Duration", description="Time required to complete the job."),
    AGE_COLUMN,
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    described("Selector", "batch.v1.JobSpec.selector", priority=1),
)


def _status_cell(job: Mapping[str, Any]) -> str:
    status = job.get("status") or {}
    for kind in ("Complete", "Failed"):
        if is_condition_true(status, kind):
            return kind
    if job["metadata"].get("deletionTimestamp"):
        return "Terminating"
    for kind in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if is_condition_true(status, kind):
            return kind
    return "Running"


def _completions_cell(job: Mapping[str, Any]) -> str:
    spec = job.get("spec") or {}
    succeeded = (job.get("status") or {}).get("succeeded") or 0
    if spec.get("completions") is not None:
        return f"{succeeded}/{spec['completions']}"
    parallelism = spec.get("parallelism") or 0
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _duration_cell(job: Mapping[str, Any]) -> str:
    status = job.get("status") or {}
    start, end = status.get("startTime"), status.get("completionTime")
    if start is None:
        return ""
    return human_duration((parse_time(end) if end is not None else time.time()) - parse_time(start))


def _cells(job: Mapping[str, Any]) -> list[Any]:
    return [
        job["metadata"].get("name", ""),
        _status_cell(job),
        _completions_cell(job),
        _duration_cell(job),
        age(job),
        *container_cells(template_of(job)),
        format_label_selector((job.get("spec") or {}).get("selector")),
    ]


def _fields(job: Mapping[str, Any]) -> dict[str, str]:
    return {"status.successful": str((job.get("status") or {}).get("succeeded") or 0)}


RESOURCE = ResourceDefinition(
    group="batch",
    resource="jobs",
    kind="Job",
    versions=(
        VersionDefinition(
            "v1", schema=schema("batch", "v1", "Job"), default=default_job, columns=_COLUMNS, cells=_cells
        ),
    ),
    strategy=JobStrategy(),
    singular="job",
    categories=("all",),
    selectable_fields=("status.successful",),
    fields=_fields,
    subresources=(Subresource("status", strategy=JobStatusStrategy()),),
    store=JobStore,
)
