"""The internal form of a definition's spec, which validation and its error paths speak of.

Upstream keeps one schema, subresources and columns at the top when all versions have the same
(v1/conversion.go); that is why errors name `spec.validation.openAPIV3Schema`. Next: `validation/crd.py`.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from kubern.apimachinery.validation.equality import semantic_equal
from kubern_apiextensions.api.crd import Object
from kubern_apiextensions.api.schemaprops import schema_struct

Columns = list[Object]


@dataclasses.dataclass(slots=True)
class HubVersion:
    """A version; what all versions share is None or empty here and at the top instead."""

    name: str
    served: bool
    storage: bool
    deprecated: bool
    deprecation_warning: str | None
    schema: Object | None
    """{"openAPIV3Schema": ...} or {} or None."""
    subresources: Object | None
    columns: Columns
    selectable_fields: Columns


@dataclasses.dataclass(slots=True)
class HubSpec:
    """CustomResourceDefinitionSpec as upstream's internal type has it."""

    group: str
    version: str
    names: Object
    scope: str
    validation: Object | None
    subresources: Object | None
    columns: Columns
    selectable_fields: Columns
    versions: list[HubVersion]
    conversion: Object | None
    preserve_unknown_fields: bool

    def schemas(self) -> list[Object]:
        """All OpenAPI v3 schemas, the shared one first."""
        holders = [self.validation, *(v.schema for v in self.versions)]
        return [holder["openAPIV3Schema"] for holder in holders if holder and holder.get("openAPIV3Schema") is not None]

    def schema_of(self, name: str) -> Object | None:
        """The schema that applies to version `name`."""
        if self.validation is not None:
            return self.validation.get("openAPIV3Schema")
        version = next((v for v in self.versions if v.name == name), None)
        return None if version is None or version.schema is None else version.schema.get("openAPIV3Schema")


_SHARED: Final = (
    ("subresources", "subresources"),
    ("schema", "schema"),
    ("columns", "additionalPrinterColumns"),
    ("selectable_fields", "selectableFields"),
)


def to_hub(spec: Object) -> HubSpec:
    """The internal form of a defaulted v1 spec; parts are shared with it, nothing is changed."""
    versions: list[Object] = spec.get("versions") or []
    shared: dict[str, Any] = {}
    for name, field in _SHARED:
        first = versions[0].get(field) if versions else None
        if versions and all(semantic_equal(v.get(field), first) for v in versions):
            shared[name] = first
    return HubSpec(
        group=spec.get("group", ""),
        version=versions[0].get("name", "") if versions else "",
        names=spec.get("names") or {},
        scope=spec.get("scope", ""),
        validation=shared.get("schema"),
        subresources=shared.get("subresources"),
        columns=shared.get("columns") or [],
        selectable_fields=shared.get("selectable_fields") or [],
        versions=[_to_hub_version(v, shared) for v in versions],
        conversion=spec.get("conversion"),
        preserve_unknown_fields=bool(spec.get("preserveUnknownFields")),
    )


def _to_hub_version(version: Object, shared: dict[str, Any]) -> HubVersion:
    own = {name: None if name in shared else version.get(field) for name, field in _SHARED}
    return HubVersion(
        name=version.get("name", ""),
        served=bool(version.get("served")),
        storage=bool(version.get("storage")),
        deprecated=bool(version.get("deprecated")),
        deprecation_warning=version.get("deprecationWarning"),
        schema=own["schema"],
        subresources=own["subresources"],
        columns=own["columns"] or [],
        selectable_fields=own["selectable_fields"] or [],
    )


def versions_struct(versions: list[HubVersion]) -> list[Object]:
    """Versions as Go's JSON encoder prints the internal structs."""
    return [
        {
            "Name": v.name,
            "Served": v.served,
            "Storage": v.storage,
            "Deprecated": v.deprecated,
            "DeprecationWarning": v.deprecation_warning,
            "Schema": None if v.schema is None else {"OpenAPIV3Schema": schema_struct(v.schema.get("openAPIV3Schema"))},
            "Subresources": _subresources_struct(v.subresources),
            "AdditionalPrinterColumns": [_column_struct(c) for c in v.columns] or None,
            "SelectableFields": [{"JSONPath": s.get("jsonPath", "")} for s in v.selectable_fields] or None,
        }
        for v in versions
    ]


def _subresources_struct(subresources: Object | None) -> Object | None:
    if subresources is None:
        return None
    scale = subresources.get("scale")
    return {
        "Status": None if subresources.get("status") is None else {},
        "Scale": None
        if scale is None
        else {
            "SpecReplicasPath": scale.get("specReplicasPath", ""),
            "StatusReplicasPath": scale.get("statusReplicasPath", ""),
            "LabelSelectorPath": scale.get("labelSelectorPath"),
        },
    }


def _column_struct(column: Object) -> Object:
    return {
        "Name": column.get("name", ""),
        "Type": column.get("type", ""),
        "Format": column.get("format", ""),
        "Description": column.get("description", ""),
        "Priority": column.get("priority", 0),
        "JSONPath": column.get("jsonPath", ""),
    }
