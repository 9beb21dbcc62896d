"""FieldManager: keeps metadata.managedFields of one endpoint's objects, and performs server-side apply.

Upstream builds it from ten nested managers (NewDefaultFieldManager); here they are the steps of `update` and `apply`:
version check, last-applied annotation, objects without ownership, the cap on entries, manager identity, times,
metadata that nobody owns, structured merge (`updater.py`).
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from kubern.apimachinery.errors import StatusError, bad_request
from kubern.apimachinery.managedfields import last_applied
from kubern.apimachinery.managedfields.conflicts import Conflicts
from kubern.apimachinery.managedfields.errors import MissingVersionError, TypedError
from kubern.apimachinery.managedfields.fieldset import (
    LEAF,
    FieldSet,
    difference,
    has,
    of_paths,
    recursive_difference,
    union,
)
from kubern.apimachinery.managedfields.limits import cap_update_managers
from kubern.apimachinery.managedfields.managed import (
    APPLY,
    UPDATE,
    Entry,
    Managed,
    ManagerKey,
    VersionedSet,
    decode,
    encode,
    is_reset,
    read_trusted,
)
from kubern.apimachinery.managedfields.newobjects import NewObjects, text_of_spec
from kubern.apimachinery.managedfields.types import Type
from kubern.apimachinery.managedfields.updater import Updater
from kubern.apimachinery.managedfields.validate import validate
from kubern.apimachinery.managedfields.versions import Versions
from kubern.apimachinery.managedfields.zero import sent_empties

Object = dict[str, Any]
_MAX_REMEMBERED = 64
BEFORE_FIRST_APPLY = "before-first-apply"

_NOBODY_OWNS: FieldSet = of_paths(
    [
        ("f:apiVersion",),
        ("f:kind",),
        ("f:metadata",),
        *(
            ("f:metadata", "f:" + name)
            for name in (
                "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation",
                "managedFields", "resourceVersion",
            )
        ),
    ]
)  # fmt: skip


def utc_now() -> str:
    """The time as metadata carries it, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class FieldManager:
    """Ownership for one endpoint: a kind in one version, or one of its subresources.

    `reset_fields` are the fields that the endpoint ignores (("status",) for a main resource). `zero` is the kind's
    empty object (`zero.py`), with which new objects are compared; None for custom resources.
    """

    def __init__(
        self,
        api_version: str,
        kind: str,
        versions: Versions,
        *,
        subresource: str = "",
        reset_fields: Iterable[tuple[str, ...]] = (),
        zero: Callable[[], Object] | None = None,
        now: Callable[[], str] = utc_now,
    ) -> None:
        self.api_version = api_version
        self.kind = kind
        self.versions = versions
        self.subresource = subresource
        self.ignored = of_paths([tuple("f:" + name for name in path) for path in reset_fields])
        self.updater = Updater(versions, self.ignored)
        self.now = now
        self._make_zero = zero
        self._zero: Object | None = None
        self._new: NewObjects | None = None
        self._live_spec_fits = functools.lru_cache(maxsize=_MAX_REMEMBERED)(_spec_fits)

    # ---------------------------------------------------------------- create, update, patch

    def update_no_errors(self, live: Object | None, new: Object, manager: str, sent: Object | None = None) -> Object:
        """`update`; a new object whose fields cannot be told keeps the live object's managedFields."""
        try:
            return self.update(live, new, manager, sent)
        except TypedError:
            return _with_entries(new, (live or {}).get("metadata", {}).get("managedFields"))

    def update(self, live: Object | None, new: Object, manager: str, sent: Object | None = None) -> Object:
        """`new` (of this version, defaulted) with managedFields saying what `manager` changed since `live`.

        `live` is None for a new object, whose body as sent may be given for the empty lists in it (`zero.py`).
        Raises TypedError.
        """
        metadata = new.get("metadata")
        if not isinstance(metadata, dict):
            return new
        live_metadata = (live or {}).get("metadata") or {}
        managed = self._decode_live_or_new(live_metadata, metadata)
        if not managed and live_metadata.get("uid"):
            return _with_entries(new, None)
        if live is None or not live_metadata.get("uid"):
            live = self._empty()
            also = sent_empties(live, sent) if sent is not None else {}
        else:
            also = {}
        managed = cap_update_managers(self._update(live, new, managed, manager, also))
        return _with_entries(new, _unchanged_or(encode(managed), live_metadata.get("managedFields")))

    def _update(self, live: Object, new: Object, managed: Managed, manager: str, also: FieldSet = LEAF) -> Managed:
        """Ownership after an update; the manager's entry, and its time, change only if it changed something."""
        managed, changed = self.updater.update(live, new, self.api_version, managed, self._new_objects(live))
        changed = union(changed, also)
        own = difference(recursive_difference(changed, self.ignored), _NOBODY_OWNS)
        if own:
            key = ManagerKey(manager or "unknown", UPDATE, self.api_version, self.subresource)
            previous = managed.get(key)
            fields = union(own, previous.fields) if previous else own
            managed[key] = VersionedSet(fields, self.api_version, False, self.now())
        return managed

    def _decode_live_or_new(self, live_metadata: Object, new_metadata: Object) -> Managed:
        """Whose word counts: the request's on the main resource if it makes sense, else the live object's."""
        live_entries: list[Entry] = live_metadata.get("managedFields") or []
        entries = new_metadata.get("managedFields")
        if not self.subresource and entries is not live_entries and entries != live_entries:
            if is_reset(entries):
                return {}
            try:
                managed = decode(entries or ())
            except ValueError:
                managed = {}
            if managed:
                return managed
        return read_trusted(live_entries)

    # ---------------------------------------------------------------- apply

    def apply(self, live: Object | None, patch: Object, manager: str, force: bool = False) -> Object:
        """`live` with the configuration `patch` applied: merged, pruned, with managedFields, but not yet defaulted.

        `live` itself when nothing changes, its ownership included; None creates. Raises StatusError: 400 for a
        configuration of another kind or with managedFields, 409 for conflicts, 500 for one that does not fit.
        """
        live = live if live is not None else {"apiVersion": self.api_version, "kind": self.kind}
        entries = (live.get("metadata") or {}).get("managedFields")
        self._check_patch(patch)
        try:
            obj, managed = self._apply_with_last_applied(live, patch, read_trusted(entries or ()), manager, force)
        except Conflicts as conflicts:
            raise conflicts.status_error() from None
        result = _with_entries(obj, _unchanged_or(encode(managed), entries))
        if manager == last_applied.KUBECTL and last_applied.last_applied(result):
            result = last_applied.with_last_applied(result, patch)
        return live if obj is live and result == live else result

    def _check_patch(self, patch: Object) -> None:
        if patch.get("apiVersion") != self.api_version or patch.get("kind") != self.kind:
            raise bad_request(f"invalid object type: {_gvk(patch)}")
        metadata = patch.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("managedFields"), list):
            raise bad_request("metadata.managedFields must be nil")

    def _apply_with_last_applied(
        self, live: Object, patch: Object, managed: Managed, manager: str, force: bool
    ) -> tuple[Object, Managed]:
        """Conflicts with what kubectl's client-side apply set, and nobody changed since, do not count for kubectl."""
        try:
            return self._apply(live, patch, managed, manager, force)
        except Conflicts as conflicts:
            if manager != last_applied.KUBECTL:
                raise
            type_ = self.versions.type(self.api_version)
            allowed = last_applied.allowed_conflicts(type_, live, self.api_version)
            if allowed is None:
                raise
            left = [conflict for conflict in conflicts.conflicts if not has(allowed, conflict.path)]
            if left:
                raise Conflicts(left) from None
        return self._apply(live, patch, managed, manager, True)

    def _apply(
        self, live: Object, patch: Object, managed: Managed, manager: str, force: bool
    ) -> tuple[Object, Managed]:
        """The object (`live` itself when it does not change) and who owns what."""
        if not managed:
            managed = self._before_first_apply(live)
        self._check_types(live, patch)
        key = ManagerKey(manager or "unknown", APPLY, "", self.subresource)
        try:
            obj, managed = self.updater.apply(live, patch, self.api_version, managed, key, force)
        except TypedError as error:
            raise StatusError(500, "", f"failed to merge config: {error}") from None
        own = managed.get(key)
        if own is not None:
            fields = difference(own.fields, _NOBODY_OWNS)
            if fields:
                managed[key] = own._replace(fields=fields, time=own.time if obj is None else self.now())
            else:
                del managed[key]
        return (live if obj is None else obj), managed

    def _before_first_apply(self, live: Object) -> Managed:
        """An object that nobody owned so far: all of it belongs to who was there before. Raises StatusError 500."""
        try:
            validate(self.versions.type(self.api_version), _with_entries(live, None), allow_duplicates=True)
            return self._update(self._empty(), live, {}, BEFORE_FIRST_APPLY)
        except TypedError as error:
            problem = str(error)
        except MissingVersionError:
            problem = f"no corresponding type for {_gvk(live)}"
        shown = f"failed to convert new object ({_show_object(live)}) to smd typed: {problem}"
        raise StatusError(500, "", f"failed to create manager for existing fields: {shown}")

    def _check_types(self, live: Object, patch: Object) -> None:
        """Both must fit the schema; only the live object may repeat items. Raises StatusError 500."""
        try:
            type_ = self.versions.type(self.api_version)
        except MissingVersionError:
            raise StatusError(500, "", f"no corresponding type for {_gvk(patch)}") from None
        try:
            validate(type_, patch)
        except TypedError as error:
            shown = _show_object(patch)
            raise StatusError(500, "", f"failed to create typed patch object ({shown}): {error}") from None
        try:
            self._check_live(type_, live)
        except TypedError as error:
            shown = _show_object(live)
            raise StatusError(500, "", f"failed to create typed live object ({shown}): {error}") from None

    def _check_live(self, type_: Type, live: Object) -> None:
        """Raises TypedError. Live objects are mostly those that were checked before, or made like them."""
        rest = _with_entries(live, None)
        text = text_of_spec(live)
        if text is not None and self._live_spec_fits(type_, text):
            rest = {name: value for name, value in rest.items() if name != "spec"}
        validate(type_, rest, allow_duplicates=True)

    # ---------------------------------------------------------------- helpers

    def _new_objects(self, live: Object) -> NewObjects | None:
        """For comparisons with `live` if it is the empty object."""
        if live is not self._zero:
            return None
        if self._new is None:
            self._new = NewObjects(self.versions.type(self.api_version), live)
        return self._new

    def _empty(self) -> Object:
        """What a new object is compared with."""
        if self._zero is None:
            zero = self._make_zero() if self._make_zero else {}
            self._zero = {**zero, "apiVersion": self.api_version, "kind": self.kind}
        return self._zero


def _spec_fits(type_: Type, text: bytes) -> bool:
    try:
        validate(type_, {"spec": orjson.loads(text)}, allow_duplicates=True)
    except TypedError:
        return False
    return True


def _with_entries(obj: Object, entries: list[Entry] | None) -> Object:
    """`obj` with these managedFields, without any for none; `obj` itself if they are there already."""
    metadata = obj.get("metadata") or {}
    current = metadata.get("managedFields")
    if current is entries and (entries or "managedFields" not in metadata):
        return obj
    metadata = {k: v for k, v in metadata.items() if k != "managedFields"}
    if entries:
        metadata["managedFields"] = entries
    return {**obj, "metadata": metadata}


def _unchanged_or(entries: list[Entry], live_entries: list[Entry] | None) -> list[Entry] | None:
    """`entries`, or the live object's very own list if they are equal."""
    return live_entries if live_entries and entries == live_entries else entries


def _gvk(obj: Object) -> str:
    """A group, version and kind as Go prints them: `apps/v1, Kind=Deployment`, `/v1, Kind=Pod`."""
    api_version, kind = obj.get("apiVersion"), obj.get("kind")
    api_version = api_version if isinstance(api_version, str) else ""
    kind = kind if isinstance(kind, str) else ""
    if api_version.count("/") > 1:
        return "/, Kind="
    group, _, version = api_version.rpartition("/")
    return f"{group}/{version}, Kind={kind}"


def _show_object(obj: Object) -> str:
    """Namespace, name and kind of an object in messages."""
    metadata = obj.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    namespace, name = metadata.get("namespace"), metadata.get("name")
    namespace = namespace if isinstance(namespace, str) else ""
    return f"{namespace}/{name if isinstance(name, str) else ''}; {_gvk(obj)}"
