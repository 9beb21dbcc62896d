"""What may change in a job (upstream: ValidateJobUpdate, validationOptionsForJob). Next: `job_status.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.objectmeta import FIELD_IMMUTABLE
from kubern.apimachinery.validation.selector import validate_label_selector
from kubern.util.json_copy import json_copy
from kubern_kubeapi.groups.batch.internal_types import BATCH_TYPES
from kubern_kubeapi.groups.batch.job_status import is_condition_true
from kubern_kubeapi.groups.batch.job_validation import (
    CONTROLLER_UID,
    JOB_NAME,
    is_indexed,
    validate_job,
    validate_job_spec,
)
from kubern_kubeapi.groups.core.pod.internal_types import render_pod_spec, render_pod_template
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.objectmeta import validate_object_meta_update
from kubern_kubeapi.groups.workloads import SPEC, labels_of, selector_value, template_of, template_options

Object = dict[str, Any]


def validate_job_update(job: Object, old: Object) -> ErrorList:
    """`job` as the successor of `old`."""
    spec, old_spec = job["spec"], old["spec"]
    options = _options(old)
    labels = labels_of(template_of(old))
    errors = validate_job(job, options, require_prefixed_labels=JOB_NAME in labels and CONTROLLER_UID in labels)
    errors += validate_object_meta_update(job["metadata"], old["metadata"])
    errors += validate_job_spec(spec, SPEC, options)
    errors += _validate_completions(spec, old_spec, SPEC.child("completions"))
    if not semantic_equal(spec.get("selector"), old_spec.get("selector")):
        shown = None if spec.get("selector") is None else selector_value(spec["selector"])
        errors.append(field.invalid(SPEC.child("selector"), shown, FIELD_IMMUTABLE))
    errors += _validate_template_update(job, old)
    for name, type_name in _FIXED:
        if not semantic_equal(spec.get(name), old_spec.get(name)):
            value = spec.get(name)
            shown = BATCH_TYPES.render(type_name, value) if type_name else value
            errors.append(field.invalid(SPEC.child(name), shown, FIELD_IMMUTABLE))
    return errors


_FIXED = (
    ("completionMode", ""),
    ("podFailurePolicy", "PodFailurePolicy"),
    ("backoffLimitPerIndex", ""),
    ("managedBy", ""),
    ("successPolicy", "SuccessPolicy"),
)


def _options(old: Object) -> PodValidationOptions:
    options = template_options(old)
    if validate_label_selector(old["spec"].get("selector"), SPEC):
        options = replace(options, allow_invalid_label_value_in_selector=True)
    return options


def _validate_completions(spec: Object, old: Object, path: Path) -> ErrorList:
    """Indexed jobs grow and shrink with their parallelism."""
    completions = spec.get("completions")
    if completions == old.get("completions"):
        return []
    if not is_indexed(spec):
        return [field.invalid(path, completions, FIELD_IMMUTABLE)]
    if completions is None or completions == spec.get("parallelism"):
        return []
    return [field.invalid(path, completions, "can only be modified in tandem with spec.parallelism")]


def _validate_template_update(job: Object, old: Object) -> ErrorList:
    template, allowed = template_of(job), template_of(old)
    if not _may_change_scheduling(old):
        if semantic_equal(template, allowed):
            return []
        return [field.invalid(SPEC.child("template"), render_pod_template(template), FIELD_IMMUTABLE)]
    spec = template.get("spec") or {}
    if semantic_equal(spec, _with_mutable_fields(json_copy(allowed), template)["spec"]):
        return []
    return [field.invalid(SPEC.child("template", "spec"), render_pod_spec(spec), FIELD_IMMUTABLE)]


def _may_change_scheduling(old: Object) -> bool:
    """Jobs that stand still: suspended, without a pod that runs, and never started or stopped since."""
    status = old.get("status") or {}
    if not old["spec"].get("suspend") or status.get("active"):
        return False
    return status.get("startTime") is None or is_condition_true(status, "Suspended")


def _with_mutable_fields(old: Object, new: Object) -> Object:
    """The old template with what a suspended job may change taken from the new one."""
    meta, new_meta = old.setdefault("metadata", {}), new.get("metadata") or {}
    spec, new_spec = old.setdefault("spec", {}), new.get("spec") or {}
    for holder, source, names in (
        (meta, new_meta, ("annotations", "labels")),
        (spec, new_spec, ("nodeSelector", "tolerations", "schedulingGates")),
    ):
        for name in names:
            _take(holder, source, name)
    if (spec.get("affinity") or new_spec.get("affinity")) is not None:
        affinity = spec.setdefault("affinity", {})
        _take(affinity, new_spec.get("affinity") or {}, "nodeAffinity")
        if not affinity and new_spec.get("affinity") is None:
            del spec["affinity"]
    for name in ("containers", "initContainers"):
        for container, new_container in zip(spec.get(name) or (), new_spec.get(name) or (), strict=False):
            _take(container, new_container, "resources")
    return old


def _take(holder: Object, source: Object, name: str) -> None:
    if source.get(name) is None:
        holder.pop(name, None)
    else:
        holder[name] = source[name]
