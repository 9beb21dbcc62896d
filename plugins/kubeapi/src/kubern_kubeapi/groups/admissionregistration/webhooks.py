"""Webhooks of either kind: defaults, validation, strategy (upstream: apis/admissionregistration).

Next: `rules.py`, `expressions.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import age
from kubern.apimachinery.validation.objectmeta import validate_object_meta
from kubern.apimachinery.validation.selector import validate_label_selector
from kubern.apimachinery.validation.webhooks import (
    REVIEW_VERSIONS,
    validate_review_versions,
    validate_webhook_service,
    validate_webhook_url,
)
from kubern.registry.strategy import Strategy, bump_generation
from kubern_kubeapi.groups.admissionregistration.expressions import validate_match_conditions
from kubern_kubeapi.groups.admissionregistration.rules import (
    FAILURE_POLICIES,
    MATCH_POLICIES,
    REINVOCATION_POLICIES,
    set_rule_defaults,
    validate_rule,
)

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

SERVICE_PORT: Final = 443
DEFAULT_TIMEOUT_SECONDS: Final = 10
MAX_TIMEOUT_SECONDS: Final = 30
_WEBHOOKS: Final = Path("webhooks")
_NO_SIDE_EFFECTS: Final = ("None", "NoneOnDryRun")
_SIDE_EFFECTS: Final = ("None", "NoneOnDryRun", "Some", "Unknown")
_MIN_SEGMENTS: Final = 3


class Leniency(NamedTuple):
    """What stored configurations may go on doing."""

    match_conditions: bool = False
    side_effects: bool = False
    review_versions: bool = False
    names: bool = False
    label_values: bool = False


def set_webhook_defaults(obj: Object, *, mutating: bool) -> None:
    """Upstream: SetDefaults_ValidatingWebhook, SetDefaults_MutatingWebhook and those of their parts."""
    for hook in obj.get("webhooks") or ():
        for name, value in (("failurePolicy", "Fail"), ("matchPolicy", "Equivalent")):
            if hook.get(name) is None:
                hook[name] = value
        for name in ("namespaceSelector", "objectSelector"):
            if hook.get(name) is None:
                hook[name] = {}
        if hook.get("timeoutSeconds") is None:
            hook["timeoutSeconds"] = DEFAULT_TIMEOUT_SECONDS
        if mutating and hook.get("reinvocationPolicy") is None:
            hook["reinvocationPolicy"] = "Never"
        service = hook.get("clientConfig", {}).get("service")
        if service is not None and service.get("port") is None:
            service["port"] = SERVICE_PORT
        set_rule_defaults(hook.get("rules"))


def validate_webhooks(obj: Object, leniency: Leniency) -> ErrorList:
    """metadata, every webhook, and that their names differ."""
    errors = validate_object_meta(obj["metadata"], False, names.name_is_dns_subdomain)
    seen: set[str] = set()
    for i, hook in enumerate(obj.get("webhooks") or ()):
        path, name = _WEBHOOKS.index(i), hook.get("name", "")
        errors += _validate_webhook(hook, path, leniency)
        errors += _validate_review_versions(hook, path.child("admissionReviewVersions"), leniency)
        if name and not leniency.names:
            if name in seen:
                errors.append(field.duplicate(path.child("name"), name))
            seen.add(name)
    return errors


def _validate_webhook(hook: Object, path: Path, leniency: Leniency) -> ErrorList:
    errors = _validate_qualified_name(hook.get("name", ""), path.child("name"))
    for i, rule in enumerate(hook.get("rules") or ()):
        errors += validate_rule(rule, path.child("rules").index(i))
    for name, choices in (("failurePolicy", FAILURE_POLICIES), ("matchPolicy", MATCH_POLICIES)):
        errors += _validate_choice(hook, name, choices, path)
    allowed = _SIDE_EFFECTS if leniency.side_effects else _NO_SIDE_EFFECTS
    if hook.get("sideEffects") is None:
        errors.append(field.required(path.child("sideEffects"), "must specify one of " + ", ".join(allowed)))
    errors += _validate_choice(hook, "sideEffects", allowed, path)
    timeout = hook.get("timeoutSeconds")
    if timeout is not None and not 1 <= timeout <= MAX_TIMEOUT_SECONDS:
        detail = f"the timeout value must be between 1 and {MAX_TIMEOUT_SECONDS} seconds"
        errors.append(field.invalid(path.child("timeoutSeconds"), timeout, detail))
    for name in ("namespaceSelector", "objectSelector"):
        at = path.child(name)
        errors += validate_label_selector(hook.get(name), at, allow_invalid_label_value=leniency.label_values)
    errors += _validate_choice(hook, "reinvocationPolicy", REINVOCATION_POLICIES, path)
    errors += _validate_client_config(hook.get("clientConfig", {}), path.child("clientConfig"))
    if not leniency.match_conditions:
        errors += validate_match_conditions(hook.get("matchConditions"), path.child("matchConditions"))
    return errors


def _validate_choice(hook: Object, name: str, choices: tuple[str, ...], path: Path) -> ErrorList:
    value = hook.get(name)
    if value is None or value in choices:
        return []
    return [field.not_supported(path.child(name), value, choices)]


def _validate_qualified_name(name: str, path: Path) -> ErrorList:
    if not name:
        return [field.required(path)]
    problems = names.is_dns1123_subdomain(name)
    if problems:
        return [field.invalid(path, name, ",".join(problems))]
    if name.count(".") + 1 < _MIN_SEGMENTS:
        return [field.invalid(path, name, "should be a domain with at least three segments separated by dots")]
    return []


def _validate_client_config(client: Object, path: Path) -> ErrorList:
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        return [field.required(path, "exactly one of url or service is required")]
    if url is not None:
        return validate_webhook_url(url, path.child("url"))
    return validate_webhook_service(service or {}, path.child("service"))


def _validate_review_versions(hook: Object, path: Path, leniency: Leniency) -> ErrorList:
    versions = hook.get("admissionReviewVersions") or []
    if not versions:
        return [field.required(path, "must specify one of " + ", ".join(REVIEW_VERSIONS))]
    return validate_review_versions(versions, path, require_recognized=not leniency.review_versions)


def leniency_of(obj: Object, old: Object) -> Leniency:
    """What the stored configuration did already."""
    hooks, new = old.get("webhooks") or [], obj.get("webhooks") or []
    named = [hook.get("name", "") for hook in hooks]
    reviewed = [hook.get("admissionReviewVersions") or [] for hook in hooks]
    selectors = (hook.get(s) for hook in hooks for s in ("namespaceSelector", "objectSelector"))
    return Leniency(
        match_conditions=[h.get("matchConditions") for h in hooks] == [h.get("matchConditions") for h in new],
        side_effects=any(hook.get("sideEffects") not in _NO_SIDE_EFFECTS for hook in hooks),
        review_versions=any(versions and set(REVIEW_VERSIONS).isdisjoint(versions) for versions in reviewed),
        names=len(set(named)) < len(named),
        label_values=any(validate_label_selector(selector, _WEBHOOKS) for selector in selectors),
    )


class WebhookConfigurationStrategy(Strategy):
    """Rules of both kinds of webhook configurations."""

    allow_unconditional_update = False

    def prepare_for_create(self, ctx: RequestContext, obj: Object) -> None:
        obj["metadata"]["generation"] = 1

    def prepare_for_update(self, ctx: RequestContext, obj: Object, old: Object) -> None:
        bump_generation(obj, old, "webhooks")

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        return validate_webhooks(obj, Leniency())

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        return validate_webhooks(obj, leniency_of(obj, old))


def webhook_cells(obj: Object) -> list[Any]:
    """Name, number of webhooks, age."""
    return [obj["metadata"]["name"], len(obj.get("webhooks") or ()), age(obj)]
