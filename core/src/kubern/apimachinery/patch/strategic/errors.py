"""What can be wrong with a strategic merge patch (upstream: apimachinery/pkg/util/mergepatch/errors.go)."""

from __future__ import annotations

from typing import Any

from kubern.apimachinery.errors import StatusError, bad_request
from kubern.apimachinery.patch.body import unprocessable
from kubern.util.goprint import print_value, type_of

BAD_PRIMITIVE_LIST = "invalid patch format of primitive list"
BAD_RETAIN_KEYS = "invalid patch format of retainKeys"
BAD_SET_ELEMENT_ORDER = "invalid patch format of setElementOrder list"
NO_LIST_OF_LISTS = "lists of lists are not supported"
_BAD_REQUESTS = frozenset({BAD_PRIMITIVE_LIST, BAD_RETAIN_KEYS, BAD_SET_ELEMENT_ORDER})


class StrategicPatchError(Exception):
    """The patch cannot be applied; the text is upstream's."""

    def status_error(self) -> StatusError:
        """The answer: 400 for a bad format, 422 for lists of lists, 500 with the plain text for the rest."""
        message = str(self)
        if message in _BAD_REQUESTS:
            return bad_request(message)
        if message == NO_LIST_OF_LISTS:
            return unprocessable()
        return StatusError(500, "", message)


def no_merge_key(item: dict[str, Any], merge_key: str) -> StrategicPatchError:
    return StrategicPatchError(f"map: {print_value(item)} does not contain declared merge key: {merge_key}")


def bad_arg_type(expected: type, actual: Any) -> StrategicPatchError:
    """`expected` is dict or list."""
    wanted = type_of(expected())
    given = "%!s(<nil>)" if actual is None else type_of(actual)
    return StrategicPatchError(f"expected a {wanted}, but received a {given}")


def bad_patch_type(directive: Any, patch: dict[str, Any]) -> StrategicPatchError:
    if isinstance(directive, str):
        shown = directive
    elif isinstance(directive, (dict, list)):
        shown = print_value(directive)
    else:
        value = "" if directive is None else f"{type_of(directive)}={print_value(directive)}"
        shown = f"%!s({value or '<nil>'})"
    return StrategicPatchError(f"unknown patch type: {shown} in map: {print_value(patch)}")
