"""The keys of a strategic merge patch that are instructions: `$patch`, `$retainKeys` and the `$...List/` prefixes."""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.patch.strategic.errors import BAD_RETAIN_KEYS, StrategicPatchError, bad_patch_type

PATCH = "$patch"
RETAIN_KEYS = "$retainKeys"
DELETE_FROM_PRIMITIVE_LIST = "$deleteFromPrimitiveList"
SET_ELEMENT_ORDER = "$setElementOrder"

REPLACE = "replace"
DELETE = "delete"
MERGE = "merge"

_GONE = object()


def handle_patch_directive(patch: dict[str, Any]) -> dict[str, Any]:
    """The outcome of a map patch with `$patch`: the patch itself (replace) or nothing (delete).

    Raises StrategicPatchError for any other directive.
    """
    directive = patch[PATCH]
    if directive == REPLACE:
        return {k: v for k, v in patch.items() if k != PATCH}
    if directive == DELETE:
        return {}
    raise bad_patch_type(directive, patch)


def apply_retain_keys(original: dict[str, Any], patch: dict[str, Any]) -> None:
    """Clear the keys of `original` that `$retainKeys` does not name; both are changed in place.

    Raises StrategicPatchError when the directive is no list or the patch sets a key that it does not name.
    """
    if RETAIN_KEYS not in patch:
        return
    retained = patch.pop(RETAIN_KEYS)
    if not isinstance(retained, list):
        raise StrategicPatchError(BAD_RETAIN_KEYS)
    names = {name for name in retained if isinstance(name, str)}
    for key, value in patch.items():
        if value is None or key.startswith((DELETE_FROM_PRIMITIVE_LIST, SET_ELEMENT_ORDER)):
            continue
        if key not in names:
            raise StrategicPatchError(BAD_RETAIN_KEYS)
    for key in [key for key in original if key not in names]:
        del original[key]


def directed_key(key: str, prefix: str, error: str) -> str:
    """The field that a `prefix/field` key is about. Raises StrategicPatchError saying `error`."""
    start, slash, name = key.partition("/")
    if not slash or start != prefix:
        raise StrategicPatchError(error)
    return name


def plain_value(value: Any) -> Any:
    """What a patch value means where there was nothing to merge with, None when it is a directive itself.

    Null members and everything with a `$patch` directive are dropped, at any depth; null list items stay.
    """
    plain = _plain(value)
    return None if plain is _GONE else plain


def without_directives(items: list[Any]) -> list[Any]:
    """List items without those that carry `$patch`; nulls stay."""
    return [kept for item in items if (kept := _strip(item, keep_nulls=True)) is not _GONE]


def _plain(value: Any) -> Any:
    return _strip(value, keep_nulls=False)


def _strip(value: Any, keep_nulls: bool) -> Any:
    if isinstance(value, dict):
        if PATCH in value:
            return _GONE
        out = {}
        for key, member in value.items():
            if member is None and not keep_nulls:
                continue
            kept = _strip(member, keep_nulls)
            if kept is not _GONE:
                out[key] = kept
        return out
    if isinstance(value, list):
        return [kept for item in value if (kept := _strip(item, keep_nulls)) is not _GONE]
    return value
