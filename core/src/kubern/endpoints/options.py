"""Query parameters and option bodies: ListOptions, Create/Update/Patch/DeleteOptions decoded and validated.

Upstream: metav1 conversion and metav1/validation. Numbers and booleans that do not parse are 400, values that
make no sense are 422 with the option kind's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field
from kubern.apimachinery.errors import GroupKind, bad_request, invalid
from kubern.endpoints.request_info import parse_bool_query
from kubern.registry.rest import DeleteOptions, ListOptions, Preconditions
from kubern.util.goquote import go_quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubern.request import RequestContext

MAX_FIELD_MANAGER_LENGTH = 128
_PROPAGATION = ("Foreground", "Background", "Orphan")
_INT64 = 1 << 63


def _int_query(ctx: RequestContext, name: str) -> int | None:
    values = ctx.query.get(name)
    if not values or values[0] == "":
        return None
    return parse_int64(values[0])


def parse_int64(text: str) -> int:
    """Raises StatusError 400 worded as strconv.ParseInt's errors."""
    body = text[1:] if text[:1] in ("+", "-") else text
    if not (body.isascii() and body.isdigit()):
        raise bad_request(f"strconv.ParseInt: parsing {go_quote(text)}: invalid syntax")
    number = int(text)
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
        limit=_int_query(ctx, "limit") or 0,
        continue_token=ctx.query_first("continue"),
        watch=_bool_query(ctx, "watch") or False,
        allow_watch_bookmarks=_bool_query(ctx, "allowWatchBookmarks") or False,
        send_initial_events=_bool_query(ctx, "sendInitialEvents"),
        timeout_seconds=_int_query(ctx, "timeoutSeconds"),
        field_labels=field_labels,
    )
    errors = validate_list_options(options)
    if errors:
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


def dry_run(values: list[str] | None, kind: str) -> bool:
    """Whether dryRun=All was asked for. Raises StatusError 422."""
    if not values:
        return False
    if any(v != "All" for v in values):
        error = field.not_supported("dryRun", values, ["All"])
        raise invalid(GroupKind("meta.k8s.io", kind), "", [error])
    return True


def validate_field_manager(name: str) -> field.ErrorList:
    """upstream: metav1/validation.ValidateFieldManager."""
    path = field.Path("fieldManager")
    errors: field.ErrorList = []
    if len(name.encode()) > MAX_FIELD_MANAGER_LENGTH:
        errors.append(field.too_long(path, name, MAX_FIELD_MANAGER_LENGTH))
    for i, char in enumerate(name):
        if not char.isprintable():
            errors.append(
                field.invalid(
                    path,
                    name,
                    f"invalid character {go_quote(char)} (at position {i}): should only contain printable characters",
                )
            )
    return errors


def field_validation(ctx: RequestContext, kind: str) -> str:
    """Ignore, Warn (the default) or Strict. Raises StatusError 422."""
    value = ctx.query_first("fieldValidation")
    if value not in ("", "Ignore", "Warn", "Strict"):
        error = field.not_supported("fieldValidation", value, ["", "Ignore", "Strict", "Warn"])
        raise invalid(GroupKind("meta.k8s.io", kind), "", [error])
    return value or "Warn"


def write_options(ctx: RequestContext, kind: str) -> tuple[bool, str, str]:
    """(dry run, field manager, field validation) of a create, update or patch. Raises StatusError 422."""
    if not ctx.query:
        return False, "", "Warn"
    manager = ctx.query_first("fieldManager")
    errors: field.ErrorList = []
    values = ctx.query.get("dryRun")
    is_dry_run = bool(values)
    if values and any(v != "All" for v in values):
        errors.append(field.not_supported("dryRun", values, ["All"]))
    errors += validate_field_manager(manager)
    validation = ctx.query_first("fieldValidation")
    if validation not in ("", "Ignore", "Warn", "Strict"):
        errors.append(field.not_supported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]))
    if errors:
        raise invalid(GroupKind("meta.k8s.io", kind), "", errors)
    return is_dry_run, manager, validation or "Warn"


def manager_or_user_agent(manager: str, ctx: RequestContext) -> str:
    """The field manager: as named, else the user agent up to its first slash, printable and short."""
    if manager:
        return manager
    prefix = ctx.headers.get("user-agent", "").split("/", 1)[0]
    prefix = "".join(c for c in prefix if c.isprintable())
    raw = prefix.encode()[:MAX_FIELD_MANAGER_LENGTH]
    return raw.decode(errors="ignore")


# ---------------------------------------------------------------- DeleteOptions


def delete_options_from_query(ctx: RequestContext) -> DeleteOptions:
    """DeleteOptions given as query parameters."""
    options = DeleteOptions()
    options.grace_period_seconds = _int_query(ctx, "gracePeriodSeconds")
    options.orphan_dependents = _bool_query(ctx, "orphanDependents")
    options.propagation_policy = ctx.query_first("propagationPolicy") or None
    options.dry_run = dry_run(ctx.query.get("dryRun"), "DeleteOptions")
    options.ignore_store_read_error = _bool_query(ctx, "ignoreStoreReadErrorWithClusterBreakingPotential") or False
    return validate_delete_options(options)


def delete_options_from_body(body: dict[str, Any]) -> DeleteOptions:
    """DeleteOptions given as an (already normalised) body."""
    raw = body.get("preconditions") or None
    preconditions = Preconditions(raw.get("uid"), raw.get("resourceVersion")) if raw else None
    options = DeleteOptions(
        grace_period_seconds=body.get("gracePeriodSeconds"),
        preconditions=preconditions,
        orphan_dependents=body.get("orphanDependents"),
        propagation_policy=body.get("propagationPolicy"),
        dry_run=dry_run(body.get("dryRun"), "DeleteOptions"),
        ignore_store_read_error=bool(body.get("ignoreStoreReadErrorWithClusterBreakingPotential")),
    )
    return validate_delete_options(options)


def validate_delete_options(options: DeleteOptions) -> DeleteOptions:
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
    elif options.propagation_policy is not None and options.propagation_policy not in _PROPAGATION:
        errors.append(field.not_supported(path, options.propagation_policy, [*_PROPAGATION, "nil"]))
    if errors:
        raise invalid(GroupKind("meta.k8s.io", "DeleteOptions"), "", errors)
    return options
