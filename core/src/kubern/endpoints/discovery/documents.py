"""Discovery documents built from the declarations of groups and resources. Pure: no server, no cache.

Upstream: endpoints/installer.go, discovery/legacy.go and discovery/aggregated. Next: `cache.py`.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kubern.apimachinery.resource import APIGroupInfo, ResourceDefinition, Subresource

Object = dict[str, Any]
AGGREGATED_VERSION: Final = "apidiscovery.k8s.io/v2"


@dataclasses.dataclass(frozen=True, slots=True)
class VersionDocument:
    """One version of a group: `resources` as in APIResourceList, `discovery` as in APIGroupDiscovery."""

    version: str
    resources: list[Object]
    discovery: list[Object]
    freshness: str = "Current"


@dataclasses.dataclass(frozen=True, slots=True)
class GroupDocument:
    """A group as discovery shows it: its versions in order of preference.

    `fixed` tells groups whose versions never change (built-in ones) from groups that come and go: of the first
    the server knows that a version does not exist, of the others it knows nothing.
    """

    group: str
    versions: tuple[VersionDocument, ...]
    priority: int = 1000
    fixed: bool = True

    def version(self, name: str) -> VersionDocument | None:
        return next((v for v in self.versions if v.version == name), None)


def group_document(infos: Iterable[APIGroupInfo]) -> GroupDocument:
    """The document of one group; several declarations of it (by different members) are joined in order."""
    parts = list(infos)
    by_version: dict[str, list[ResourceDefinition]] = {}
    for info in parts:
        for version in info.versions:
            resources = [r for r in info.resources if _serves(r, version)]
            by_version.setdefault(version, []).extend(resources)
    group = parts[0].group
    fixed = not any(r.typed_items for info in parts for r in info.resources)
    return GroupDocument(
        group,
        tuple(version_document(group, version, resources) for version, resources in by_version.items()),
        max(info.group_priority_minimum for info in parts),
        fixed,
    )


def _serves(definition: ResourceDefinition, version: str) -> bool:
    found = definition.version(version)
    return found is not None and found.served


def version_document(group: str, version: str, resources: Iterable[ResourceDefinition]) -> VersionDocument:
    """The document of one version: resources by name."""
    ordered = sorted(resources, key=lambda r: r.resource)
    return VersionDocument(
        version,
        [entry for r in ordered for entry in _api_resources(group, version, r)],
        [_discovered(group, version, r) for r in ordered],
    )


def storage_version_hash(group: str, version: str, kind: str) -> str:
    """What says "stored as another version now" to clients: eight bytes of the SHA-256 of `group/version/kind`."""
    digest = hashlib.sha256(f"{group}/{version}/{kind}".encode()).digest()
    return base64.b64encode(digest[:8]).decode()


def _subresources(definition: ResourceDefinition, version: str) -> Iterator[Subresource]:
    """A version's subresources: by name, custom resources' as declared."""
    found = [s for s in definition.subresources if not s.versions or version in s.versions]
    yield from found if definition.typed_items else sorted(found, key=lambda s: s.name)


def _subresource_kind(
    group: str, version: str, definition: ResourceDefinition, sub: Subresource
) -> tuple[str, str, str]:
    """(group, version, kind) of a subresource's body; group and version are "" when they are the parent's."""
    if sub.scale is not None:
        return "autoscaling", "v1", "Scale"
    if not sub.kind:
        return "", "", definition.kind
    own = (sub.group, sub.version or version)
    return ("", "", sub.kind) if own == (group, version) else (*own, sub.kind)


def _api_resources(group: str, version: str, definition: ResourceDefinition) -> Iterator[Object]:
    """The APIResource of a resource, then those of its subresources."""
    out: Object = {
        "name": definition.resource,
        "singularName": _singular(definition),
        "namespaced": definition.namespaced,
        "kind": definition.kind,
        "verbs": list(definition.verbs),
    }
    if definition.short_names:
        out["shortNames"] = list(definition.short_names)
    if definition.categories:
        out["categories"] = list(definition.categories)
    stored = definition.factory is None and "create" in definition.verbs and "get" in definition.verbs
    if stored or definition.typed_items:
        out["storageVersionHash"] = storage_version_hash(group, definition.hub_version, definition.kind)
    yield out
    for sub in _subresources(definition, version):
        yield _api_subresource(group, version, definition, sub)


def _api_subresource(group: str, version: str, definition: ResourceDefinition, sub: Subresource) -> Object:
    own_group, own_version, kind = _subresource_kind(group, version, definition, sub)
    out: Object = {
        "name": f"{definition.resource}/{sub.name}",
        "singularName": "",
        "namespaced": definition.namespaced,
    }
    if own_group:
        out["group"] = own_group
    if own_version:
        out["version"] = own_version
    out["kind"] = kind
    out["verbs"] = list(sub.verbs)
    return out


def _singular(definition: ResourceDefinition) -> str:
    return definition.singular or definition.kind.lower()


def _discovered(group: str, version: str, definition: ResourceDefinition) -> Object:
    """An APIResourceDiscovery. Custom resources name their own group and version, built-in ones leave them empty."""
    own = (group, version) if definition.typed_items else ("", "")
    out: Object = {
        "resource": definition.resource,
        "responseKind": _response_kind(*own, definition.kind),
        "scope": "Namespaced" if definition.namespaced else "Cluster",
        "singularResource": _singular(definition),
        "verbs": list(definition.verbs),
    }
    if definition.short_names:
        out["shortNames"] = list(definition.short_names)
    if definition.categories:
        out["categories"] = list(definition.categories)
    subresources = []
    for sub in _subresources(definition, version):
        sub_group, sub_version, kind = _subresource_kind(group, version, definition, sub)
        response = _response_kind(sub_group or own[0], sub_version or own[1], kind)
        subresources.append({"subresource": sub.name, "responseKind": response, "verbs": list(sub.verbs)})
    if subresources:
        out["subresources"] = subresources
    return out


def _response_kind(group: str, version: str, kind: str) -> Object:
    return {"group": group, "version": version, "kind": kind}


# -- whole documents


def api_versions(versions: Iterable[str], server_address: str) -> Object:
    """The answer to /api: the core group's versions and where the server is reached."""
    return {
        "kind": "APIVersions",
        "versions": list(versions),
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": server_address}],
    }


def api_group(document: GroupDocument) -> Object:
    """An APIGroup as it appears in the list, without kind and apiVersion."""
    versions = [{"groupVersion": f"{document.group}/{v.version}", "version": v.version} for v in document.versions]
    return {"name": document.group, "versions": versions, "preferredVersion": versions[0]}


def api_group_list(documents: Iterable[GroupDocument]) -> Object:
    """The answer to /apis."""
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [api_group(d) for d in documents]}


def single_api_group(document: GroupDocument) -> Object:
    """The answer to /apis/GROUP."""
    return {"kind": "APIGroup", "apiVersion": "v1", **api_group(document)}


def api_resource_list(group: str, document: VersionDocument) -> Object:
    """The answer to /apis/GROUP/VERSION; the core group's has no apiVersion, as in upstream's oldest form."""
    head: Object = {"kind": "APIResourceList"}
    if group:
        head["apiVersion"] = "v1"
    group_version = f"{group}/{document.version}" if group else document.version
    return {**head, "groupVersion": group_version, "resources": document.resources}


def aggregated_list(documents: Iterable[GroupDocument]) -> Object:
    """An APIGroupDiscoveryList."""
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": AGGREGATED_VERSION,
        "metadata": {},
        "items": [_aggregated(d) for d in documents],
    }


def _aggregated(document: GroupDocument) -> Object:
    versions = []
    for version in document.versions:
        out: Object = {"version": version.version}
        if version.discovery:
            out["resources"] = version.discovery
        versions.append({**out, "freshness": version.freshness})
    return {"metadata": {"name": document.group} if document.group else {}, "versions": versions}


def by_registration(documents: Iterable[GroupDocument]) -> list[GroupDocument]:
    """Groups in the order of the plain list: priority falling, then the name of a group's first APIService."""

    def first_name(document: GroupDocument) -> str:
        return min(f"{v.version}.{document.group}" for v in document.versions)

    return sorted(documents, key=lambda d: (-d.priority, first_name(d)))


def by_priority(documents: Iterable[GroupDocument]) -> list[GroupDocument]:
    """Groups in the order of discovery: priority falling, then name."""
    return sorted(documents, key=lambda d: (-d.priority, d.group))
