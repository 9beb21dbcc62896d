"""Rules of jobs and of the jobs in cron jobs (upstream: pkg/apis/batch/validation, ValidateJob and its kin).

Next: `job_policies.py`, `job_update.py`, `job_status.py`.
"""

from __future__ import annotations

from typing import Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.hosts import validate_domain_prefixed_path
from kubern.apimachinery.validation.objectmeta import validate_nonnegative
from kubern.apimachinery.validation.selector import selector_matches, validate_label_selector
from kubern_kubeapi.groups.batch.internal_types import BATCH_TYPES
from kubern_kubeapi.groups.batch.job_policies import (
    validate_pod_failure_policy,
    validate_pod_replacement_policy,
    validate_success_policy,
)
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.core.pod.validation.spec import validate_pod_template_spec
from kubern_kubeapi.groups.objectmeta import validate_object_meta
from kubern_kubeapi.groups.workloads import SELECTOR_MISMATCH, SPEC, labels_of, selector_value, shown_labels

Object = dict[str, Any]
CONTROLLER_UID = "batch.kubernetes.io/controller-uid"
JOB_NAME = "batch.kubernetes.io/job-name"
LEGACY_CONTROLLER_UID = "controller-uid"
LEGACY_JOB_NAME = "job-name"
COMPLETIONS_SOFT_LIMIT = 100_000
HIGH_COMPLETIONS_LIMIT = 10_000
_MAX_PARALLELISM = 100_000
_MAX_FAILED_INDEXES = 100_000
_MAX_MANAGED_BY_LENGTH = 63
_COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_MODES = ("NonIndexed", "Indexed")


def is_indexed(spec: Object) -> bool:
    return spec.get("completionMode") == "Indexed"


def validate_job(job: Object, options: PodValidationOptions, *, require_prefixed_labels: bool = True) -> ErrorList:
    """A whole job. `require_prefixed_labels`: its pods carry the labels with the batch.kubernetes.io/ prefix."""
    meta, spec = job["metadata"], job["spec"]
    errors = validate_object_meta(meta, True, names.name_is_dns_subdomain)
    errors += _validate_generated_selector(job, require_prefixed_labels)
    errors += validate_job_spec(spec, SPEC, options)
    if is_indexed(spec) and (spec.get("completions") or 0) > 0:
        hostname = f"{meta.get('name', '')}-{spec['completions'] - 1}"
        if names.is_dns1123_label(hostname):
            detail = f"will not able to create pod with invalid DNS label: {hostname}"
            errors.append(field.invalid(Path("metadata", "name"), meta.get("name", ""), detail))
    return errors


def _validate_generated_selector(job: Object, prefixed: bool) -> ErrorList:
    """A selector made by the server selects the job's own pods, whose labels are the server's too."""
    spec, meta = job["spec"], job["metadata"]
    selector = spec.get("selector")
    if spec.get("manualSelector") or selector is None:
        return []
    uid, name = meta.get("uid") or "", meta.get("name") or ""
    errors: ErrorList = [] if uid else [field.required(Path("metadata", "uid"))]
    expected = {LEGACY_CONTROLLER_UID: uid, LEGACY_JOB_NAME: name}
    if prefixed:
        expected |= {CONTROLLER_UID: uid, JOB_NAME: name}
    for key, value in expected.items():
        errors += _validate_has_label(spec.get("template") or {}, key, value)
    if not validate_label_selector(selector, SPEC) and not selector_matches(selector, expected):
        at = SPEC.child("selector")
        errors.append(field.invalid(at, selector_value(selector), "`selector` not auto-generated"))
    return errors


def _validate_has_label(template: Object, key: str, value: str) -> ErrorList:
    labels = labels_of(template)
    at = SPEC.child("template", "metadata", "labels").key(key)
    if key not in labels:
        return [field.required(at, f"must be '{value}'")]
    return [] if labels[key] == value else [field.invalid(at, shown_labels(template), f"must be '{value}'")]


def validate_job_spec(spec: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    """The spec of a job, with its selector."""
    errors = _validate_common_spec(spec, path, options)
    selector = spec.get("selector")
    if selector is None:
        return [*errors, field.required(path.child("selector"))]
    allow = options.allow_invalid_label_value_in_selector
    errors += validate_label_selector(selector, path.child("selector"), allow_invalid_label_value=allow)
    template = spec.get("template") or {}
    if not validate_label_selector(selector, path) and not selector_matches(selector, labels_of(template)):
        at = path.child("template", "metadata", "labels")
        errors.append(field.invalid(at, shown_labels(template), SELECTOR_MISMATCH))
    return errors


def validate_job_template_spec(template: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    """The jobs that a cron job makes; their selectors are made with them."""
    spec = template.get("spec") or {}
    at = path.child("spec")
    errors = _validate_common_spec(spec, at, options)
    selector = spec.get("selector")
    if selector is not None:
        shown = selector_value(selector)
        errors.append(field.invalid(at.child("selector"), shown, "`selector` will be auto-generated"))
    if spec.get("manualSelector"):
        errors.append(field.not_supported_in_order(at.child("manualSelector"), True, ("nil", "false")))
    return errors


def _validate_common_spec(spec: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    errors: ErrorList = []
    for name in _COUNTS:
        if spec.get(name) is not None:
            errors += validate_nonnegative(spec[name], path.child(name))
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        errors.append(field.required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified"))
    if spec.get("managedBy") is not None:
        errors += _validate_managed_by(spec["managedBy"], path.child("managedBy"))
    mode = spec.get("completionMode")
    if mode is not None and mode not in _MODES:
        errors.append(field.not_supported_in_order(path.child("completionMode"), mode, _MODES))
    if mode == "Indexed":
        errors += _validate_indexed(spec, path)
    if mode in (None, "NonIndexed"):
        for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(name) is not None:
                errors.append(field.invalid(path.child(name), spec[name], "requires indexed completion mode"))
    return errors + _validate_policies(spec, path) + _validate_template(spec, path, options)


def _validate_managed_by(manager: str, path: Path) -> ErrorList:
    errors = validate_domain_prefixed_path(path, manager)
    if len(manager) > _MAX_MANAGED_BY_LENGTH:
        errors.append(field.too_long(path, manager, _MAX_MANAGED_BY_LENGTH))
    return errors


def _validate_indexed(spec: Object, path: Path) -> ErrorList:
    """Bounds that keep the record of finished indexes small."""
    errors: ErrorList = []
    completions, parallelism = spec.get("completions"), spec.get("parallelism") or 0
    max_failed = spec.get("maxFailedIndexes")
    at = path.child("maxFailedIndexes")
    if completions is None:
        errors.append(field.required(path.child("completions"), "when completion mode is Indexed"))
    if parallelism > _MAX_PARALLELISM:
        detail = f"must be less than or equal to {_MAX_PARALLELISM} when completion mode is Indexed"
        errors.append(field.invalid(path.child("parallelism"), parallelism, detail))
    if completions is not None and max_failed is not None and max_failed > completions:
        errors.append(field.invalid(at, max_failed, "must be less than or equal to completions"))
    if max_failed is not None and max_failed > _MAX_FAILED_INDEXES:
        errors.append(field.invalid(at, max_failed, f"must be less than or equal to {_MAX_FAILED_INDEXES}"))
    if (completions or 0) <= COMPLETIONS_SOFT_LIMIT or spec.get("backoffLimitPerIndex") is None:
        return errors
    if max_failed is None:
        detail = f"must be specified when completions is above {COMPLETIONS_SOFT_LIMIT}"
        errors.append(field.required(at, detail))
    detail = (
        f"must be less than or equal to {HIGH_COMPLETIONS_LIMIT} when completions are above "
        f"{COMPLETIONS_SOFT_LIMIT} and used with backoff limit per index"
    )
    if parallelism > HIGH_COMPLETIONS_LIMIT:
        errors.append(field.invalid(path.child("parallelism"), parallelism, detail))
    if (max_failed or 0) > HIGH_COMPLETIONS_LIMIT:
        errors.append(field.invalid(at, max_failed, detail))
    return errors


def _validate_policies(spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if spec.get("podFailurePolicy") is not None:
        errors += validate_pod_failure_policy(spec, path.child("podFailurePolicy"))
    if spec.get("successPolicy") is not None:
        at = path.child("successPolicy")
        if is_indexed(spec):
            errors += validate_success_policy(spec, at)
        else:
            shown = BATCH_TYPES.render("SuccessPolicy", spec["successPolicy"])
            errors.append(field.invalid(at, shown, "requires indexed completion mode"))
    return errors + validate_pod_replacement_policy(spec, path.child("podReplacementPolicy"))


def _validate_template(spec: Object, path: Path, options: PodValidationOptions) -> ErrorList:
    """The pods: as any template's, but they must be able to end."""
    template = spec.get("template") or {}
    errors = validate_pod_template_spec(template, path.child("template"), options)
    at = path.child("template", "spec", "restartPolicy")
    policy = (template.get("spec") or {}).get("restartPolicy") or ""
    if policy in ("", "Always"):
        errors.append(field.required(at, 'valid values: "OnFailure", "Never"'))
    elif policy not in ("OnFailure", "Never"):
        errors.append(field.not_supported_in_order(at, policy, ("OnFailure", "Never")))
    elif spec.get("podFailurePolicy") is not None and policy != "Never":
        detail = 'only "Never" is supported when podFailurePolicy is specified'
        errors.append(field.invalid(at, policy, detail))
    return errors
