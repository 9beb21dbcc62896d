"""Writes that would only renew times in managedFields are no writes (endpoints/handlers/fieldmanager/equality.go)."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def ignore_managed_fields_timestamps(new: Object, old: Object) -> Object:
    """`new`, with the old times in managedFields if those are all that differs from `old`.

    Both in the same version; call it after mutation, before the no-change check of the store.
    """
    entries = (new.get("metadata") or {}).get("managedFields") or []
    old_entries = (old.get("metadata") or {}).get("managedFields") or []
    if len(entries) != len(old_entries) or not entries or entries == old_entries:
        return new
    if any(_timeless(a) != _timeless(b) for a, b in zip(entries, old_entries, strict=True)):
        return new
    restored = {**new, "metadata": {**new["metadata"], "managedFields": old_entries}}
    return restored if restored == old else new


def _timeless(entry: Object) -> Object:
    return {k: v for k, v in entry.items() if k != "time"}
