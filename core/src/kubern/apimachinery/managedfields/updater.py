"""Ownership after a write, and the object after an apply (upstream: structured-merge-diff/merge/update.go).

Next: `manager.py`, which reads and writes metadata.managedFields around this.
"""

from __future__ import annotations

import functools
from typing import Any

import orjson

from kubern.apimachinery.managedfields.compare import compare
from kubern.apimachinery.managedfields.conflicts import Conflicts
from kubern.apimachinery.managedfields.errors import MissingVersionError
from kubern.apimachinery.managedfields.fieldset import (
    FieldSet,
    difference,
    intersection,
    recursive_difference,
    union,
)
from kubern.apimachinery.managedfields.managed import Managed, ManagerKey, VersionedSet
from kubern.apimachinery.managedfields.merge import merge
from kubern.apimachinery.managedfields.newobjects import Comparison, NewObjects
from kubern.apimachinery.managedfields.remove import remove
from kubern.apimachinery.managedfields.schemachange import ensure_named_fields_are_members, reconcile_with_schema
from kubern.apimachinery.managedfields.toset import to_field_set
from kubern.apimachinery.managedfields.types import Type
from kubern.apimachinery.managedfields.values import equal
from kubern.apimachinery.managedfields.versions import Versions

Object = dict[str, Any]
_MAX_REMEMBERED = 64
_MAX_REMEMBERED_BYTES = 8 * 1024


class Updater:
    """Computes ownership for one kind. `ignored` are fields that this endpoint resets and nobody comes to own."""

    def __init__(self, versions: Versions, ignored: FieldSet) -> None:
        self.versions = versions
        self.ignored = ignored
        self._reconcile_remembered = functools.lru_cache(maxsize=_MAX_REMEMBERED)(self._reconcile)

    def update(
        self, live: Object, new: Object, api_version: str, managed: Managed, new_objects: NewObjects | None
    ) -> tuple[Managed, FieldSet]:
        """What the others still own after `live` became `new`, and the fields that whoever did it now owns.

        With `new_objects`, `live` is its empty object. Raises TypedError.
        """
        managed = self._reconciled(managed)
        if new_objects is not None:
            comparison = self._without_ignored(new_objects.compare(new))
        else:
            comparison = self._compare(live, new, api_version)
        managed, _ = self._without_changed(live, new, api_version, comparison, managed, None, True)
        return managed, comparison[0]

    def apply(
        self, live: Object, config: Object, api_version: str, managed: Managed, manager: ManagerKey, force: bool
    ) -> tuple[Object | None, Managed]:
        """The object after applying `config`, None when nothing changes, and who owns what then.

        Raises TypedError, Conflicts.
        """
        managed = self._reconciled(managed)
        type_ = self.versions.type(api_version)
        merged: Object = merge(type_, live, config)
        last = managed.get(manager)
        fields = recursive_difference(to_field_set(type_, config), self.ignored)
        time = last.time if last else ""
        managed[manager] = VersionedSet(fields, api_version, True, time)
        new = self._prune(merged, managed, manager, last)
        comparison = self._compare(live, new, api_version)
        managed, conflicts = self._without_changed(live, new, api_version, comparison, managed, manager, force)
        if conflicts:
            raise Conflicts.of(conflicts)
        return (None if equal(live, new) else new), managed

    def _reconciled(self, managed: Managed) -> Managed:
        """Sets brought up to the schema; those of versions that are not served any more are dropped."""
        out: Managed = {}
        for key, versioned in managed.items():
            try:
                type_ = self.versions.type(versioned.api_version)
            except MissingVersionError:
                continue
            text = orjson.dumps(versioned.fields)
            reconcile = self._reconcile_remembered if len(text) <= _MAX_REMEMBERED_BYTES else self._reconcile
            fields = reconcile(type_, text)
            out[key] = versioned if fields is None else versioned._replace(fields=fields, entry=None)
        return out

    @staticmethod
    def _reconcile(type_: Type, text: bytes) -> FieldSet | None:
        """The reconciled set, None when it is as it was. Objects of a kind have few different ones."""
        fields = orjson.loads(text)
        reconciled = reconcile_with_schema(type_, fields)
        return None if reconciled is fields else reconciled

    def _compare(self, old: Object, new: Object, api_version: str) -> Comparison:
        return self._without_ignored(compare(self.versions.type(api_version), old, new))

    def _without_ignored(self, comparison: Comparison) -> Comparison:
        if not self.ignored:
            return comparison
        changed, removed = comparison
        return recursive_difference(changed, self.ignored), recursive_difference(removed, self.ignored)

    def _without_changed(
        self,
        live: Object,
        new: Object,
        api_version: str,
        comparison: Comparison,
        managed: Managed,
        manager: ManagerKey | None,
        force: bool,
    ) -> tuple[Managed, dict[ManagerKey, FieldSet]]:
        """The others' sets without what changed or went. Without `force`, also what would be taken from whom."""
        comparisons = {api_version: comparison}
        conflicts: dict[ManagerKey, FieldSet] = {}
        out: Managed = {}
        for key, versioned in managed.items():
            if key == manager:
                out[key] = versioned
                continue
            known = comparisons.get(versioned.api_version)
            if known is None:
                known = self._compare_in(versioned.api_version, live, new)
                if known is None:
                    continue
                comparisons[versioned.api_version] = known
            changed, removed = known
            if not force:
                taken = intersection(versioned.fields, changed)
                if taken:
                    conflicts[key] = taken
            fields = difference(difference(versioned.fields, changed), removed)
            if fields is versioned.fields:
                out[key] = versioned
            elif fields:
                out[key] = versioned._replace(fields=fields, entry=None)
        return {key: versioned for key, versioned in out.items() if versioned.fields}, conflicts

    def _compare_in(self, api_version: str, live: Object, new: Object) -> Comparison | None:
        """The comparison in another version, None when the objects cannot be brought to it."""
        try:
            old = self.versions.convert(live, api_version)
            return self._compare(old, self.versions.convert(new, api_version), api_version)
        except MissingVersionError:
            return None

    # ---------------------------------------------------------------- pruning

    def _prune(self, merged: Object, managed: Managed, manager: ManagerKey, last: VersionedSet | None) -> Object:
        """`merged` without what the manager applied last time, does not apply now, and no one else owns."""
        if last is None or not last.fields:
            return merged
        try:
            type_ = self.versions.type(last.api_version)
            converted = self.versions.convert(merged, last.api_version)
        except MissingVersionError:
            return merged
        last_fields = ensure_named_fields_are_members(type_, last.fields)
        now = managed[manager]
        if now.api_version == last.api_version:
            # What is still applied stays; usually that is everything.
            kept = ensure_named_fields_are_members(type_, now.fields)
            if not difference(last_fields, kept):
                return merged
        pruned = remove(type_, converted, last_fields)
        everything = _everything(type_, converted)
        pruned = self._add_back_owned(converted, pruned, last.api_version, managed, everything)
        pruned = self._add_back_dangling(converted, pruned, last_fields, last.api_version, everything)
        return self.versions.convert(pruned, now.api_version)

    def _add_back_owned(
        self, merged: Object, pruned: Object, pruned_version: str, managed: Managed, everything: FieldSet
    ) -> Object:
        """`pruned` with everything that some manager (the applying one included) owns.

        `everything` is the set of all of `merged` in the version that it is in, which is the first one looked at.
        """
        by_version: dict[str, FieldSet] = {pruned_version: {}}
        for versioned in managed.values():
            owned = by_version.get(versioned.api_version, {})
            by_version[versioned.api_version] = union(owned, versioned.fields)
        for version, owned in by_version.items():
            if not owned:
                continue
            try:
                type_ = self.versions.type(version)
                merged = self.versions.convert(merged, version)
                pruned = self.versions.convert(pruned, version)
            except MissingVersionError:
                continue
            if version != pruned_version:
                everything = _everything(type_, merged)
            left = _everything(type_, pruned)
            kept = union(left, ensure_named_fields_are_members(type_, owned))
            pruned = remove(type_, merged, difference(everything, kept))
        return pruned

    def _add_back_dangling(
        self, merged: Object, pruned: Object, last: FieldSet, version: str, everything: FieldSet
    ) -> Object:
        """`merged` without what pruning took, as far as the manager had applied it: the rest is nobody's."""
        try:
            converted = self.versions.convert(pruned, version)
        except MissingVersionError:
            return merged
        type_ = self.versions.type(version)
        left = _everything(type_, converted)
        return remove(type_, merged, intersection(difference(everything, left), last))  # type: ignore[no-any-return]


def _everything(type_: Type, obj: Object) -> FieldSet:
    """All fields of an object, structs on the way included."""
    return ensure_named_fields_are_members(type_, to_field_set(type_, obj))
