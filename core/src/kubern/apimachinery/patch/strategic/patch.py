"""The door of strategic merge patch: read a body, apply it to an object of a kind with a schema."""

from __future__ import annotations

from typing import Any, NamedTuple

from kubern.apimachinery.patch.body import MAP_TYPE, cannot_unmarshal, decode_body, duplicate_errors
from kubern.apimachinery.patch.strategic.errors import StrategicPatchError
from kubern.apimachinery.patch.strategic.merge import merge_map
from kubern.apimachinery.schema.model import Schema


class StrategicPatch(NamedTuple):
    """A parsed patch; `strict_errors` are complaints for fieldValidation Warn and Strict."""

    patch: dict[str, Any]
    strict_errors: list[str]


def parse_strategic_patch(body: bytes, strict: bool = True) -> StrategicPatch:
    """The patch in `body`; `strict` is False for fieldValidation=Ignore. Raises StatusError 400."""
    patch = decode_body(body)
    if patch is None:
        return StrategicPatch({}, [])
    if not isinstance(patch, dict):
        raise cannot_unmarshal(patch, MAP_TYPE)
    return StrategicPatch(patch, duplicate_errors(body, patch) if strict else [])


def apply_strategic_patch(obj: dict[str, Any], patch: StrategicPatch, schema: Schema | None) -> dict[str, Any]:
    """`obj` (of the kind that `schema` describes) with the patch merged in; neither is changed.

    Raises StatusError: 400 for malformed directives, 422 for lists of lists, 500 with upstream's text for what
    does not fit the kind.
    """
    try:
        return merge_map(obj, patch.patch, schema)
    except StrategicPatchError as error:
        raise error.status_error() from None
