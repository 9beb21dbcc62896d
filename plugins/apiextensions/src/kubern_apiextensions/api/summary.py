"""What the server needs to know of every definition all the time: a few hundred bytes instead of the schemas.

A summary is made once per stored state and kept with the cache entry. Whoever needs schemas reads the entry again.
Next: `../handlers/resources.py` and the controllers, which work on summaries.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from kubern.util.kube_version import preference
from kubern_apiextensions.api.crd import API_APPROVED_ANNOTATION, ESTABLISHED, NAMES_ACCEPTED, TERMINATING

if TYPE_CHECKING:
    from kubern.storage.cacher import Entry

Object = dict[str, Any]
_KEPT_AS: Final = "apiextensions summary"


class Names(NamedTuple):
    """spec.names or status.acceptedNames."""

    plural: str = ""
    singular: str = ""
    kind: str = ""
    list_kind: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class ScalePaths:
    """Where the scale subresource of a version finds its numbers, with the leading dot."""

    spec_replicas: str
    status_replicas: str
    label_selector: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class VersionSummary:
    """A version without its schema; `shape` tells whether two versions have the same schema."""

    name: str
    served: bool
    storage: bool
    shape: bytes
    warning: str = ""
    status: bool = False
    scale: ScalePaths | None = None
    selectable: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Summary:
    """A definition in one stored state. `spec` is equal for states with the same spec."""

    name: str
    uid: str
    group: str
    namespaced: bool
    names: Names
    accepted: Names
    versions: tuple[VersionSummary, ...]
    conditions: Mapping[str, str]
    finalizers: tuple[str, ...]
    deleting: bool
    preserve_unknown_fields: bool
    converts_by_webhook: bool
    approval: str
    spec: bytes

    def is_true(self, condition: str) -> bool:
        return self.conditions.get(condition) == "True"

    @property
    def is_served(self) -> bool:
        """Requests are answered; an established definition stays so when its names are no longer accepted."""
        return self.is_true(NAMES_ACCEPTED) or self.is_true(ESTABLISHED)

    @property
    def is_terminating(self) -> bool:
        return self.is_true(TERMINATING)

    @property
    def storage(self) -> VersionSummary:
        return next(v for v in self.versions if v.storage)

    def served(self) -> Iterator[VersionSummary]:
        return (v for v in self.versions if v.served)

    def version(self, name: str) -> VersionSummary | None:
        return next((v for v in self.versions if v.name == name), None)


def summary_of(entry: Entry) -> Summary:
    """The summary of a stored definition, made on first call."""
    if entry.encoded is None:
        entry.encoded = {}
    found: Summary | None = entry.encoded.get(_KEPT_AS)
    if found is None:
        found = entry.encoded[_KEPT_AS] = summarize(orjson.loads(entry.value))
    return found


def summarize(crd: Object) -> Summary:
    """The summary of a definition."""
    meta, spec, status = crd["metadata"], crd["spec"], crd.get("status") or {}
    return Summary(
        name=meta["name"],
        uid=meta.get("uid", ""),
        group=spec["group"],
        namespaced=spec["scope"] == "Namespaced",
        names=_names(spec["names"]),
        accepted=_names(status.get("acceptedNames") or {}),
        versions=tuple(_version(spec, v) for v in spec["versions"]),
        conditions={c["type"]: c["status"] for c in status.get("conditions") or ()},
        finalizers=tuple(meta.get("finalizers") or ()),
        deleting="deletionTimestamp" in meta,
        preserve_unknown_fields=bool(spec.get("preserveUnknownFields")),
        converts_by_webhook=(spec.get("conversion") or {}).get("strategy") == "Webhook",
        approval=(meta.get("annotations") or {}).get(API_APPROVED_ANNOTATION, ""),
        spec=_digest(spec),
    )


def _digest(value: Any) -> bytes:
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _names(names: Object) -> Names:
    return Names(
        names.get("plural", ""),
        names.get("singular", ""),
        names.get("kind", ""),
        names.get("listKind", ""),
        tuple(names.get("shortNames") or ()),
        tuple(names.get("categories") or ()),
    )


def _version(spec: Object, version: Object) -> VersionSummary:
    subresources = version.get("subresources") or {}
    scale = subresources.get("scale")
    return VersionSummary(
        version["name"],
        bool(version.get("served")),
        bool(version.get("storage")),
        _digest(version.get("schema")),
        _warning(spec, version),
        subresources.get("status") is not None,
        None if scale is None else _scale_paths(scale),
        tuple(field.get("jsonPath", "") for field in version.get("selectableFields") or ()),
    )


def _scale_paths(scale: Object) -> ScalePaths:
    return ScalePaths(
        scale.get("specReplicasPath", ""), scale.get("statusReplicasPath", ""), scale.get("labelSelectorPath") or ""
    )


def _warning(spec: Object, version: Object) -> str:
    """What users of a deprecated version are told."""
    if not version.get("deprecated"):
        return ""
    if version.get("deprecationWarning") is not None:
        return str(version["deprecationWarning"])
    group, kind, name = spec["group"], spec["names"]["kind"], version["name"]
    text = f"{group}/{name} {kind} is deprecated"
    better = [
        v["name"]
        for v in spec["versions"]
        if v.get("served") and not v.get("deprecated") and preference(v["name"]) < preference(name)
    ]
    return f"{text}; use {group}/{min(better, key=preference)} {kind}" if better else text
