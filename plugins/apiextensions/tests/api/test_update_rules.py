"""What an update of a definition may keep that a new definition may not have."""

from __future__ import annotations

import copy
from typing import Any

from kubern_apiextensions.api.defaults import set_defaults
from kubern_apiextensions.api.validation.crd import validate_crd, validate_crd_update
from kubern_apiextensions.api.validation.formats import format_warnings


def definition(*versions: dict[str, Any]) -> dict[str, Any]:
    """A defaulted, stored definition of Widgets."""
    crd = {
        "metadata": {"name": "widgets.example.com", "resourceVersion": "1", "uid": "u", "creationTimestamp": "t"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget"},
            "versions": list(versions),
        },
    }
    set_defaults(crd)
    return crd


def version(name: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A version with the given properties of spec."""
    spec = {"type": "object", "properties": properties}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    return {"name": name, "served": True, "storage": name == "v1", "schema": schema, **more}


def many_fields(count: int) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """So many string properties, and a selectable field for each."""
    names = [f"f{i}" for i in range(count)]
    return {n: {"type": "string"} for n in names}, [{"jsonPath": f".spec.{n}"} for n in names]


def texts(errors: list[Any]) -> list[str]:
    return [str(error) for error in errors]


def test_too_many_selectable_fields_are_kept_but_not_made() -> None:
    """More than eight selectable fields are refused, unless the stored definition has the very same ones."""
    properties, fields = many_fields(9)
    crd = definition(version("v1", properties, selectableFields=fields))
    assert texts(validate_crd(crd)) == ["spec.selectableFields: Too many: 9: must have at most 8 items"]
    new = copy.deepcopy(crd)
    new["spec"]["versions"][0]["deprecated"] = True
    assert validate_crd_update(new, crd) == []
    new["spec"]["versions"][0]["selectableFields"].reverse()
    assert texts(validate_crd_update(new, crd)) == ["spec.selectableFields: Too many: 9: must have at most 8 items"]


def test_too_many_selectable_fields_of_one_version() -> None:
    """The exception is made version by version."""
    properties, fields = many_fields(9)
    other = {**properties, "more": {"type": "string"}}
    crd = definition(
        version("v1", properties, selectableFields=fields), version("v2", other, selectableFields=fields[:2])
    )
    new = copy.deepcopy(crd)
    assert validate_crd_update(new, crd) == []
    new["spec"]["versions"][1]["selectableFields"] = fields
    new["spec"]["versions"][0]["selectableFields"] = fields[:1]
    assert texts(validate_crd_update(new, crd)) == [
        "spec.versions[1].selectableFields: Too many: 9: must have at most 8 items"
    ]


def test_dependencies_are_looked_into() -> None:
    """What is wrong below an unsupported keyword is reported beside it."""
    crd = definition(version("v1", {"a": {"type": "object", "dependencies": {"b": {"uniqueItems": True}}}}))
    place = "spec.validation.openAPIV3Schema.properties[spec].properties[a].dependencies"
    assert texts(validate_crd(crd)) == [
        f"{place}: Forbidden: dependencies is not supported",
        f"{place}[b].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes "
        "quadratic",
    ]


def test_unknown_formats_of_strings_are_warned_of() -> None:
    """A format that is not checked is warned of once, unless it belongs to a number."""
    crd = definition(
        version(
            "v1",
            {
                "a": {"type": "string", "format": "semver"},
                "b": {"type": "array", "items": {"type": "string", "format": "semver"}},
                "c": {"type": "integer", "format": "int32"},
                "d": {"type": "string", "format": "date-time"},
                "e": {"type": "string", "format": "k8s-short-name"},
            },
        )
    )
    assert format_warnings(crd) == ['unrecognized format "semver"']
