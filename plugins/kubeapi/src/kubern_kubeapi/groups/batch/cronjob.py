"""The CronJob kind: defaults, rules, table. Next: `cron_schedule.py`, `job_validation.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList
from kubern.apimachinery.printing import age, since
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.objectmeta import validate_nonnegative
from kubern.apimachinery.validation.selector import format_label_selector
from kubern.registry.strategy import FieldPath, Strategy, keep_status
from kubern_kubeapi.groups.batch.cron_schedule import check_schedule
from kubern_kubeapi.groups.batch.job import default_pod_conditions, warnings_for_job_spec
from kubern_kubeapi.groups.batch.job_validation import validate_job_template_spec
from kubern_kubeapi.groups.batch.time_zones import validate_time_zone
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.pod.defaults import default_pod_template
from kubern_kubeapi.groups.core.pod.drop_disabled import drop_disabled_template_fields
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions, template_options_for_update
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.workloads import (
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    SPEC,
    container_cells,
    name_warnings,
)

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
_JOB_SPEC = SPEC.child("jobTemplate", "spec")
_MAX_NAME_LENGTH = 52
"""Jobs append the time to the name, eleven characters, and job names have at most 63."""
_DEFAULTS = (("suspend", False), ("successfulJobsHistoryLimit", 3), ("failedJobsHistoryLimit", 1))


def _job_spec(cron_job: Mapping[str, Any]) -> Object:
    return ((cron_job.get("spec") or {}).get("jobTemplate") or {}).get("spec") or {}


def _template(cron_job: Mapping[str, Any]) -> Object:
    return _job_spec(cron_job).get("template") or {}


def default_cron_job(cron_job: Object) -> None:
    spec = cron_job.setdefault("spec", {})
    spec["concurrencyPolicy"] = spec.get("concurrencyPolicy") or "Allow"
    for name, value in _DEFAULTS:
        if spec.get(name) is None:
            spec[name] = value
    job_spec = spec.setdefault("jobTemplate", {}).setdefault("spec", {})
    default_pod_conditions(job_spec)
    default_pod_template(job_spec.setdefault("template", {}))


def _validate_spec(spec: Object, old: Object | None, options: PodValidationOptions) -> ErrorList:
    errors = _validate_schedule(spec, old)
    errors += _validate_count(spec, "startingDeadlineSeconds")
    if old is None or old.get("timeZone") != spec.get("timeZone"):
        errors += validate_time_zone(spec.get("timeZone"), SPEC.child("timeZone"))
    policy = spec.get("concurrencyPolicy") or ""
    path = SPEC.child("concurrencyPolicy")
    if not policy:
        errors.append(field.required(path))
    elif policy not in ("Allow", "Forbid", "Replace"):
        errors.append(field.not_supported(path, policy, ("Allow", "Forbid", "Replace")))
    errors += validate_job_template_spec(spec.get("jobTemplate") or {}, SPEC.child("jobTemplate"), options)
    errors += _validate_count(spec, "successfulJobsHistoryLimit")
    return errors + _validate_count(spec, "failedJobsHistoryLimit")


def _validate_count(spec: Object, name: str) -> ErrorList:
    return validate_nonnegative(spec.get(name) or 0, SPEC.child(name))


def _validate_schedule(spec: Object, old: Object | None) -> ErrorList:
    schedule = spec.get("schedule") or ""
    path = SPEC.child("schedule")
    if not schedule:
        return [field.required(path)]
    errors: ErrorList = []
    try:
        check_schedule(schedule)
    except ValueError as error:
        errors.append(field.invalid(path, schedule, str(error)))
    if "TZ" not in schedule:
        return errors
    allowed = old is not None and "TZ" in (old.get("schedule") or "")
    if not allowed:
        detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        errors.append(field.invalid(path, schedule, detail))
    elif spec.get("timeZone") is not None:
        detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        errors.append(field.invalid(path, schedule, detail))
    return errors


def _schedule_warnings(cron_job: Object) -> list[str]:
    if "TZ" not in (cron_job["spec"].get("schedule") or ""):
        return []
    return [
        "CRON_TZ or TZ used in spec.spec.schedule is not officially supported, see "
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
    ]


class CronJobStrategy(Strategy):
    """Rules of CronJob objects."""

    reset_fields: tuple[FieldPath, ...] = (("status",),)

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["status"] = {}
        obj["metadata"]["generation"] = 1
        drop_disabled_template_fields(_template(obj), None)

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        errors += _validate_spec(obj["spec"], None, template_options_for_update(None))
        name = obj["metadata"].get("name", "")
        if len(name) > _MAX_NAME_LENGTH:
            detail = f"must be no more than {_MAX_NAME_LENGTH} characters"
            errors.append(field.invalid("metadata.name", name, detail))
        return errors

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return name_warnings(obj) + warnings_for_job_spec(_job_spec(obj), _JOB_SPEC) + _schedule_warnings(obj)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        keep_status(obj, old)
        drop_disabled_template_fields(_template(obj), _template(old))
        if not semantic_equal(obj["spec"], old["spec"]):
            obj["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        return errors + _validate_spec(obj["spec"], old["spec"], template_options_for_update(_template(old)))

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        warnings = []
        if obj["metadata"].get("generation") != old["metadata"].get("generation"):
            warnings += warnings_for_job_spec(_job_spec(obj), _JOB_SPEC)
        return warnings + _schedule_warnings(obj)


class CronJobStatusStrategy(CronJobStrategy):
    """Rules of the status subresource: any status will do."""

    reset_fields = (("spec",),)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return []

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        return []


_COLUMNS = (
    NAME_COLUMN,
    described("Schedule", "batch.v1.CronJobSpec.schedule"),
    described("Timezone", "batch.v1.CronJobSpec.timeZone"),
    described("Suspend", "batch.v1.CronJobSpec.suspend", "boolean"),
    described("Active", "batch.v1.CronJobStatus.active", "integer"),
    described("Last Schedule", "batch.v1.CronJobStatus.lastScheduleTime"),
    AGE_COLUMN,
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    described("Selector", "batch.v1.JobSpec.selector", priority=1),
)
_SUSPEND_CELLS = {None: "<unset>", True: "True", False: "False"}


def _cells(cron_job: Mapping[str, Any]) -> list[Any]:
    spec, status = cron_job.get("spec") or {}, cron_job.get("status") or {}
    scheduled, zone = status.get("lastScheduleTime"), spec.get("timeZone")
    return [
        cron_job["metadata"].get("name", ""),
        spec.get("schedule") or "",
        "<none>" if zone is None else zone,
        _SUSPEND_CELLS[spec.get("suspend")],
        len(status.get("active") or ()),
        "<none>" if scheduled is None else since(scheduled),
        age(cron_job),
        *container_cells(_template(cron_job)),
        format_label_selector(_job_spec(cron_job).get("selector")),
    ]


RESOURCE = ResourceDefinition(
    group="batch",
    resource="cronjobs",
    kind="CronJob",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("batch", "v1", "CronJob"),
            default=default_cron_job,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=CronJobStrategy(),
    singular="cronjob",
    short_names=("cj",),
    categories=("all",),
    subresources=(Subresource("status", strategy=CronJobStatusStrategy()),),
)
