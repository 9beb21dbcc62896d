"""The Event kind, stored as core/v1 whichever group wrote it. Next: `../events/event.py`, the other group's view.

Writes through events.k8s.io are held to stricter rules, as upstream's pkg/apis/core/validation/events.go does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubern.apimachinery import field, names
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.printing import since
from kubern.apimachinery.resource import NAME_COLUMN, Column, ResourceDefinition, VersionDefinition
from kubern.apimachinery.validation.formats import validate_qualified_name
from kubern.apimachinery.validation.objectmeta import validate_immutable
from kubern.registry.strategy import Strategy
from kubern_kubeapi.groups.columns import described
from kubern_kubeapi.groups.core.persistentvolume_internal import INTERNAL_TYPES
from kubern_kubeapi.groups.declare import schema
from kubern_kubeapi.groups.objectmeta import validate_object_meta, validate_object_meta_update

if TYPE_CHECKING:
    from kubern.request import RequestContext

Object = dict[str, Any]

EVENTS_GROUP = "events.k8s.io"
_NAMESPACE = Path("involvedObject", "namespace")
_MAX_SHORT = 128
_MAX_NOTE = 1024
_UNSET_IN_V1 = (("firstTimestamp", "firstTimestamp"), ("lastTimestamp", "lastTimestamp"), ("count", "count"))
_IMMUTABLE = (
    ("involvedObject", "involvedObject"),
    ("reason", "reason"),
    ("message", "message"),
    ("source", "source"),
    ("firstTimestamp", "firstTimestamp"),
    ("lastTimestamp", "lastTimestamp"),
    ("count", "count"),
    ("reason", "reason"),
    ("type", "type"),
    ("eventTime", "eventTime"),
    ("action", "action"),
    ("related", "related"),
    ("reportingComponent", "reportingController"),
    ("reportingInstance", "reportingInstance"),
)
"""Wire names and the names that messages use for them."""
_STRUCTS = {"involvedObject": "ObjectReference", "source": "EventSource", "related": "ObjectReference"}


def validate_legacy(event: Object, controller: str) -> ErrorList:
    """What every event is held to; `controller` is how the request's version calls that field.

    Upstream: legacyValidateEvent.
    """
    namespace = event["metadata"].get("namespace", "")
    about = event.get("involvedObject", {}).get("namespace", "")
    errors: ErrorList = []
    if event.get("eventTime"):
        if not about and namespace not in ("default", "kube-system"):
            errors.append(_mismatch(about))
        errors += _validate_reported(event, Path(controller))
    elif about != namespace and (about or namespace != "default"):
        errors.append(_mismatch(about))
    return errors + [field.invalid(Path("namespace"), namespace, m) for m in names.is_dns1123_subdomain(namespace)]


def _mismatch(about: str) -> field.FieldError:
    return field.invalid(_NAMESPACE, about, "does not match event.namespace")


def _validate_reported(event: Object, at: Path) -> ErrorList:
    controller = event.get("reportingComponent", "")
    errors: ErrorList = [] if controller else [field.required(at)]
    errors += validate_qualified_name(controller, at)
    for name in ("reportingInstance", "action", "reason"):
        value = event.get(name, "")
        if not value:
            errors.append(field.required(Path(name)))
        errors += _validate_length(value, name, _MAX_SHORT)
    return errors + _validate_length(event.get("message", ""), "message", _MAX_NOTE)


def _validate_length(value: str, name: str, limit: int) -> ErrorList:
    if len(value.encode()) <= limit:
        return []
    return [field.invalid(Path(name), "", f"can have at most {limit} characters")]


def _validate_series(event: Object) -> ErrorList:
    series = event.get("series")
    if series is None:
        return []
    errors: ErrorList = []
    if series.get("count", 0) < 2:
        errors.append(field.invalid(Path("series.count"), "", "should be at least 2"))
    if not series.get("lastObservedTime"):
        errors.append(field.required(Path("series.lastObservedTime")))
    return errors


def _validate_new_strictly(event: Object) -> ErrorList:
    errors = validate_object_meta(event["metadata"], True, names.name_is_dns_subdomain) + _validate_series(event)
    if not event.get("eventTime"):
        errors.append(field.required(Path("eventTime")))
    kind = event.get("type", "")
    if kind not in ("Normal", "Warning"):
        errors.append(field.invalid(Path("type"), "", f"has invalid value: {kind}"))
    unset = [shown for name, shown in _UNSET_IN_V1 if event.get(name)]
    source = event.get("source") or {}
    if source.get("component") or source.get("host"):
        unset.append("source")
    return errors + [field.invalid(Path(name), "", "needs to be unset") for name in unset]


def _internal(name: str, event: Object) -> Any:
    """A field as messages show it."""
    value = event.get(name)
    kind = _STRUCTS.get(name)
    return INTERNAL_TYPES.render(kind, value) if kind and value is not None else value


class EventStrategy(Strategy):
    """Rules of events."""

    allow_create_on_update = True
    default_garbage_collection_policy = "Unsupported"

    def validate(self, ctx: RequestContext, obj: Object) -> ErrorList:
        if ctx.info.api_group != EVENTS_GROUP:
            return validate_legacy(obj, "reportingComponent")
        return validate_legacy(obj, "reportingController") + _validate_new_strictly(obj)

    def validate_update(self, ctx: RequestContext, obj: Object, old: Object) -> ErrorList:
        if ctx.info.api_group != EVENTS_GROUP:
            return validate_legacy(obj, "reportingComponent")
        errors = validate_legacy(obj, "reportingController")
        errors += validate_object_meta_update(obj["metadata"], old["metadata"])
        if obj.get("series") != old.get("series"):
            errors += _validate_series(obj)
        for name, shown in _IMMUTABLE:
            errors += validate_immutable(_internal(name, obj), _internal(name, old), Path(shown))
        return errors


def _source_text(event: Object) -> str:
    """Component and host, or controller and instance (upstream: formatEventSource)."""
    source = event.get("source") or {}
    component = source.get("component") or event.get("reportingComponent", "")
    host = source.get("host") or event.get("reportingInstance", "")
    return f"{component}, {host}" if host else component


def event_cells(event: Object) -> list[Any]:
    """The cells of an event in its core form (upstream: printEvent)."""
    first, last, when = event.get("firstTimestamp"), event.get("lastTimestamp"), event.get("eventTime")
    series, count = event.get("series"), event.get("count", 0)
    last_seen = since(last or first or when)
    if series is not None:
        last_seen, count = since(series.get("lastObservedTime")), series.get("count", 0)
    elif not count:
        count = 1
    about = event.get("involvedObject", {})
    name, kind = about.get("name", ""), about.get("kind", "").lower()
    target = f"{kind}/{name}" if name else kind
    return [
        last_seen,
        event.get("type", ""),
        event.get("reason", ""),
        target,
        about.get("fieldPath", ""),
        _source_text(event),
        event.get("message", "").strip(),
        since(first or when),
        count,
        event["metadata"]["name"],
    ]


EVENT_COLUMNS = (
    described("Last Seen", "core.v1.Event.lastTimestamp"),
    described("Type", "core.v1.Event.type"),
    described("Reason", "core.v1.Event.reason"),
    described("Object", "core.v1.Event.involvedObject"),
    described("Subobject", "core.v1.ObjectReference.fieldPath", priority=1),
    described("Source", "core.v1.Event.source", priority=1),
    described("Message", "core.v1.Event.message"),
    described("First Seen", "core.v1.Event.firstTimestamp", priority=1),
    described("Count", "core.v1.Event.count", priority=1),
    Column("Name", "string", "name", NAME_COLUMN.description, 1),
)

_ABOUT = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")


def _fields(event: Object) -> Mapping[str, str]:
    about = event.get("involvedObject", {})
    controller = event.get("reportingComponent", "")
    return {
        **{f"involvedObject.{name}": about.get(name, "") for name in _ABOUT},
        "reason": event.get("reason", ""),
        "reportingComponent": controller,
        "source": (event.get("source") or {}).get("component") or controller,
        "type": event.get("type", ""),
    }


RESOURCE = ResourceDefinition(
    group="",
    resource="events",
    kind="Event",
    versions=(VersionDefinition("v1", schema=schema("", "v1", "Event"), columns=EVENT_COLUMNS, cells=event_cells),),
    strategy=EventStrategy(),
    singular="event",
    short_names=("ev",),
    selectable_fields=(
        *(f"involvedObject.{name}" for name in _ABOUT),
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    fields=_fields,
)
