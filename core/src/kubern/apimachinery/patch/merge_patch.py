"""JSON merge patch (RFC 7386) as evanphx/json-patch v4 applies it. Next: `strategic/`."""

from __future__ import annotations

from typing import Any, NamedTuple

from kubern.apimachinery.errors import StatusError, bad_request
from kubern.apimachinery.patch.body import MAP_TYPE, cannot_unmarshal, decode_body, duplicate_errors

_INVALID = "Invalid JSON Patch"


class MergePatch(NamedTuple):
    """A parsed patch; `strict_errors` are complaints for fieldValidation Warn and Strict."""

    patch: Any
    strict_errors: list[str]


def parse_merge_patch(body: bytes, strict: bool = True) -> MergePatch:
    """The patch in `body`; `strict` is False for fieldValidation=Ignore. Raises StatusError 400."""
    if not strict:
        return MergePatch(_parse_lax(body), [])
    prefix = "error decoding patch: "
    patch = decode_body(body, prefix)
    if patch is None:
        raise bad_request(_INVALID)
    if not isinstance(patch, dict):
        raise cannot_unmarshal(patch, MAP_TYPE, prefix)
    return MergePatch(patch, duplicate_errors(body, patch))


def _parse_lax(body: bytes) -> Any:
    """Without strict decoding a list passes as well: it replaces the whole document."""
    try:
        patch = decode_body(body)
    except StatusError:
        raise bad_request(_INVALID) from None
    if not isinstance(patch, (dict, list)):
        raise bad_request(_INVALID)
    return patch


def apply_merge_patch(doc: Any, patch: MergePatch) -> Any:
    """`doc` with the patch merged in: null removes a key, objects merge, anything else replaces."""
    return merge(doc, patch.patch)


def merge(doc: Any, patch: Any) -> Any:
    """RFC 7386's MergePatch. Shares what did not change with `doc` and `patch`."""
    if not isinstance(doc, dict):
        return _without_nulls(patch)
    if not isinstance(patch, dict):
        return patch
    out = doc.copy()
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merge(out.get(key), value)
    return out


def _without_nulls(value: Any) -> Any:
    """`value` without null members, at any depth; null list items stay."""
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_without_nulls(v) for v in value]
    return value
