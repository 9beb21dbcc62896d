"""PATCH: JSON patch, merge patch, strategic merge patch and server-side apply (upstream: handlers/patch.go).

A patch is applied to the newest object in the request's version, and again after a conflict, so that patches
without a resourceVersion never fail for another writer's sake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from kubern.apimachinery.codec.meta import not_an_object
from kubern.apimachinery.codec.typed import TypedCodec
from kubern.apimachinery.errors import (
    GroupKind,
    StatusError,
    bad_request,
    conflict,
    invalid,
    unsupported_media_type,
)
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.field import forbidden as field_forbidden
from kubern.apimachinery.field import invalid as field_invalid
from kubern.apimachinery.field import required as field_required
from kubern.apimachinery.schema.exact import DecodeError
from kubern.endpoints.asgi import read_body
from kubern.endpoints.options import manager_or_user_agent, write_options
from kubern.endpoints.request_info import parse_bool_query
from kubern.endpoints.scope import warn_of_strict_errors
from kubern.endpoints.verbs.common import answer_written, check_name, dedup_owner_references, options_object
from kubern.endpoints.verbs.update import AdmitUpdate
from kubern.registry.before import check_namespace
from kubern.registry.rest import Preconditions
from kubern.util.goprint import print_value

if TYPE_CHECKING:
    from kubern.endpoints.asgi import Receive, Send
    from kubern.endpoints.scope import RequestScope
    from kubern.request import RequestContext

Object = dict[str, Any]
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


async def patch(scope: RequestScope, ctx: RequestContext, receive: Receive, send: Send) -> None:
    """Apply the patch in the body; 201 when a server-side apply created the object."""
    patch_type = _patch_type(scope, ctx)
    media = scope.choose(ctx)
    body = await read_body(receive, ctx.headers)
    if ctx.audit is not None:
        ctx.audit.set_request_patch(body)
    dry_run, manager, validation = write_options(ctx, "PatchOptions", _patch_errors(ctx, patch_type))
    patcher = _patcher(scope, ctx, patch_type, body, validation, manager)
    admit = AdmitUpdate(scope, ctx, options_object("PatchOptions", ctx, manager, dry_run, validation), dry_run)

    async def updated(old: Object | None) -> Object:
        obj = await scope.settled(lambda: patcher.apply(old))
        if scope.stored:
            check_namespace(ctx, scope.definition, obj)
        check_name(ctx, obj)
        dedup_owner_references(ctx, obj, False)
        obj = await admit.mutate(scope.to_hub(obj), old)
        dedup_owner_references(ctx, obj, True)
        return obj

    written = await scope.storage.update(
        ctx,
        ctx.info.name,
        updated,
        validate=admit.validate,
        validate_create=admit.validate,
        preconditions=Preconditions(),
        force_allow_create=patch_type == APPLY_PATCH and scope.subresource is None,
        dry_run=dry_run,
        strategy=scope.strategy,
    )
    await answer_written(scope, ctx, send, written, media, 201 if written.created else 200)


def _patch_type(scope: RequestScope, ctx: RequestContext) -> str:
    patch_type = ctx.headers.get("content-type", "").split(";", 1)[0]
    if patch_type not in scope.patch_types:
        raise unsupported_media_type(list(scope.patch_types))
    return patch_type


def _patch_errors(ctx: RequestContext, patch_type: str) -> ErrorList:
    """What ValidatePatchOptions checks before that which all writes have in common."""
    if patch_type == APPLY_PATCH:
        if not ctx.query_first("fieldManager"):
            return [field_required(Path("fieldManager"), "is required for apply patch")]
    elif "force" in ctx.query:
        return [field_forbidden(Path("force"), "may not be specified for non-apply patch")]
    return []


def _patcher(
    scope: RequestScope, ctx: RequestContext, patch_type: str, body: bytes, validation: str, manager: str
) -> Patcher:
    if patch_type == APPLY_PATCH:
        return ApplyPatcher(scope, ctx, body, validation, manager)
    manager = manager_or_user_agent(manager, ctx)
    kinds = {JSON_PATCH: JSONPatcher, MERGE_PATCH: MergePatcher, STRATEGIC_PATCH: StrategicPatcher}
    return kinds[patch_type](scope, ctx, body, validation, manager)


class Patcher:
    """One patch, applied to whatever the stored object is."""

    def __init__(self, scope: RequestScope, ctx: RequestContext, body: bytes, validation: str, manager: str) -> None:
        self.scope = scope
        self.ctx = ctx
        self.validation = validation
        self.manager = manager
        self.reported = False
        self.strict_errors: list[str] = []
        self.body = body
        self.parsed = False

    def parse(self, body: bytes) -> None:
        """Read the patch. Raises StatusError 400 or 413."""
        raise TypeError

    def parse_once(self) -> None:
        """Read the patch when there is an object to apply it to: a patch of what is not there is a 404 first."""
        if not self.parsed:
            self.parse(self.body)
            self.parsed = True

    def patched(self, live: Object) -> Object:
        """The live object (of the request's version, not to be changed) with the patch applied."""
        raise TypeError

    def apply(self, old: Object | None) -> Object:
        """The new object in the request's version, normalised, defaulted, its fields owned."""
        scope = self.scope
        if old is None:
            raise scope.storage.not_found(self.ctx.info.name)
        self.parse_once()
        live = scope.copy_from_hub(old)
        obj = self.normalise(self.patched(live))
        return scope.field_manager.update_no_errors(live, obj, self.manager)

    def normalise(self, obj: Object) -> Object:
        """Types checked and forms made canonical, as if the outcome had been sent whole."""
        scope = self.scope
        shown = self.show(obj) if self.validation == "Strict" else ""
        try:
            strict_errors = self.decode(obj, self.validation != "Ignore")
        except StatusError as error:
            raise error if error.code == 422 else self.decode_error(obj, error) from None
        self._report([*self.strict_errors, *strict_errors], shown)
        if obj.get("apiVersion") != scope.api_version or obj.get("kind") != scope.kind:
            obj["apiVersion"], obj["kind"] = scope.api_version, scope.kind
        obj.setdefault("metadata", {})
        scope.default(obj)
        return obj

    def decode(self, obj: Object, strict: bool) -> list[str]:
        """Bring the outcome to normal form, in place; the strict errors. Raises StatusError 400, 422."""
        return self.scope.codec.normalise(obj, strict)

    def _report(self, strict_errors: list[str], shown: str) -> None:
        if not strict_errors or self.reported:
            return
        if self.validation == "Strict":
            text = ", ".join(strict_errors)
            raise _invalid_patch(shown, f"strict decoding error: {text}")
        if self.validation == "Warn":
            warn_of_strict_errors(self.ctx, strict_errors)
        self.reported = True

    def show(self, obj: Any) -> str:
        """What error messages show as the patch: its outcome."""
        return orjson.dumps(obj, option=orjson.OPT_SORT_KEYS).decode()

    def decode_error(self, obj: Any, error: StatusError) -> StatusError:
        """The outcome does not decode: 422 at `patch`."""
        return _invalid_patch(self.show(obj), decode_cause(error))


def _invalid_patch(shown: str, problem: str) -> StatusError:
    return invalid(GroupKind("", ""), "", [field_invalid(Path("patch"), shown, problem)])


def decode_cause(error: StatusError) -> str:
    """The decoder's own words in a `cannot be handled as` message."""
    _, sep, cause = error.message.partition("cannot be handled as a ")
    return cause.partition(": ")[2] if sep else error.message


class _TextPatcher(Patcher):
    """A patch of the object's JSON text, whose outcome may claim to be anything."""

    def decode(self, obj: Any, strict: bool) -> list[str]:
        """Like a body: it has to be an object, of this kind."""
        codec = self.scope.codec
        if isinstance(codec, TypedCodec) and not codec.is_own(obj):
            codec.check_claim(obj)
        if not isinstance(obj, dict):
            raise bad_request(str(not_an_object(obj)))
        if isinstance(codec, TypedCodec):
            return codec.normalise(obj, strict)
        if not obj.get("kind"):
            raise bad_request(f"Object 'Kind' is missing in '{self.show(obj)}'")
        strict_errors = codec.normalise(obj, strict)
        self._check_type(obj)
        return strict_errors

    def _check_type(self, obj: Object) -> None:
        """An object without a Go type may claim to be anything; its validation says no. Raises StatusError 422."""
        kind, version = obj["kind"], obj.get("apiVersion", "")
        wanted = (("kind", kind, self.scope.kind), ("apiVersion", version, self.scope.api_version))
        errors = [field_invalid(Path(name), value, f"must be {own}") for name, value, own in wanted if value != own]
        if errors:
            claimed = GroupKind(version.partition("/")[0] if "/" in version else "", kind)
            raise invalid(claimed, self.ctx.info.name, errors)


class JSONPatcher(_TextPatcher):
    """application/json-patch+json"""

    def parse(self, body: bytes) -> None:
        from kubern.apimachinery.patch.json_patch import parse_json_patch

        self.patch = parse_json_patch(body, self.validation != "Ignore")
        self.strict_errors = self.patch.strict_errors

    def patched(self, live: Object) -> Object:
        from kubern.apimachinery.patch.json_patch import apply_json_patch

        out: Object = apply_json_patch(live, self.patch)
        return out


class MergePatcher(_TextPatcher):
    """application/merge-patch+json"""

    def parse(self, body: bytes) -> None:
        from kubern.apimachinery.patch.merge_patch import parse_merge_patch

        self.patch = parse_merge_patch(body, self.validation != "Ignore")
        self.strict_errors = self.patch.strict_errors

    def patched(self, live: Object) -> Object:
        from kubern.apimachinery.patch.merge_patch import apply_merge_patch

        return apply_merge_patch(live, self.patch)  # type: ignore[no-any-return]


class StrategicPatcher(Patcher):
    """application/strategic-merge-patch+json"""

    def parse(self, body: bytes) -> None:
        from kubern.apimachinery.patch.strategic import parse_strategic_patch

        self.patch = parse_strategic_patch(body, self.validation != "Ignore")
        self.strict_errors = self.patch.strict_errors

    def patched(self, live: Object) -> Object:
        from kubern.apimachinery.patch.strategic import apply_strategic_patch

        schema = self.scope.version.schema
        return apply_strategic_patch(live, self.patch, schema() if schema is not None else None)

    def decode(self, obj: Object, strict: bool) -> list[str]:
        """Converted as upstream converts it, which is not how bodies are decoded."""
        codec = self.scope.codec
        if not isinstance(codec, TypedCodec):
            return super().decode(obj, strict)
        try:
            return codec.restore(obj, strict)
        except DecodeError as error:
            raise _invalid_patch(self.show(obj), str(error)) from None

    def decode_error(self, obj: Object, error: StatusError) -> StatusError:
        """Already worded by `decode`."""
        return error if error.code == 422 else super().decode_error(obj, error)

    def show(self, obj: Any) -> str:
        """The patch itself."""
        return print_value(self.patch.patch)


class ApplyPatcher(Patcher):
    """application/apply-patch+yaml: server-side apply."""

    def parse(self, body: bytes) -> None:
        from kubern.apimachinery.codec.apply import decode_apply_patch

        self.force = "force" in self.ctx.query and parse_bool_query(self.ctx.query_first("force"))
        self.patch, strict_errors = decode_apply_patch(body)
        self.duplicates = strict_errors

    def apply(self, old: Object | None) -> Object:
        scope = self.scope
        self.parse_once()
        live = scope.copy_from_hub(old) if old is not None else scope.empty_object()
        obj = scope.field_manager.apply(live, self.patch, self.manager, self.force)
        if self.duplicates and self.validation == "Strict":
            raise bad_request(f"error strict decoding YAML: {self.duplicates[0]}")
        self._report(self.duplicates, "")
        if obj is live:
            return live
        if old is None:
            self._check_new(obj.setdefault("metadata", {}))
        return self.normalise(obj)

    def _check_new(self, meta: Object) -> None:
        """An apply that creates cannot have meant an object it has seen before."""
        uid, name = meta.get("uid", ""), self.ctx.info.name
        if uid:
            raise conflict(
                self.scope.group_resource,
                name,
                f"uid mismatch: the provided object specified uid {uid}, and no existing object was found",
            )
