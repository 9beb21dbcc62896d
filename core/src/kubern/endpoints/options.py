"""Query parameters and option bodies: ListOptions, Create/Update/Patch/DeleteOptions decoded and validated.

Upstream: metav1 conversion and metav1/validation. Numbers and booleans that do not parse are 400, values that
make no sense are 422 with the option kind's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field
from kubern.apimachinery.errors import GroupKind, bad_request, invalid
from kubern.apimachinery.validation.objectmeta import FIELD_MANAGER_MAX_LENGTH, validate_field_manager
from kubern.endpoints.request_info import parse_bool_query
from kubern.registry.rest import DeleteOptions, ListOptions, Preconditions
from kubern.registry.selection import parse_selectors
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubern.request import RequestContext

_PROPAGATION = ("Foreground", "Background", "Orphan")
_INT64 = 1 << 63


def _int_query(ctx: RequestContext, name: str) -> int | None:
    values = ctx.query.get(name)
    return parse_int64(values[0]) if values else None


def parse_int64(text: str) -> int:
    """Raises StatusError 400 worded as strconv.ParseInt's errors."""
    body = text[1:] if text[:1] in ("+", "-") else text
    if not (body.isascii() and body.isdigit()):
        raise bad_request(f"strconv.ParseInt: parsing {go_quote(text)}: invalid syntax")
    number = int(text) if len(text) < 100 else _INT64
    if not -_INT64 <= number < _INT64:
        raise bad_request(f"strconv.ParseInt: parsing {go_quote(text)}: value out of range")
    return number


def _bool_query(ctx: RequestContext, name: str) -> bool | None:
    values = ctx.query.get(name)
    return None if not values else parse_bool_query(values[0])


def list_options(ctx: RequestContext, field_labels: Mapping[str, str] | None = None) -> ListOptions:
    """The ListOptions of a list, watch or deletecollection in a version with `field_labels`.

    Raises StatusError 400 or 422.
    """
    query = ctx.query
    if not query:
        return ListOptions()
    options = ListOptions(
        label_selector=ctx.query_first("labelSelector"),
        field_selector=ctx.query_first("fieldSelector"),
        resource_version=ctx.query_first("resourceVersion"),
        resource_version_match=ctx.query_first("resourceVersionMatch"),
        timeout_seconds=_int_query(ctx, "timeoutSeconds"),
        limit=_int_query(ctx, "limit") or 0,
        continue_token=ctx.query_first("continue"),
        watch=_bool_query(ctx, "watch") or False,
        allow_watch_bookmarks=_bool_query(ctx, "allowWatchBookmarks") or False,
        send_initial_events=_bool_query(ctx, "sendInitialEvents"),
        field_labels=field_labels,
    )
    errors = validate_list_options(options)
    if errors:
        parse_selectors(options)  # a selector that cannot be read is the older problem
        raise invalid(GroupKind("meta.k8s.io", "ListOptions"), "", errors)
    return options


def validate_list_options(options: ListOptions) -> field.ErrorList:
    """upstream: internalversion/validation.ValidateListOptions."""
    match = options.resource_version_match
    if options.watch:
        return _validate_watch_options(options)
    errors: field.ErrorList = []
    path = field.Path("resourceVersionMatch")
    if match:
        if not options.resource_version:
            errors.append(field.forbidden(path, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
        if options.continue_token:
            errors.append(field.forbidden(path, "resourceVersionMatch is forbidden when continue is provided"))
        if match not in ("Exact", "NotOlderThan"):
            supported = 'supported values: "Exact", "NotOlderThan", ""'
            errors.append(field.FieldError(field.ErrorType.NOT_SUPPORTED, path, match, supported))
        if match == "Exact" and options.resource_version == "0":
            errors.append(field.forbidden(path, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    if options.send_initial_events is not None:
        errors.append(field.forbidden(field.Path("sendInitialEvents"), "sendInitialEvents is forbidden for list"))
    return errors


def _validate_watch_options(options: ListOptions) -> field.ErrorList:
    errors: field.ErrorList = []
    match = options.resource_version_match
    path = field.Path("resourceVersionMatch")
    if options.send_initial_events is not None:
        if match != "NotOlderThan":
            errors.append(
                field.forbidden(path, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
            )
        if match and match != "NotOlderThan":
            errors.append(field.not_supported(path, match, ["NotOlderThan"]))
    elif match:
        errors.append(
            field.forbidden(path, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
        )
    return errors


def dry_run_errors(values: list[str] | None) -> field.ErrorList:
    """upstream: metav1/validation.ValidateDryRun."""
    if values and any(v != "All" for v in values):
        return [field.not_supported("dryRun", values, ["All"])]
    return []


def write_options(ctx: RequestContext, kind: str, errors: field.ErrorList | None = None) -> tuple[bool, str, str]:
    """(dry run, field manager, field validation) of a create, update or patch; `errors` are found before.

    Raises StatusError 422.
    """
    if not ctx.query and not errors:
        return False, "", "Warn"
    manager, validation, dry_run = (
        ctx.query_first("fieldManager"),
        ctx.query_first("fieldValidation"),
        ctx.query.get("dryRun"),
    )
    errors = [*(errors or ()), *validate_field_manager(manager, field.Path("fieldManager")), *dry_run_errors(dry_run)]
    if validation not in ("", "Ignore", "Warn", "Strict"):
        errors.append(field.not_supported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]))
    if errors:
        raise invalid(GroupKind("meta.k8s.io", kind), "", errors)
    return bool(dry_run), manager, validation or "Warn"


def manager_or_user_agent(manager: str, ctx: RequestContext) -> str:
    """The field manager: as named, else the user agent up to its first slash, printable and short."""
    if manager:
        return manager
    agent = ctx.headers.get("user-agent", "").split("/", 1)[0]
    if not agent.isascii():
        agent = agent.encode("latin-1", "replace").decode(errors="replace")
    raw = "".join(filter(str.isprintable, agent)).encode()[:FIELD_MANAGER_MAX_LENGTH]
    return raw.decode(errors="ignore")


# ---------------------------------------------------------------- DeleteOptions


def delete_options_from_query(ctx: RequestContext) -> DeleteOptions:
    """DeleteOptions given as query parameters."""
    options = DeleteOptions()
    options.grace_period_seconds = _int_query(ctx, "gracePeriodSeconds")
    options.orphan_dependents = _bool_query(ctx, "orphanDependents")
    if "propagationPolicy" in ctx.query:
        options.propagation_policy = ctx.query_first("propagationPolicy")
    uid, version = ctx.query_first("uid"), ctx.query_first("resourceVersion")
    if uid or version:
        options.preconditions = Preconditions(uid or None, version or None)
    options.ignore_store_read_error = _bool_query(ctx, "ignoreStoreReadErrorWithClusterBreakingPotential") or False
    return validate_delete_options(options, ctx.query.get("dryRun"))


def delete_options_from_body(body: dict[str, Any]) -> DeleteOptions:
    """DeleteOptions given as an (already normalised) body."""
    raw = body.get("preconditions") or None
    preconditions = Preconditions(raw.get("uid"), raw.get("resourceVersion")) if raw else None
    options = DeleteOptions(
        grace_period_seconds=body.get("gracePeriodSeconds"),
        preconditions=preconditions,
        orphan_dependents=body.get("orphanDependents"),
        propagation_policy=body.get("propagationPolicy"),
        ignore_store_read_error=bool(body.get("ignoreStoreReadErrorWithClusterBreakingPotential")),
    )
    return validate_delete_options(options, body.get("dryRun"))


def validate_delete_options(options: DeleteOptions, dry_run: list[str] | None) -> DeleteOptions:
    """upstream: metav1/validation.ValidateDeleteOptions. Raises StatusError 422."""
    errors: field.ErrorList = []
    path = field.Path("propagationPolicy")
    if options.orphan_dependents is not None and options.propagation_policy is not None:
        errors.append(
            field.invalid(
                path,
                options.propagation_policy,
                "orphanDependents and deletionPropagation cannot be both set",
            )
        )
    if options.propagation_policy is not None and options.propagation_policy not in _PROPAGATION:
        errors.append(field.not_supported(path, options.propagation_policy, [*_PROPAGATION, "nil"]))
    errors += dry_run_errors(dry_run)
    if errors:
        raise invalid(GroupKind("meta.k8s.io", "DeleteOptions"), "", errors)
    options.dry_run = bool(dry_run)
    return options
