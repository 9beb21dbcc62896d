"""From a CustomResourceDefinition to ResourceDefinitions: one for discovery, one per version for requests.

Upstream: getOrCreateServingInfoFor. Next: `store.py`, `strategy.py`, `../handlers/served.py`, which asks for them.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery.resource import ResourceDefinition, ScaleSpec, StoreHooks, Subresource, VersionDefinition
from kubern.registry.strategy import Strategy
from kubern_apiextensions.api.summary import ScalePaths, Summary, VersionSummary

if TYPE_CHECKING:
    from kubern_apiextensions.registry.version import CustomResourceVersion

Object = dict[str, Any]
VERBS: Final = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
"""In the order of discovery."""
TERMINATING_VERBS: Final = ("delete", "deletecollection", "get", "list", "watch")


def storage_prefix(group: str, plural: str) -> str:
    return f"{group}/{plural}"


def stored_resource(summary: Summary) -> ResourceDefinition:
    """What the watch cache of a resource needs to know of it."""
    plural = summary.names.plural
    return ResourceDefinition(
        group=summary.group,
        resource=plural,
        kind=summary.names.kind,
        versions=(),
        strategy=Strategy(),
        namespaced=summary.namespaced,
        storage_prefix=storage_prefix(summary.group, plural),
    )


def discovered_resource(summary: Summary, schema: Callable[[str], Any]) -> ResourceDefinition:
    """The resource as discovery and OpenAPI show it; `schema` gives a version's schema by its name."""
    names = summary.accepted
    versions = tuple(
        VersionDefinition(
            v.name,
            schema=functools.partial(schema, v.name),
            selectable_fields=_field_names(v),
            fingerprint=v.shape.hex(),
            served=v.served,
        )
        for v in summary.versions
    )
    return ResourceDefinition(
        group=summary.group,
        resource=names.plural,
        kind=names.kind,
        versions=versions,
        strategy=Strategy(),
        namespaced=summary.namespaced,
        singular=names.singular,
        short_names=names.short_names,
        categories=names.categories,
        verbs=TERMINATING_VERBS if summary.is_terminating else VERBS,
        subresources=tuple(_discovered_subresources(summary)),
        storage_version=summary.storage.name,
        list_kind=names.list_kind,
        typed_items=True,
    )


def _discovered_subresources(summary: Summary) -> list[Subresource]:
    status = tuple(v.name for v in summary.versions if v.status)
    scale = tuple(v.name for v in summary.versions if v.scale is not None)
    found = []
    if status:
        found.append(Subresource("status", strategy=Strategy(), versions=status))
    if scale:
        found.append(Subresource("scale", scale=ScaleSpec(), versions=scale))
    return found


def requested_resource(
    summary: Summary, versions: Mapping[str, CustomResourceVersion], name: str, hooks: StoreHooks
) -> ResourceDefinition:
    """The resource as the store of the version `name` sees it: that version is the one objects are stored in."""
    from kubern_apiextensions.registry.strategy import CustomResourceStatusStrategy, CustomResourceStrategy
    from kubern_apiextensions.registry.validation import ResourceRules

    version, custom = summary.version(name), versions[f"{summary.group}/{name}"]
    assert version is not None
    rules = ResourceRules(custom, summary.namespaced, version.scale)
    subresources = []
    if version.status:
        subresources.append(Subresource("status", strategy=CustomResourceStatusStrategy(rules)))
    if version.scale is not None:
        subresources.append(Subresource("scale", scale=_scale(summary, version.scale)))
    accepted = summary.accepted
    return ResourceDefinition(
        group=summary.group,
        resource=accepted.plural,
        kind=accepted.kind,
        versions=tuple(_version(v, versions[f"{summary.group}/{v.name}"]) for v in summary.versions),
        strategy=CustomResourceStrategy(rules, version.status),
        namespaced=summary.namespaced,
        singular=accepted.singular,
        short_names=accepted.short_names,
        categories=accepted.categories,
        verbs=VERBS,
        subresources=tuple(subresources),
        storage_version=name,
        list_kind=accepted.list_kind,
        selectable_fields=_field_names(version),
        typed_items=True,
        hooks=hooks,
    )


def _version(summary: VersionSummary, custom: CustomResourceVersion) -> VersionDefinition:
    return VersionDefinition(summary.name, schema=custom.schema_node, served=summary.served)


def requested_version(summary: VersionSummary, custom: CustomResourceVersion) -> VersionDefinition:
    """The version of an endpoint, with all that requests need of it."""
    from kubern_apiextensions.registry.codec import CustomResourceCodec

    return dataclasses.replace(
        _version(summary, custom),
        columns=custom.columns,
        cells=custom.cells,
        codec=lambda: CustomResourceCodec(custom),
        deprecation_warning=summary.warning,
    )


def _scale(summary: Summary, paths: ScalePaths) -> ScaleSpec:
    from kubern_apiextensions.registry.scale import CustomResourceScale
    from kubern_apiextensions.registry.validation import nested

    def selector(obj: Object) -> str:
        return (nested(obj, paths.label_selector, str) or "") if paths.label_selector else ""

    by_version = {f"{summary.group}/{v.name}": v.scale for v in summary.versions}
    return ScaleSpec(
        paths.spec_replicas.removeprefix("."),
        paths.status_replicas.removeprefix("."),
        selector,
        functools.partial(CustomResourceScale, paths=paths, paths_by_version=by_version),
    )


def _field_names(version: VersionSummary) -> tuple[str, ...]:
    return tuple(path.removeprefix(".") for path in version.selectable)


def selectable_fields(version: VersionSummary) -> Callable[[Object], Mapping[str, str]] | None:
    """A function that gives an object's selectable fields, None when there are none."""
    if not version.selectable:
        return None
    from kubern.util.jsonpath import compile_path

    finders = [(path.removeprefix("."), compile_path(path)) for path in version.selectable]

    def fields(obj: Object) -> dict[str, str]:
        out = {}
        for name, find in finders:
            found = find(obj)
            out[name] = _text(found[0] if found else None)
        return out

    return fields


def _text(value: Any) -> str:
    """A scalar as Go prints it."""
    from kubern.util.gofloat import format_value

    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format_value(value) if isinstance(value, float) else str(value)
