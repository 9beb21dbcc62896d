"""Whole OpenAPI documents, one part at a time: a part is a group-version, a group, or a path of its own.

Next: `service.py`, which keeps them.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import orjson

from kubern.endpoints.discovery.documents import version_document
from kubern.endpoints.openapi import general, v2, v3
from kubern.endpoints.openapi.operations import Operation, ResourceOperations
from kubern.endpoints.openapi.schemas import Components, Describe, with_versions
from kubern.endpoints.openapi.versions import all_versions, custom_versions

if TYPE_CHECKING:
    from kubern.apimachinery.resource import APIGroupInfo, ResourceDefinition

Object = dict[str, Any]
_SECURITY: Final = {
    "BearerToken": {
        "description": "Bearer Token authentication",
        "type": "apiKey",
        "name": "authorization",
        "in": "header",
    }
}
_CUSTOM_INFO: Final = {"title": "Kubernetes CRD Swagger", "version": "v0.1.0"}


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """What one OpenAPI v3 document describes: `path` is where it is found below /openapi/v3."""

    path: str
    group: str = ""
    version: str = ""
    resources: tuple[ResourceDefinition, ...] = ()
    general: tuple[Operation, ...] = ()

    @property
    def custom(self) -> bool:
        """Custom resources' documents look a little different."""
        return bool(self.resources) and all(r.typed_items for r in self.resources)

    def operations(self) -> list[Operation]:
        own = [op for r in self.resources for op in ResourceOperations(r, self.version).all()]
        return [*self.general, *own]

    def components(self) -> Components:
        return Components((r, self.version) for r in self.resources)

    def fingerprint(self, server_version: str) -> str:
        """Changes whenever the document may change; found without making the document.

        # Differs from kube-apiserver: it hashes the document. Clients only compare the value.
        """
        digest = hashlib.sha512(f"{server_version} {self.path}".encode())
        if self.version:
            digest.update(orjson.dumps(version_document(self.group, self.version, self.resources).resources))
        for resource in self.resources:
            found = resource.version(self.version)
            if found is not None and found.fingerprint:
                digest.update(found.fingerprint.encode())
                digest.update(" ".join(found.selectable_fields).encode())
        return digest.hexdigest().upper()


def parts_of(groups: Iterable[APIGroupInfo], issuer_paths: Iterable[str] = ()) -> dict[str, Part]:
    """All parts by path, in the order of the index."""
    listed = list(groups)
    parts = [Part("apis", general=(general.api_groups(),)), Part("version", general=(general.server_version(),))]
    for path in issuer_paths:
        parts.append(Part(path[1:], general=(general.ISSUER_PATHS[path](),)))
    by_version: dict[tuple[str, str], list[ResourceDefinition]] = {}
    for info in listed:
        fixed = not any(r.typed_items for r in info.resources)
        if fixed and info.group:
            parts.append(Part(f"apis/{info.group}", info.group, general=(general.api_group(info.group),)))
        elif not info.group:
            parts.append(Part("api", general=(general.api_versions(),)))
        for version in info.versions:
            served = [r for r in info.resources if _serves(r, version)]
            by_version.setdefault((info.group, version), []).extend(served)
    for (group, version), resources in by_version.items():
        parts.append(_version_part(group, version, tuple(resources)))
    return {part.path: part for part in sorted(parts, key=lambda p: p.path)}


def _serves(resource: ResourceDefinition, version: str) -> bool:
    found = resource.version(version)
    return found is not None and found.served


def _version_part(group: str, version: str, resources: tuple[ResourceDefinition, ...]) -> Part:
    path = f"apis/{group}/{version}" if group else f"api/{version}"
    part = Part(path, group, version, resources)
    return part if part.custom else dataclasses.replace(part, general=(general.api_resources(group, version),))


def v3_document(part: Part, server_version: str, describe: Describe | None = None) -> bytes:
    """One part as an OpenAPI v3 document."""
    operations = part.operations()
    definitions = part.components().closure(operations)
    own = [("", "v1"), (part.group, part.version)] if part.group else [("", "v1")]
    definitions = with_versions(definitions, custom_versions() if part.custom else own)
    if describe is not None:
        definitions = {name: describe(name, raw) for name, raw in definitions.items()}
    components: Object = {}
    if definitions:
        components["schemas"] = definitions
    if not part.custom:
        components["securitySchemes"] = _SECURITY
    document = {
        "openapi": "3.0.0",
        "info": _CUSTOM_INFO if part.custom else {"title": "Kubernetes", "version": server_version},
        "paths": v3.paths(operations),
        "components": components,
    }
    return orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)


@dataclasses.dataclass(frozen=True, slots=True)
class Fragment:
    """One part in OpenAPI v2: the members of `paths` as JSON without braces, and each definition as JSON."""

    paths: bytes
    definitions: dict[str, bytes]


def v2_fragment(part: Part, describe: Describe | None = None) -> Fragment:
    """One part's contribution to the OpenAPI v2 document."""
    operations = part.operations()
    definitions = with_versions(part.components().closure(operations), all_versions())
    if describe is not None:
        definitions = {name: describe(name, raw) for name, raw in definitions.items()}
    written = {name: orjson.dumps(v2.definition(raw)) for name, raw in definitions.items()}
    return Fragment(orjson.dumps(v2.paths(operations))[1:-1], written)


def v2_document(fragments: Iterable[Fragment], server_version: str) -> bytes:
    """All parts as one OpenAPI v2 document."""
    paths: list[bytes] = []
    definitions: dict[str, bytes] = {}
    for fragment in fragments:
        if fragment.paths:
            paths.append(fragment.paths)
        definitions.update(fragment.definitions)
    listed = (orjson.dumps(name) + b":" + definitions[name] for name in sorted(definitions))
    head = orjson.dumps({"swagger": "2.0", "info": {"title": "Kubernetes", "version": server_version}})
    tail = orjson.dumps(
        {"parameters": v2.shared_parameters(), "securityDefinitions": _SECURITY, "security": [{"BearerToken": []}]}
    )
    middle = b',"paths":{' + b",".join(paths) + b'},"definitions":{' + b",".join(listed) + b"},"
    return head[:-1] + middle + tail[1:]
