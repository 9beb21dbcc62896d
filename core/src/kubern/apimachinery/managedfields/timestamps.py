"""Writes that would only renew times in managedFields are no writes (endpoints/handlers/fieldmanager/equality.go)."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def ignore_managed_fields_timestamps(new: Object, old: Object) -> None:
    """Give `new` the old times in managedFields, in place, if those are all that differs from `old`.

    Both in the same version, `new` as it is about to be stored.
    """
    metadata = new.get("metadata") or {}
    entries = metadata.get("managedFields") or []
    old_entries = (old.get("metadata") or {}).get("managedFields") or []
    if len(entries) != len(old_entries) or not entries or entries == old_entries:
        return
    if any(_timeless(a) != _timeless(b) for a, b in zip(entries, old_entries, strict=True)):
        return
    metadata["managedFields"] = old_entries
    if new != old:
        metadata["managedFields"] = entries


def _timeless(entry: Object) -> Object:
    return {k: v for k, v in entry.items() if k != "time"}
