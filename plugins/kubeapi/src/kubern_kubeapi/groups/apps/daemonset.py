"""The DaemonSet kind: defaults, rules, table. Next: `../workloads.py`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.errors import bad_request
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age, format_labels
from kubern.apimachinery.resource import (
    AGE_COLUMN,
    NAME_COLUMN,
    ResourceDefinition,
    Subresource,
    VersionDefinition,
)
from kubern.apimachinery.validation.equality import semantic_equal
from kubern.apimachinery.validation.formats import (
    int_or_percent_value,
    validate_not_more_than_100_percent,
    validate_positive_int_or_percent,
)
from kubern.apimachinery.validation.selector import (
    format_label_selector,
    is_empty_selector,
    selector_matches,
    validate_label_selector,
)
from kubern.util.goquote import go_quote
from kubern_kubeapi.groups.apps.deployment import validate_immutable_selector
from kubern_kubeapi.groups.apps.internal_types import APPS_TYPES
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.pod.defaults import default_pod_template
from kubern_kubeapi.groups.core.pod.options import PodValidationOptions
from kubern_kubeapi.groups.core.pod.validation.spec import validate_pod_template_spec
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update
from kubern_kubeapi.groups.workload_strategy import WorkloadStatusStrategy, WorkloadStrategy
from kubern_kubeapi.groups.workloads import (
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    SELECTOR_MISMATCH,
    SPEC,
    STATUS,
    container_cells,
    is_malformed_selector,
    labels_of,
    selector_value,
    shown_labels,
    template_of,
    template_options,
    template_warnings,
    validate_always_running,
    validate_collision_count,
    validate_counters,
    warnings_on_changed_template,
)

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]
TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_COUNTERS = (
    "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration",
    "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount",
)  # fmt: skip


def default_daemon_set(daemon_set: Object) -> None:
    """Defaults. Raises StatusError 400 for an annotation that should be a number and is none.

    The annotation is a field of upstream's internal type, so every request has it and owns it.
    """
    text = (daemon_set["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION)
    if text is None:
        _set_template_generation(daemon_set, 0)
    elif not _INTEGER.fullmatch(text):
        problem = f"strconv.ParseInt: parsing {go_quote(text)}: invalid syntax"
        raise bad_request(f'DaemonSet in version "v1" cannot be handled as a DaemonSet: {problem}')
    spec = daemon_set.setdefault("spec", {})
    if spec.get("revisionHistoryLimit") is None:
        spec["revisionHistoryLimit"] = 10
    strategy = spec.setdefault("updateStrategy", {})
    strategy["type"] = strategy.get("type") or "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy["rollingUpdate"] = strategy.get("rollingUpdate") or {}
        for name, value in (("maxUnavailable", 1), ("maxSurge", 0)):
            if rolling.get(name) is None:
                rolling[name] = value
    default_pod_template(spec.setdefault("template", {}))


def _template_generation(obj: Mapping[str, Any]) -> int:
    return int((obj["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION) or 0)


def _set_template_generation(obj: Object, generation: int) -> None:
    annotations = dict(obj["metadata"].get("annotations") or {})
    annotations[TEMPLATE_GENERATION] = str(generation)
    obj["metadata"]["annotations"] = annotations


def _validate_spec(spec: Object, options: PodValidationOptions) -> ErrorList:
    selector = spec.get("selector")
    at = SPEC.child("selector")
    allow = options.allow_invalid_label_value_in_selector
    errors = validate_label_selector(selector, at, allow_invalid_label_value=allow)
    template = spec.get("template") or {}
    template_path = SPEC.child("template")
    if not is_malformed_selector(selector) and not selector_matches(selector, labels_of(template)):
        labels_path = template_path.child("metadata", "labels")
        errors.append(field.invalid(labels_path, shown_labels(template), SELECTOR_MISMATCH))
    if selector is not None and is_empty_selector(selector):
        errors.append(field.invalid(at, selector_value(selector), "empty selector is invalid for daemonset"))
    errors += validate_pod_template_spec(template, template_path, options)
    errors += validate_always_running(template, "DaemonSet", template_path)
    errors += validate_counters(spec, ("minReadySeconds",), SPEC)
    errors += _validate_update_strategy(spec.get("updateStrategy") or {}, SPEC.child("updateStrategy"))
    return errors + validate_counters(spec, ("revisionHistoryLimit",), SPEC)


def _validate_update_strategy(strategy: Object, path: Path) -> ErrorList:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    at = path.child("rollingUpdate")
    if kind == "OnDelete":
        return []
    if kind != "RollingUpdate":
        shown = APPS_TYPES.render("DaemonSetUpdateStrategy", strategy)
        return [field.not_supported(path, shown, ("RollingUpdate", "OnDelete"))]
    if rolling is None:
        return [field.required(at)]
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    errors = validate_positive_int_or_percent(unavailable, at.child("maxUnavailable"))
    errors += validate_positive_int_or_percent(surge, at.child("maxSurge"))
    errors += validate_not_more_than_100_percent(unavailable, at.child("maxUnavailable"))
    errors += validate_not_more_than_100_percent(surge, at.child("maxSurge"))
    has_unavailable, has_surge = int_or_percent_value(unavailable) != 0, int_or_percent_value(surge) != 0
    if has_unavailable and has_surge:
        errors.append(field.invalid(at.child("maxSurge"), surge, "may not be set when maxUnavailable is non-zero"))
    elif not has_unavailable and not has_surge:
        errors.append(field.required(at.child("maxUnavailable"), "cannot be 0 when maxSurge is 0"))
    return errors


class DaemonSetStrategy(WorkloadStrategy):
    """Rules of DaemonSet objects; an annotation counts the generations of the template alone."""

    new_status = {"currentNumberScheduled": 0, "numberMisscheduled": 0, "desiredNumberScheduled": 0, "numberReady": 0}

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        super().prepare_for_create(ctx, obj)
        _set_template_generation(obj, max(_template_generation(obj), 1))

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return self._validate_whole(obj, template_options(None))

    def _validate_whole(self, obj: Object, options: PodValidationOptions) -> ErrorList:
        errors = validate_object_meta(obj["metadata"], True, names.name_is_dns_subdomain)
        return errors + _validate_spec(obj["spec"], options)

    def warnings_on_create(self, ctx: RequestContext, obj: Object) -> list[str]:
        return template_warnings(obj)

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        changed = not semantic_equal(obj["spec"].get("template"), old["spec"].get("template"))
        _set_template_generation(obj, _template_generation(old) + changed)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        options = template_options(old)
        errors = self._validate_whole(obj, options)
        errors += validate_object_meta_update(obj["metadata"], old["metadata"])
        errors += validate_immutable_selector(obj, old)
        return errors + _validate_spec(obj["spec"], options)

    def warnings_on_update(self, ctx: RequestContext, obj: Object, old: Object) -> list[str]:
        if _template_generation(obj) == _template_generation(old):
            return []
        return warnings_on_changed_template(obj, old)


class DaemonSetStatusStrategy(WorkloadStatusStrategy, DaemonSetStrategy):
    """Rules of the status subresource."""

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        _set_template_generation(obj, _template_generation(old))

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        status = obj.get("status") or {}
        errors = validate_object_meta_update(obj["metadata"], old["metadata"])
        errors += validate_counters(status, _COUNTERS, STATUS)
        return errors + validate_collision_count(status, old.get("status") or {})


_COLUMNS = (
    NAME_COLUMN,
    described("Desired", "apps.v1.DaemonSetStatus.desiredNumberScheduled", "integer"),
    described("Current", "apps.v1.DaemonSetStatus.currentNumberScheduled", "integer"),
    described("Ready", "apps.v1.DaemonSetStatus.numberReady", "integer"),
    described("Up-to-date", "apps.v1.DaemonSetStatus.updatedNumberScheduled", "integer"),
    described("Available", "apps.v1.DaemonSetStatus.numberAvailable", "integer"),
    described("Node Selector", "core.v1.PodSpec.nodeSelector"),
    AGE_COLUMN,
    CONTAINERS_COLUMN,
    IMAGES_COLUMN,
    described("Selector", "apps.v1.DaemonSetSpec.selector", priority=1),
)


def _cells(obj: Mapping[str, Any]) -> list[Any]:
    status, template = obj.get("status") or {}, template_of(obj)
    return [
        obj["metadata"].get("name", ""),
        status.get("desiredNumberScheduled") or 0,
        status.get("currentNumberScheduled") or 0,
        status.get("numberReady") or 0,
        status.get("updatedNumberScheduled") or 0,
        status.get("numberAvailable") or 0,
        format_labels((template.get("spec") or {}).get("nodeSelector")),
        age(obj),
        *container_cells(template),
        format_label_selector((obj.get("spec") or {}).get("selector")),
    ]


RESOURCE = ResourceDefinition(
    group="apps",
    resource="daemonsets",
    kind="DaemonSet",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("apps", "v1", "DaemonSet"),
            default=default_daemon_set,
            columns=_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=DaemonSetStrategy(),
    singular="daemonset",
    short_names=("ds",),
    categories=("all",),
    subresources=(Subresource("status", strategy=DaemonSetStatusStrategy()),),
)
