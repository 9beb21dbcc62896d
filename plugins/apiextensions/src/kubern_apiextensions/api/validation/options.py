"""What validation insists on; an update keeps the sins of the stored definition (upstream: validationOptions).

Next: `crd.py`, which makes them.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from kubern.apimachinery.validation.equality import semantic_equal
from kubern_apiextensions.api import crd as crds
from kubern_apiextensions.api.crd import Object
from kubern_apiextensions.api.hub import HubSpec
from kubern_apiextensions.api.validation.conversion import ca_bundle_is_valid, names_recognized_version
from kubern_apiextensions.api.validation.default_values import has_unpruned_defaults
from kubern_apiextensions.api.validation.listkeys import map_list_problems, set_item_problem
from kubern_apiextensions.api.validation.structural import is_structural
from kubern_apiextensions.api.validation.walk import OPENAPI_TYPES, Schema, any_schema

MAX_SELECTABLE_FIELDS: Final = 8


@dataclasses.dataclass(frozen=True, slots=True)
class ValidationOptions:
    """The defaults are those of a create."""

    require_recognized_review_version: bool = True
    require_immutable_names: bool = False
    require_openapi_schema: bool = True
    require_valid_property_type: bool = True
    require_structural_schema: bool = True
    require_pruned_defaults: bool = True
    require_atomic_set_type: bool = True
    require_map_list_keys: bool = True
    allow_invalid_ca_bundle: bool = True
    unchanged_versions: frozenset[str] = frozenset()
    """Versions whose schemas an update leaves as they are: no limit on the cost of each single rule."""
    too_many_selectable_fields: frozenset[str] = frozenset()
    """Versions, "" for what they share, that keep more selectable fields than are allowed now."""


def options_for_update(new: HubSpec, old: HubSpec, old_crd: Object) -> ValidationOptions:
    """What the update of a stored definition must respect."""
    schemas = old.schemas()
    established = crds.is_condition_true(old_crd, crds.ESTABLISHED)
    return ValidationOptions(
        require_recognized_review_version=names_recognized_version(old.conversion),
        require_immutable_names=established,
        require_openapi_schema=_all_have_schemas(old),
        require_valid_property_type=not any(any_schema(s, _has_unknown_type) for s in schemas),
        require_structural_schema=all(map(is_structural, schemas)),
        require_pruned_defaults=not any(map(has_unpruned_defaults, schemas)),
        require_atomic_set_type=not any(any_schema(s, lambda n: set_item_problem(n) is not None) for s in schemas),
        require_map_list_keys=not any(any_schema(s, lambda n: bool(map_list_problems(n, None))) for s in schemas),
        allow_invalid_ca_bundle=not established or not ca_bundle_is_valid(old.conversion),
        unchanged_versions=_unchanged_versions(new, old),
        too_many_selectable_fields=_too_many_selectable_fields(new, old),
    )


def _has_unknown_type(schema: Schema) -> bool:
    return bool(schema.get("type")) and schema["type"] not in OPENAPI_TYPES


def _all_have_schemas(spec: HubSpec) -> bool:
    if spec.validation is not None and spec.validation.get("openAPIV3Schema") is not None:
        return True
    return all(v.schema is not None and v.schema.get("openAPIV3Schema") is not None for v in spec.versions)


def _unchanged_versions(new: HubSpec, old: HubSpec) -> frozenset[str]:
    names = {v.name for v in old.versions}
    return frozenset(v.name for v in new.versions if v.name in names and new.schema_of(v.name) == old.schema_of(v.name))


def _too_many_selectable_fields(new: HubSpec, old: HubSpec) -> frozenset[str]:
    before = {"": old.selectable_fields, **{v.name: v.selectable_fields for v in old.versions}}
    now = {"": new.selectable_fields, **{v.name: v.selectable_fields for v in new.versions}}
    return frozenset(
        name
        for name, fields in before.items()
        if len(fields) > MAX_SELECTABLE_FIELDS and semantic_equal(fields, now.get(name))
    )
