"""metadata.managedFields decoded: who (manager, operation, version, subresource) owns which set since when.

Upstream: managedfields/internal/managedfields.go. Next: `updater.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from kubern.apimachinery.managedfields import fieldsv1
from kubern.apimachinery.managedfields.fieldset import FieldSet
from kubern.util.goprint import print_value
from kubern.util.goquote import go_quote

APPLY = "Apply"
UPDATE = "Update"
Entry = dict[str, Any]


class ManagerKey(NamedTuple):
    """What makes two entries one: appliers are the same in every version, so theirs is ""."""

    manager: str
    operation: str
    api_version: str
    subresource: str

    def identifier(self) -> str:
        """The JSON text by which upstream sorts managers."""
        members = {"manager": self.manager, "operation": self.operation}
        if self.api_version:
            members["apiVersion"] = self.api_version
        if self.subresource:
            members["subresource"] = self.subresource
        return orjson.dumps({k: v for k, v in members.items() if v}).decode()


class VersionedSet(NamedTuple):
    """Owned fields, written in a version. `entry` is the wire form they were read from, while it still holds."""

    fields: FieldSet
    api_version: str
    applied: bool
    time: str = ""
    entry: Entry | None = None


Managed = dict[ManagerKey, VersionedSet]


def is_reset(entries: Any) -> bool:
    """Whether a request asks to forget all ownership: an empty list, or a list of one empty entry."""
    if not isinstance(entries, list):
        return False
    return not entries or (len(entries) == 1 and not any((entries[0] or {}).values()))


def key_of(entry: Mapping[str, Any]) -> ManagerKey:
    """The key of a wire entry."""
    operation = entry.get("operation", "")
    api_version = "" if operation == APPLY else entry.get("apiVersion", "")
    return ManagerKey(entry.get("manager", ""), operation, api_version, entry.get("subresource", ""))


def read_trusted(entries: Iterable[Entry]) -> Managed:
    """Entries that were read from the store: valid, their sets canonical."""
    return {
        key_of(entry): VersionedSet(
            entry.get("fieldsV1") or {},
            entry["apiVersion"],
            entry["operation"] == APPLY,
            entry.get("time") or "",
            entry,
        )
        for entry in entries
    }


def decode(entries: Iterable[Entry]) -> Managed:
    """Entries that a client sent. Raises ValueError with upstream's text (DecodeManagedFields)."""
    out: Managed = {}
    for i, entry in enumerate(entries):
        operation = entry.get("operation")
        if operation not in (APPLY, UPDATE):
            raise ValueError("operation must be `Apply` or `Update`")
        api_version = entry.get("apiVersion")
        if not api_version:
            raise ValueError("apiVersion must not be empty")
        fields_type = entry.get("fieldsType")
        if not fields_type:
            raise ValueError(f"missing fieldsType in managed fields entry {i}")
        if fields_type != "FieldsV1":
            raise ValueError(f"invalid fieldsType {go_quote(fields_type)} in managed fields entry {i}")
        try:
            fields = fieldsv1.decode(entry.get("fieldsV1") or {})
        except ValueError as error:
            shown = print_value(entry)
            raise ValueError(f"error decoding versioned set from {shown}: error decoding set: {error}") from None
        out[key_of(entry)] = VersionedSet(fields, api_version, operation == APPLY, entry.get("time") or "")
    return out


def encode(managed: Managed) -> list[Entry]:
    """The wire form, sorted: appliers first, then by time, manager, version and subresource."""
    entries = [versioned.entry or _entry(key, versioned) for key, versioned in managed.items()]
    if len(entries) > 1:
        entries.sort(key=_order)
    return entries


def _entry(key: ManagerKey, versioned: VersionedSet) -> Entry:
    entry: Entry = {}
    if key.manager:
        entry["manager"] = key.manager
    entry["operation"] = APPLY if versioned.applied else key.operation
    entry["apiVersion"] = versioned.api_version
    if versioned.time:
        entry["time"] = versioned.time
    entry["fieldsType"] = "FieldsV1"
    entry["fieldsV1"] = versioned.fields
    if key.subresource:
        entry["subresource"] = key.subresource
    return entry


def _order(entry: Entry) -> tuple[str, str, str, str, str]:
    # Times are UTC to the second, so their texts sort as they do; an entry without one is the oldest.
    return (
        entry["operation"],
        entry.get("time") or "",
        entry.get("manager", ""),
        entry["apiVersion"],
        entry.get("subresource", ""),
    )
