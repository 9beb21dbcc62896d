"""The Event kind (events.k8s.io): another view on the events of the core group. Next: `../core/event.py`."""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.resource import Cohabitant, ResourceDefinition, VersionDefinition
from kubern_kubeapi.groups.core.event import EVENT_COLUMNS, EventStrategy, event_cells
from kubern_kubeapi.groups.declare import schema

Object = dict[str, Any]

_CORE_NAMES = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
_OWN_NAMES = {core: own for own, core in _CORE_NAMES.items()}
_ABOUT = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_FIELD_LABELS = {
    "reason": "reason",
    "type": "type",
    "reportingController": "reportingComponent",
    **{f"regarding.{name}": f"involvedObject.{name}" for name in _ABOUT},
}
_ALWAYS_IN_CORE = {"reportingComponent": "", "reportingInstance": ""}
"""Fields that core/v1 writes even when they are empty and this group does not."""


def to_core(obj: Object) -> None:
    """Rename the fields in place."""
    _rename(obj, _CORE_NAMES)
    for name, empty in _ALWAYS_IN_CORE.items():
        obj.setdefault(name, empty)


def from_core(obj: Object) -> None:
    """Rename the fields in place."""
    for name, empty in _ALWAYS_IN_CORE.items():
        if obj.get(name) == empty:
            obj.pop(name, None)
    if not obj.get("count"):
        obj.pop("count", None)
    _rename(obj, _OWN_NAMES)


def _rename(obj: Object, names: dict[str, str]) -> None:
    for name in [n for n in obj if n in names]:
        obj[names[name]] = obj.pop(name)


def _cells(obj: Object) -> list[Any]:
    core = dict(obj)
    to_core(core)
    return event_cells(core)


RESOURCE = ResourceDefinition(
    group="events.k8s.io",
    resource="events",
    kind="Event",
    versions=(
        VersionDefinition(
            "v1",
            schema=schema("events.k8s.io", "v1", "Event"),
            to_hub=to_core,
            from_hub=from_core,
            field_labels=_FIELD_LABELS,
            columns=EVENT_COLUMNS,
            cells=_cells,
        ),
    ),
    strategy=EventStrategy(),
    singular="event",
    short_names=("ev",),
    cohabits=Cohabitant("", "v1", "events"),
)
