"""What the kinds with a selector and a pod template share: rules of templates, status counters, table cells.

Upstream: pkg/apis/apps/validation and printers' layoutContainerCells. Next: `apps/deployment.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import is_dns1123_label
from kubern.apimachinery.resource import Column
from kubern.apimachinery.validation.objectmeta import validate_nonnegative
from kubern.apimachinery.validation.selector import (
    is_empty_selector,
    selector_matches,
    validate_label_selector,
)
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions, template_options_for_update
from kubern_kubeapi.groups.core.pod.validation.spec import validate_pod_template_spec
from kubern_kubeapi.groups.core.pod.warnings.spec import warnings_for_pod_template

Object = dict[str, Any]
SPEC = Path("spec")
STATUS = Path("status")
TEMPLATE = Path("spec", "template")

CONTAINERS_COLUMN = Column("Containers", description="Names of each container in the template.", priority=1)
IMAGES_COLUMN = Column("Images", description="Images referenced by each container in the template.", priority=1)
SELECTOR_MISMATCH = "`selector` does not match template `labels`"


def template_of(obj: Mapping[str, Any]) -> Object:
    return (obj.get("spec") or {}).get("template") or {}


def template_options(old: Mapping[str, Any] | None) -> PodValidationOptions:
    """Options for the successor of a workload, those for new ones when there is none."""
    return template_options_for_update(template_of(old) if old is not None else None)


def labels_of(template: Mapping[str, Any]) -> Mapping[str, str]:
    return (template.get("metadata") or {}).get("labels") or {}


def shown_labels(template: Mapping[str, Any]) -> dict[str, str] | None:
    """A template's labels as a message shows them."""
    labels = labels_of(template)
    return {key: labels[key] for key in sorted(labels)} or None


def validate_required_selector(spec: Object, what: str, path: Path, options: PodValidationOptions) -> ErrorList:
    """spec.selector: there, valid and not empty."""
    selector = spec.get("selector")
    at = path.child("selector")
    if selector is None:
        return [field.required(at)]
    allow = options.allow_invalid_label_value_in_selector
    errors = validate_label_selector(selector, at, allow_invalid_label_value=allow)
    if is_empty_selector(selector):
        errors.append(field.invalid(at, selector_value(selector), f"empty selector is invalid for {what}"))
    return errors


def selector_value(selector: Mapping[str, Any]) -> Object:
    """A label selector as a message shows it."""
    from kubern_kubeapi.groups.gostruct import META_TYPES

    return META_TYPES.render("LabelSelector", selector) or {}


def is_malformed_selector(selector: Mapping[str, Any] | None) -> bool:
    """Whether upstream's LabelSelectorAsSelector fails."""
    return bool(validate_label_selector(selector, SPEC))


def validate_template(spec: Object, kind: str, path: Path, options: PodValidationOptions) -> ErrorList:
    """spec.template of a kind that keeps pods running, against spec.selector."""
    template = spec.get("template") or {}
    at = path.child("template")
    errors = validate_template_labels(spec, path)
    errors += validate_pod_template_spec(template, at, options)
    return errors + validate_always_running(template, kind, at)


def validate_template_labels(spec: Object, path: Path) -> ErrorList:
    """The labels of spec.template are those that spec.selector, a well-formed one, asks for."""
    template, selector = spec.get("template") or {}, spec.get("selector")
    unselective = selector is not None and is_empty_selector(selector)
    if unselective or selector_matches(selector, labels_of(template)):
        return []
    at = path.child("template", "metadata", "labels")
    return [field.invalid(at, shown_labels(template), SELECTOR_MISMATCH)]


def validate_always_running(template: Object, kind: str, path: Path) -> ErrorList:
    """Pods of workloads that keep them running restart for ever."""
    errors: ErrorList = []
    pod_spec = template.get("spec") or {}
    policy = pod_spec.get("restartPolicy") or ""
    if policy != "Always":
        errors.append(field.not_supported(path.child("spec", "restartPolicy"), policy, ("Always",)))
    if pod_spec.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        errors.append(field.forbidden(path.child("spec", "activeDeadlineSeconds"), detail))
    return errors


def validate_counters(holder: Mapping[str, Any], names: Iterable[str], path: Path) -> ErrorList:
    """Numbers that are not negative."""
    errors: ErrorList = []
    for name in names:
        errors += validate_nonnegative(holder.get(name) or 0, path.child(name))
    return errors


def validate_not_above(status: Mapping[str, Any], names: Iterable[str], limit: str, detail: str) -> ErrorList:
    """Counters of a status that cannot be more than another."""
    most = status.get(limit) or 0
    errors: ErrorList = []
    for name in names:
        value = status.get(name) or 0
        if value > most:
            errors.append(field.invalid(STATUS.child(name), value, detail))
    return errors


def validate_collision_count(status: Mapping[str, Any], old: Mapping[str, Any]) -> ErrorList:
    new, before = status.get("collisionCount"), old.get("collisionCount")
    if before is not None and (new is None or new < before):
        return [field.invalid(STATUS.child("collisionCount"), new or 0, "cannot be decremented")]
    return []


def name_warnings(obj: Mapping[str, Any]) -> list[str]:
    """Names of pods come from the workload's, and so do their host names."""
    problems = is_dns1123_label(obj["metadata"].get("name", ""))
    if not problems:
        return []
    return [
        "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; "
        f"a DNS label is recommended: [{' '.join(problems)}]"
    ]


def template_warnings(obj: Mapping[str, Any]) -> list[str]:
    return warnings_for_pod_template(template_of(obj), TEMPLATE)


def warnings_on_changed_template(obj: Mapping[str, Any], old: Mapping[str, Any]) -> list[str]:
    """Warnings about the template, when this update changed the spec."""
    if obj["metadata"].get("generation") == old["metadata"].get("generation"):
        return []
    return template_warnings(obj)


def container_cells(template: Mapping[str, Any]) -> list[str]:
    """The Containers and Images cells."""
    containers = (template.get("spec") or {}).get("containers") or ()
    return [",".join(c.get("name") or "" for c in containers), ",".join(c.get("image") or "" for c in containers)]
